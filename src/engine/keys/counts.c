/* How many keys are in which state: counted as they change, so that nobody who asks makes us look at all. */
#include <errno.h>
#include <stdlib.h>

#include "engine/keys/keys.h"

static void count_add(struct engine *e, const struct key *key, size_t one)
{
        struct counts *c = &e->counts;
        struct profile_count *profile = &c->by_profile[key->profile];

        c->by_mode[key->mode][key->counted_as.state] += one;
        if (key->counted_as.doubted)
                c->suspects += one;
        if (key->counted_as.held)
                c->held += one;
        if (key->counted_as.untold)
                c->untold += one;
        if (key->counted_as.paused)
                profile->paused += one;
        else if (key->counted_as.dead)
                profile->dead += one;
        else
                profile->alive += one;
}

void key_uncount(struct engine *e, struct key *key)
{
        if (key->counted_as.is)
                count_add(e, key, (size_t) -1);
        key->counted_as.is = false;
}

/* Must it have a permission of a product that the account lacks? That cannot be told. */
static bool is_untold(const struct engine *e, const struct key *key)
{
        const struct profile *profile = e->parts.profiles->list[key->profile];

        for (size_t i = 0; i < profile->n_required; i++)
                if (grants_get(&key->grants, e->parts.catalogue->rows[profile->required[i].row].slot) ==
                    GRANT_OFF)
                        return true;
        return false;
}

void key_count(struct engine *e, struct key *key)
{
        int64_t wall = engine_wall(e);

        key_uncount(e, key);
        key->counted_as.is = true;
        key->counted_as.state = (uint8_t) (key_state(key, wall) & 0xf);
        key->counted_as.doubted = key_is_suspect(key);
        key->counted_as.held = key->belief.life == LIFE_HELD;
        key->counted_as.dead = key->belief.life == LIFE_DEAD;
        key->counted_as.paused = key->paused_until > wall;
        key->counted_as.untold = !key->counted_as.dead && !key->counted_as.paused && is_untold(e, key);
        count_add(e, key, 1);
}

int counts_of_profiles(const struct profiles *profiles, struct profile_count **ret)
{
        struct profile_count *counts = calloc(profiles->n + 1, sizeof(*counts));

        if (!counts)
                return -ENOMEM;
        *ret = counts;
        return 0;
}

static usec_t pulse_of(const struct engine *e, size_t profile)
{
        usec_t own = e->parts.profiles->list[profile]->pulse;

        return own ? own : e->parts.settings->checks.pulse;
}

double counts_needed_rate(const struct engine *e)
{
        double rate = 0;

        for (size_t i = 0; i < e->parts.profiles->n; i++) {
                const struct profile_count *count = &e->counts.by_profile[i];
                usec_t pulse = pulse_of(e, i);

                rate += (double) count->alive * USEC_PER_SEC / (double) pulse +
                        (double) count->dead * USEC_PER_SEC / (double) schedule_dead_period(pulse);
        }
        return rate;
}

usec_t counts_longest_pulse(const struct engine *e, bool all)
{
        usec_t longest = 0;

        for (size_t i = 0; i < e->parts.profiles->n; i++) {
                const struct profile_count *count = &e->counts.by_profile[i];

                if (count->alive > 0 || (all && count->dead + count->paused > 0))
                        longest = MAX(longest, pulse_of(e, i));
        }
        return longest;
}
