/* What is true, and since when. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* --- spans --- */

void spans_put(struct spans *spans, bool on, usec_t now)
{
        bool is = spans->n > 0 && spans->list[spans->n - 1].until == USEC_INFINITY;

        if (is == on)
                return;
        if (!on) {
                spans->list[spans->n - 1].until = now;
                return;
        }
        if (spans->n == spans->room) {
                spans->room = MAX(4, spans->room * 2);
                spans->list = reallocarray(spans->list, spans->room, sizeof(*spans->list));
        }
        spans->list[spans->n++] = (struct span){ now, USEC_INFINITY };
}

bool spans_cover(const struct spans *spans, usec_t at)
{
        for (size_t i = 0; i < spans->n; i++)
                if (spans->list[i].from <= at && at < spans->list[i].until)
                        return true;
        return false;
}

bool spans_touch(const struct spans *spans, usec_t from, usec_t until)
{
        for (size_t i = 0; i < spans->n; i++)
                if (spans->list[i].from < until && from < spans->list[i].until)
                        return true;
        return false;
}

/* --- what is true of a key --- */

const struct profile *world_profile(const struct world *world, const char *name)
{
        const struct profiles *profiles = world->sim->conf->profiles;

        for (size_t i = 0; i < profiles->n; i++)
                if (strcmp(profiles->list[i]->name, name) == 0)
                        return profiles->list[i];
        return NULL;
}

static usec_t profile_pulse(const struct world *world, const char *name)
{
        const struct profile *profile = world_profile(world, name);

        return profile->pulse ? profile->pulse : world->sim->conf->settings.checks.pulse;
}

static void note_missing(struct world *world, struct subject *s, usec_t now)
{
        const struct profile *profile = world_profile(world, s->profile);
        const struct sim_key *key = &world->sim->keys[s->secret];
        bool read = false, write = false;
        size_t writes = 0;

        for (size_t i = 0; i < profile->n_required; i++) {
                const struct requirement *required = &profile->required[i];

                writes += required->level == LEVEL_WRITE;
                if (sim_is_granted(world->sim, key, required->row, required->level))
                        continue;
                if (required->level == LEVEL_WRITE)
                        write = true;
                else
                        read = true;
        }
        s->writes = MAX(s->writes, writes);
        spans_put(&s->missing, s->stored && (read || write), now);
        spans_put(&s->missing_write, s->stored && write, now);
}

void truth_note(struct world *world, size_t subject)
{
        struct subject *s = &world->subjects[subject];
        const struct sim_key *key = &world->sim->keys[s->secret];
        usec_t now = world->sim->now;
        enum sim_life life = key->life;

        s->slowest = MAX(s->slowest, profile_pulse(world, s->profile));
        spans_put(&s->gone, !s->stored, now);
        spans_put(&s->dead, s->stored && (life == SIM_KEY_EXPIRED || life == SIM_KEY_UNKNOWN), now);
        spans_put(&s->blocked, s->stored && life == SIM_KEY_BLOCKED, now);
        spans_put(&s->refused, s->stored && (life == SIM_KEY_REFUSED || life == SIM_KEY_UNSERVED), now);
        spans_put(&s->wrong, s->stored && s->wrong_account, now);
        if (life == SIM_KEY_EXPIRED || life == SIM_KEY_UNKNOWN)
                s->death = life;
        note_missing(world, s, now);
}

void truth_note_all(struct world *world)
{
        for (size_t i = 0; i < world->n_subjects; i++)
                truth_note(world, i);
}
