/* A world runs: acts in their order, a look at the engine every few minutes, and the judgement. */
#include <malloc.h>
#include <stdarg.h>
#include <string.h>

#include "world.h"

/* How often somebody looks. */
#define LOOK (5 * MINUTE)
/* Beyond the names of the plan: what acts may add, and the secrets of rotations. */
#define ROOM 1200

static const struct {
        char letter;
        const char *text;
        bool met;
} laws[] = {
#define X(letter, name, text, met) { #letter[0], text, met },
        LAWS(X)
#undef X
};

const char *law_text(enum law law)
{
        static char text[128];

        snprintf(text, sizeof(text), "%c: %s", laws[law].letter, laws[law].text);
        return text;
}

bool law_is_met(enum law law)
{
        const char *which = getenv("KEYVIGIL_LAWS");

        return laws[law].met || (which && strcmp(which, "all") == 0);
}

const char *feature_text(enum feature feature)
{
        static const char *const texts[] = {
#define X(name, text) text,
                ACTS(X) SILENCES(X) ODDITIES(X)
#undef X
        };

        return texts[feature];
}

void breach(struct world *world, enum law law, const char *format, ...)
{
        va_list args;

        if (world->breach.law >= 0 || !law_is_met(law))
                return;
        world->breach.law = (int) law;
        world->breach.at = world->sim->now;
        va_start(args, format);
        vsnprintf(world->breach.text, sizeof(world->breach.text), format, args);
        va_end(args);
}

static usec_t longest_pulse(const struct sim *sim)
{
        usec_t longest = 0;

        for (size_t i = 0; i < sim->conf->profiles->n; i++) {
                usec_t pulse = sim->conf->profiles->list[i]->pulse;

                longest = MAX(longest, pulse ? pulse : sim->conf->settings.checks.pulse);
        }
        return longest;
}

struct world *world_new(const struct plan *plan)
{
        struct world *world = calloc(1, sizeof(*world));
        struct sim_options options = {
                .seed = plan->seed,
                .spares = plan->keys + ROOM,
                .pulse = plan->pulse,
        };

        world->plan = plan;
        world->breach.law = -1;
        world->room = options.spares;
        world->subjects = calloc(world->room, sizeof(*world->subjects));
        world->sim = sim_new(&options);
        world->sim->userdata = world;
        world->sim->fault = world_fault;
        world->longest_pulse = longest_pulse(world->sim);
        world->began = world->ends = USEC_INFINITY / 2; /* no act goes on yet */
        for (size_t i = 0; i < plan->keys; i++)
                world->seen[FEATURE_ODD_NONE + plan_oddity(plan, plan_account(plan, i))]++;
        return world;
}

/* The next thing that was put off, or NULL; it is taken from the list. */
static bool take_todo(struct world *world, usec_t until, struct todo *ret)
{
        size_t first = 0;

        for (size_t i = 1; i < world->n_todo; i++)
                if (world->todo[i].at < world->todo[first].at)
                        first = i;
        if (world->n_todo == 0 || world->todo[first].at > until)
                return false;
        *ret = world->todo[first];
        world->todo[first] = world->todo[--world->n_todo];
        return true;
}

static void run_until(struct world *world, usec_t until)
{
        struct todo todo;

        while (world->breach.law < 0) {
                usec_t look = world->sim->now - world->sim->now % LOOK + LOOK;
                usec_t next = MIN(look, until);

                if (take_todo(world, next, &todo)) {
                        if (todo.at > world->sim->now)
                                sim_run_until(world->sim, todo.at);
                        act_end(world, &todo);
                        continue;
                }
                if (next > world->sim->now)
                        sim_run_until(world->sim, next);
                if (next == look)
                        world_watch(world);
                if (world->sim->now >= until)
                        return;
        }
}

bool world_run(struct world *world)
{
        const struct plan *plan = world->plan;

        world_settle(world);
        world->began = world->round_since = world->sim->now;
        world->ends = world->began + plan->length;
        for (size_t i = 0; i < plan->n_acts && world->breach.law < 0; i++) {
                run_until(world, MAX(world->sim->now, world->began + plan->acts[i].at));
                if (world->breach.law < 0)
                        act_perform(world, &plan->acts[i]);
        }
        run_until(world, world->ends);
        if (world->breach.law < 0)
                laws_judge(world);
        if (world->breach.law < 0)
                record_judge(world);
        return world->breach.law < 0;
}

static void spans_free(struct spans *spans)
{
        free(spans->list);
}

struct world *world_free(struct world *world)
{
        for (size_t i = 0; i < world->n_subjects; i++) {
                struct subject *s = &world->subjects[i];
                struct spans *all[] = { &s->dead,          &s->blocked, &s->refused, &s->missing,
                                        &s->missing_write, &s->wrong,   &s->paused,  &s->gone };

                for (size_t k = 0; k < ELEMENTSOF(all); k++)
                        spans_free(all[k]);
        }
        spans_free(&world->down);
        spans_free(&world->unjournalled);
        sim_free(world->sim);
        people_free(world);
        free(world->todo);
        free(world->subjects);
        free(world);
        return NULL;
}
