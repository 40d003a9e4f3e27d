/* What the simulation tests share: seeds, sizes, and a check that says which seed broke it. */
#ifndef TESTS_SIM_CHECK_H
#define TESTS_SIM_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

#define MINUTE USEC_PER_MINUTE
#define HOUR   USEC_PER_HOUR
#define DAY    USEC_PER_DAY

#define check(sim, condition)                                                                                \
        do {                                                                                                 \
                if (!(condition)) {                                                                          \
                        fprintf(stderr, "seed %llu, line %d: %s does not hold\n",                            \
                                (unsigned long long) (sim)->options.seed, __LINE__, #condition);             \
                        sim_show(sim);                                                                       \
                        fail();                                                                              \
                }                                                                                            \
        } while (0)

static inline bool long_form(void)
{
        return getenv("KEYVIGIL_LONG") != NULL;
}

/* A seed that failed is run again, alone, with KEYVIGIL_SEED=… KEYVIGIL_SEEDS=1: all that varies follows from
 * it. */
static inline uint64_t first_seed(void)
{
        const char *text = getenv("KEYVIGIL_SEED");

        return text ? strtoull(text, NULL, 10) : 1;
}

static inline unsigned seeds(unsigned when_short)
{
        const char *text = getenv("KEYVIGIL_SEEDS");

        return text ? (unsigned) strtoul(text, NULL, 10) : long_form() ? 1000 : when_short;
}

static inline uint64_t end_seed(unsigned when_short)
{
        return first_seed() + seeds(when_short);
}

static inline size_t fleet(void)
{
        return long_form() ? 10000 : 1000;
}

/* The first entries but heartbeats. */
static inline void sim_show(const struct sim *sim)
{
        size_t shown = 0;

        for (size_t i = 0; i < sim->n_entries && shown < 14; i++) {
                if (strstr(sim->entries[i].fields, incident_kind_message_id(INCIDENT_ROUND_COMPLETED)))
                        continue;
                fprintf(stderr, "%.0f s\n%s\n", (double) sim->entries[i].at / 1e6, sim->entries[i].fields);
                shown++;
        }
        fprintf(stderr, "now %.0f s\n", (double) sim->now / 1e6);
}

/* Entries that open something about a key, listed or not. */
static inline size_t told_of_keys(const struct sim *sim)
{
        size_t n = 0;

        for (int kind = 0; kind <= INCIDENT_KEY_FLAPPING; kind++)
                n += sim_count(sim, kind, -1);
        return n;
}

static inline bool is_death(const struct sim_entry *e)
{
        static const enum incident_kind kinds[] = { INCIDENT_KEY_REVOKED, INCIDENT_KEY_EXPIRED,
                                                    INCIDENT_KEY_INVALID };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strcmp(e->message_id, incident_kind_message_id(kinds[i])) == 0)
                        return true;
        return false;
}

/* Deaths told singly, and those listed under a mass incident. */
static inline size_t told_dead(const struct sim *sim, bool listed)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++)
                n += is_death(&sim->entries[i]) && (sim->entries[i].priority == 6) == listed;
        return n;
}

static inline size_t in_state(const struct sim *sim, enum state state)
{
        struct engine_status status;

        engine_status(sim->engine, &status);
        return status.by_state[state];
}

/* What the catalogue's texts refer to must be there. */
static inline void check_fields(const struct sim *sim)
{
        static const struct {
                enum incident_kind kind;
                const char *fields[3];
        } needed[] = {
                { INCIDENT_KEY_REVOKED, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY", "KEYVIGIL_INCIDENT" } },
                { INCIDENT_KEY_EXPIRED, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY" } },
                { INCIDENT_KEY_BLOCKED, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY" } },
                { INCIDENT_KEY_ACCOUNT_REFUSED, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY" } },
                { INCIDENT_KEY_UNVERIFIED, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY" } },
                { INCIDENT_KEY_FLAPPING, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY", "KEYVIGIL_COUNT" } },
                { INCIDENT_KEY_PERMISSIONS_MISSING,
                  { "KEYVIGIL_SINCE", "KEYVIGIL_PROFILE", "KEYVIGIL_MISSING" } },
                { INCIDENT_PROBE_COUPON_FOUND, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY", "KEYVIGIL_COUNT" } },
                { INCIDENT_PROBE_COUPON_DELETED, { "KEYVIGIL_SINCE", "KEYVIGIL_KEY", "KEYVIGIL_COUNT" } },
                { INCIDENT_PROBE_COUPON_KEPT, { "KEYVIGIL_REASON", "KEYVIGIL_KEY", "KEYVIGIL_COUNT" } },
                { INCIDENT_PROBE_COUPON_STUCK,
                  { "KEYVIGIL_HTTP_STATUS", "KEYVIGIL_STRIPE_CODE", "KEYVIGIL_COUNT" } },
                { INCIDENT_STRIPE_OUTAGE, { "KEYVIGIL_SINCE", "KEYVIGIL_COUNT" } },
                { INCIDENT_MASS_REVOCATION, { "KEYVIGIL_SINCE", "KEYVIGIL_COUNT", "KEYVIGIL_INCIDENT" } },
                { INCIDENT_JOURNAL_SUMMARY, { "KEYVIGIL_SINCE", "KEYVIGIL_COUNT" } },
                { INCIDENT_INCIDENT_CLEARED, { "KEYVIGIL_SINCE", "KEYVIGIL_KIND", "KEYVIGIL_INCIDENT" } },
                { INCIDENT_INCIDENT_REMINDER, { "KEYVIGIL_SINCE", "KEYVIGIL_KIND" } },
        };
        char field[32];

        for (size_t i = 0; i < sim->n_entries; i++)
                for (size_t k = 0; k < ELEMENTSOF(needed); k++)
                        for (size_t f = 0; f < ELEMENTSOF(needed[k].fields) && needed[k].fields[f]; f++) {
                                const struct sim_entry *e = &sim->entries[i];

                                snprintf(field, sizeof(field), "\n%s=", needed[k].fields[f]);
                                if (strcmp(e->message_id, incident_kind_message_id(needed[k].kind)) == 0 &&
                                    !strstr(e->fields, field)) {
                                        fprintf(stderr, "seed %llu: no %s in\n%s",
                                                (unsigned long long) sim->options.seed, needed[k].fields[f],
                                                e->fields);
                                        fail();
                                }
                        }
}

/* Below this size fleets begin with their first minute, above it they have been there before. */
#define SETTLED_MIN 200

static inline struct sim *sim_fleet(uint64_t seed, size_t keys)
{
        struct sim_options options = { .seed = seed, .keys = keys };
        struct sim *sim = keys < SETTLED_MIN ? sim_new(&options) : sim_new_settled(seed, keys);

        /* everybody was asked, and again if it is the first time */
        sim_run(sim, (keys < SETTLED_MIN ? 11 : 6) * MINUTE + sim_random(sim, 5 * MINUTE));
        check(sim, in_state(sim, STATE_HEALTHY) == keys);
        check(sim, told_of_keys(sim) == 0);
        return sim;
}

/* Says what was run. */
static inline void say_seeds(unsigned when_short)
{
        fprintf(stderr, "seeds %llu to %llu, fleets of %zu keys\n", (unsigned long long) first_seed(),
                (unsigned long long) end_seed(when_short) - 1, fleet());
}

#endif
