/* A plan that breaks a law becomes a short one: fewer acts, fewer keys, fewer odd ones, fewer days. */
#include <string.h>

#include "world.h"

/* As many worlds are tried. */
#define TRIES_MAX 80

struct shrink {
        struct plan *plan;
        struct breach *breach;
        unsigned tries;
};

static bool still_breaks(struct shrink *shrink, const struct plan *plan)
{
        if (shrink->tries++ >= TRIES_MAX || plan->keys == 0)
                return false;
        struct world *world = world_new(plan);
        bool breaks = !world_run(world) && world->breach.law == shrink->breach->law;

        if (breaks) {
                usec_t began = world->began;

                *shrink->breach = world->breach;
                shrink->breach->at -= began;
                story_entries(world, shrink->breach->told, sizeof(shrink->breach->told));
                *shrink->plan = *plan;
        }
        world_free(world);
        return breaks;
}

static bool without_acts(struct shrink *shrink, size_t first, size_t n)
{
        struct plan plan = *shrink->plan;

        memmove(&plan.acts[first], &plan.acts[first + n], (plan.n_acts - first - n) * sizeof(plan.acts[0]));
        plan.n_acts -= n;
        return still_breaks(shrink, &plan);
}

static void fewer_acts(struct shrink *shrink)
{
        for (size_t n = MAX(1u, shrink->plan->n_acts / 2); n >= 1; n /= 2)
                for (size_t first = 0; first + n <= shrink->plan->n_acts;)
                        if (!without_acts(shrink, first, n))
                                first += n;
}

static bool with_keys(struct shrink *shrink, size_t keys)
{
        struct plan plan = *shrink->plan;
        size_t n = 0;

        for (size_t i = 0; i < plan.n_acts; i++)
                if (plan.acts[i].key < keys)
                        plan.acts[n++] = plan.acts[i];
        if (n < plan.n_acts && keys >= plan.keys)
                return false;
        plan.n_acts = n;
        plan.keys = keys;
        return still_breaks(shrink, &plan);
}

void plan_shrink(struct plan *plan, struct breach *breach)
{
        struct shrink shrink = { plan, breach, 0 };
        struct plan other = *plan;

        other.length = MIN(plan->length, breach->at + MINUTE);
        if (other.length < plan->length)
                still_breaks(&shrink, &other);
        while (plan->keys > 1 && with_keys(&shrink, plan->keys / 2))
                ;
        fewer_acts(&shrink);
        while (plan->keys > 1 && (with_keys(&shrink, plan->keys / 2) || with_keys(&shrink, plan->keys - 1)))
                ;
        other = *plan;
        other.odd_percent = 0;
        if (plan->odd_percent > 0)
                still_breaks(&shrink, &other);
        other = *plan;
        other.test_percent = 0;
        if (plan->test_percent > 0)
                still_breaks(&shrink, &other);
        fewer_acts(&shrink);
}
