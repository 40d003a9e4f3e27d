/* A world in words. */
#include <string.h>

#include "world.h"

const char *story_when(usec_t at, char text[static 32])
{
        snprintf(text, 32, "day %llu, %02llu:%02llu:%02llu", (unsigned long long) (at / DAY + 1),
                 (unsigned long long) (at % DAY / HOUR), (unsigned long long) (at % HOUR / MINUTE),
                 (unsigned long long) (at % MINUTE / USEC_PER_SEC));
        return text;
}

static bool is_about_a_key(enum act_kind kind)
{
        switch (kind) {
        case ACT_REVOKE:
        case ACT_REVOKE_SPREADING:
        case ACT_BLOCK:
        case ACT_REFUSE:
        case ACT_TAKE:
        case ACT_EXCEED:
        case ACT_PAUSE:
        case ACT_RESUME:
        case ACT_CHECK:
        case ACT_ROTATE:
        case ACT_SET:
        case ACT_REMOVE:
                return true;
        default:
                return false;
        }
}

void story_act(FILE *f, const struct plan *plan, const struct act *act)
{
        static const char *const texts[] = {
#define X(name, text) text,
                ACTS(X)
#undef X
        };
        char when[32];

        fprintf(f, "  %s: %s", story_when(act->at, when), texts[act->kind]);
        if (is_about_a_key(act->kind))
                fprintf(f, ": merchant-%zu (%s)", act->key, plan_profile(plan, act->key));
        if (act->kind == ACT_IMPORT)
                fprintf(f, ": %u keys%s", act->share, act->detail % 3 ? "" : ", a third of them dead");
        else if (act->kind == ACT_JUMP)
                fprintf(f, " by %d seconds", (int) act->share - 3600);
        else if (act->share > 0 && act->share < 100)
                fprintf(f, ", %u of a hundred accounts", act->share);
        if (act->span > 0)
                fprintf(f, ", for %llu min %llu s", (unsigned long long) (act->span / MINUTE),
                        (unsigned long long) (act->span % MINUTE / USEC_PER_SEC));
        fprintf(f, " [%u]\n", act->detail);
}

static void tell_oddities(FILE *f, const struct plan *plan)
{
        static const char *const texts[] = {
#define X(name, text) text,
                ODDITIES(X)
#undef X
        };

        for (unsigned account = 0; account <= plan_account(plan, plan->keys - 1) && account < 40; account++)
                if (plan_oddity(plan, account) != ODD_NONE)
                        fprintf(f, "  Account %u is answered %s.\n", account,
                                texts[plan_oddity(plan, account)]);
}

void story_tell(FILE *f, const struct plan *plan, const struct breach *breach)
{
        char when[32];

        fprintf(f,
                "seed %llu: %zu keys, %u per account, %u %% of the accounts odd, %u %% of the keys in test "
                "mode, ",
                (unsigned long long) plan->seed, plan->keys, plan->per_account, plan->odd_percent,
                plan->test_percent);
        if (plan->pulse)
                fprintf(f, "a pulse of %llu min", (unsigned long long) (plan->pulse / MINUTE));
        else
                fprintf(f, "each profile's own pulse");
        fprintf(f, ", %.1f days.\n", (double) plan->length / (double) DAY);
        tell_oddities(f, plan);
        for (size_t i = 0; i < plan->n_acts; i++)
                story_act(f, plan, &plan->acts[i]);
        if (breach->law >= 0)
                fprintf(f, "  %s: %s\n  (%s)\nThe journal:\n%s", story_when(breach->at, when), breach->text,
                        law_text((enum law) breach->law), breach->told);
}

/* One line; a heartbeat is none. */
static int tell_entry(const struct world *world, const struct sim_entry *e, char *text, size_t size)
{
        const char *message;
        char when[32];
        int length = entry_field(e, "MESSAGE=", &message);
        usec_t at = e->at > world->began ? e->at - world->began : 0;

        if (strcmp(e->kind, "round-completed") == 0)
                return 0;
        return snprintf(text, size, "  %s P%d incident %s: %.*s\n", story_when(at, when), e->priority,
                        e->incident, MIN(length, 110), message);
}

void story_entries(const struct world *world, char *text, size_t size)
{
        const struct sim *sim = world->sim;
        size_t first = sim->n_entries, shown = 0, n = 0;

        while (first > 0 && shown < 24)
                shown += strcmp(sim->entries[--first].kind, "round-completed") != 0;
        text[0] = '\0';
        for (size_t i = first; i < sim->n_entries && n + 1 < size; i++)
                n += (size_t) tell_entry(world, &sim->entries[i], text + n, size - n);
}

void story_journal(FILE *f, const struct world *world)
{
        char line[512];

        for (size_t i = 0; i < world->sim->n_entries; i++)
                if (tell_entry(world, &world->sim->entries[i], line, sizeof(line)) > 0)
                        fputs(line, f);
}
