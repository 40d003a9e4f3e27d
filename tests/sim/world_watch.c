/* What is looked at while a world runs: silences that outlive their bounds, and the heartbeat. */
#include <malloc.h>
#include <string.h>

#include "world.h"

/* The longest doubt: confirmation, then what gives no judged answer for an hour; or three holds. And two
 * looks of those who watch. */
#define DOUBT_MAX (HOUR + 42 * MINUTE)
/* An outage whose cause is gone: no further key is troubled for ten minutes, then one judged answer. */
#define OUTAGE_MAX (20 * MINUTE)

#define ROUND_COMPLETED "97853fbdea9346ada2c6e9a9c428e0f8"

static void watch_doubts(struct world *world)
{
        size_t n;
        const struct key *const *keys = engine_keys(world->sim->engine, &n);

        for (size_t k = 0; k < n; k++) {
                long i = subject_named(world, keys[k]->name);
                struct subject *s = &world->subjects[i];

                if (keys[k]->belief.life == LIFE_DEAD)
                        world->seen[SILENCE_DEAD]++;
                if (!key_is_suspect(keys[k])) {
                        s->doubted = 0;
                        continue;
                }
                world->seen[keys[k]->belief.life == LIFE_HELD ? SILENCE_HOLD : SILENCE_CONFIRMATION]++;
                if (s->doubted != (usec_t) keys[k]->suspect_since) {
                        s->doubted = (usec_t) keys[k]->suspect_since;
                        s->doubt_began = world->sim->now;
                }
                if (world->sim->now - s->doubt_began > DOUBT_MAX &&
                    !spans_touch(&world->down, s->doubt_began, world->sim->now))
                        breach(world, LAW_DOUBT, "merchant-%ld has been in doubt for %llu minutes", i,
                               (unsigned long long) ((world->sim->now - s->doubt_began) / MINUTE));
        }
}

/* Does anything go on, or did until just now, that may rightly be called an outage? */
static bool is_troubled(const struct world *world)
{
        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];
                bool outage = act->kind == ACT_OUTAGE || act->kind == ACT_OUTAGE_SOME ||
                              act->kind == ACT_PAGE || act->kind == ACT_SILENCE;
                usec_t from = world->began + act->at;

                if (outage && from <= world->sim->now && world->sim->now < from + act->span + OUTAGE_MAX)
                        return true;
        }
        return false;
}

static void watch_outage(struct world *world, const struct engine_status *status)
{
        if (status->outage)
                world->seen[SILENCE_OUTAGE]++;
        if (status->outage && !is_troubled(world))
                breach(world, LAW_OUTAGE, "an outage is open, and nothing is wrong with Stripe or the way");
}

/* Is there a key that has its turn at its own pulse? What is believed dead, rightly or not, is asked slowly.
 */
static bool is_anybody_watched(const struct world *world)
{
        int64_t wall = world->sim->clock.wall(&world->sim->clock);
        size_t n;
        const struct key *const *keys = engine_keys(world->sim->engine, &n);

        for (size_t i = 0; i < n; i++)
                if (keys[i]->belief.life != LIFE_DEAD && keys[i]->paused_until <= wall)
                        return true;
        return false;
}

/* What keyvigil-watch.timer would write watch-silent about. */
static void watch_rounds(struct world *world)
{
        const struct sim *sim = world->sim;

        if (sim->journal_down || !is_anybody_watched(world))
                world->round_since = sim->now;
        for (; world->entries_seen < sim->n_entries; world->entries_seen++)
                if (strcmp(sim->entries[world->entries_seen].message_id, ROUND_COMPLETED) == 0)
                        world->round_since = MAX(world->round_since, sim->entries[world->entries_seen].at);
        if (sim->now - world->round_since > 3 * world->longest_pulse + 2 * MINUTE)
                breach(world, LAW_ROUND, "no round was completed for %llu minutes",
                       (unsigned long long) ((sim->now - world->round_since) / MINUTE));
}

static void watch_memory(struct world *world)
{
        size_t ours = world->sim->entries_room * sizeof(*world->sim->entries), now;

        for (size_t i = 0; i < world->sim->n_entries; i++)
                ours += strlen(world->sim->entries[i].fields) + 16;
        now = mallinfo2().uordblks;
        now = now > ours ? now - ours : 0;
        if (world->heap_first == 0)
                world->heap_first = now;
        if (now > world->heap_first + (8u << 20) + world->n_subjects * 8192)
                breach(world, LAW_MEMORY, "%zu KB of memory, %zu KB at the beginning", now >> 10,
                       world->heap_first >> 10);
}

void world_watch(struct world *world)
{
        struct engine_status status;

        engine_status(world->sim->engine, &status);
        watch_doubts(world);
        watch_outage(world, &status);
        watch_rounds(world);
        watch_memory(world);
        world->seen[SILENCE_BACK_OFF] += status.waits.backed_off;
        said_watch(world);
        if (status.unsent > 0 && !world->sim->journal_down &&
            !spans_touch(&world->unjournalled, world->sim->now - 2 * MINUTE, world->sim->now) &&
            !spans_touch(&world->down, world->sim->now - 2 * MINUTE, world->sim->now) && status.unsent > 1000)
                breach(world, LAW_LOST, "%zu events are unsent", status.unsent);
        if (!engine_progresses(world->sim->engine))
                breach(world, LAW_PROGRESS, "a question that nothing hinders has waited for a minute");
}
