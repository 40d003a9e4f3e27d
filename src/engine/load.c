/* What was stored, and how the watch goes on from it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "engine/incidents/group.h"
#include "engine/load.h"
#include "engine/people/people.h"
#include "stripe/link.h"

static uint8_t probed_bits(const struct permission *p, bool live)
{
        return (uint8_t) ((permission_probe(p, LEVEL_READ, live) ? 1 : 0) |
                          (permission_probe(p, LEVEL_WRITE, live) ? 2 : 0));
}

static int sync_probes(struct engine *e, const struct catalogue *catalogue)
{
        _cleanup_free_ struct permission_probes *probes = calloc(catalogue->n + 1, sizeof(*probes));

        if (!probes)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->n; i++) {
                const struct permission *p = &catalogue->rows[i];

                probes[i] = (struct permission_probes){
                        .slot = p->slot,
                        .levels = (uint8_t) ((p->read.no_such ? 0 : 1) | (p->write.no_such ? 0 : 2)),
                        .live = probed_bits(p, true),
                        .test = probed_bits(p, false),
                };
        }
        return store_permissions_probes(e->parts.store, probes, catalogue->n);
}

/* Queries tell where a key is created, too. */
static int sync_links(struct engine *e, const struct catalogue *catalogue, const struct profiles *profiles)
{
        struct profile_link *links = calloc(profiles->n + 1, sizeof(*links));
        int r = links ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < profiles->n; i++) {
                links[i].profile = profiles->list[i]->name;
                r = link_create(catalogue, profiles->list[i], true, &links[i].live);
                if (r >= 0)
                        r = link_create(catalogue, profiles->list[i], false, &links[i].test);
        }
        if (r >= 0)
                r = store_profiles_links(e->parts.store, links, profiles->n);
        for (size_t i = 0; links && i < profiles->n; i++) {
                free(links[i].live);
                free(links[i].test);
        }
        free(links);
        return r;
}

int engine_sync_catalogue(struct engine *e, struct catalogue *catalogue, const struct profiles *profiles)
{
        size_t n = catalogue->n, n_rows = 0;
        _cleanup_free_ const char **names = calloc(n + 1, sizeof(*names)),
                                  **labels = calloc(n + 1, sizeof(*labels));
        _cleanup_free_ unsigned *slots = calloc(n + 1, sizeof(*slots));

        if (!names || !labels || !slots)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                names[i] = catalogue->rows[i].name;
                labels[i] = catalogue->rows[i].labels[0];
        }
        int r = store_permissions_sync(e->parts.store, names, labels, n, slots);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                catalogue->rows[i].slot = slots[i];
        if ((r = sync_probes(e, catalogue)) < 0)
                return r;

        for (size_t i = 0; i < profiles->n; i++)
                n_rows += profiles->list[i]->n_required;
        _cleanup_free_ struct profile_row *rows = calloc(n_rows + 1, sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        n_rows = 0;
        for (size_t i = 0; i < profiles->n; i++)
                for (size_t k = 0; k < profiles->list[i]->n_required; k++) {
                        unsigned row = profiles->list[i]->required[k].row;

                        rows[n_rows++] =
                                (struct profile_row){ .profile = profiles->list[i]->name,
                                                      .slot = catalogue->rows[row].slot,
                                                      .level = profile_requires(profiles->list[i], row) };
                }
        r = store_profiles_sync(e->parts.store, rows, n_rows);
        return r < 0 ? r : sync_links(e, catalogue, profiles);
}

struct loading {
        struct engine *engine;
        char **ret_why;
        int error;
};

static int load_take_loaded(struct key *key, const char *profile, void *userdata)
{
        struct loading *loading = userdata;
        struct engine *e = loading->engine;
        size_t index;
        int r = profiles_find(e->parts.profiles, profile, &index);

        if (r < 0) {
                if (asprintf(loading->ret_why,
                             "The profile '%s' of the stored key '%s' does not exist any more; put its file "
                             "back.",
                             profile, key->name) < 0)
                        *loading->ret_why = NULL;
                free(key);
                return r;
        }
        key->profile = (uint16_t) index;
        r = keys_add(e, key);
        if (r < 0)
                free(key);
        return r;
}

static int load_keys(struct engine *e, char **ret_why)
{
        struct loading loading = { .engine = e, .ret_why = ret_why };

        return store_load_keys(e->parts.store, load_take_loaded, &loading);
}

/* The sooner of when it was to end and its full length, should the wall clock have jumped. */
static usec_t hold_left(const struct engine *e, const struct key *key)
{
        int64_t left = MAX((int64_t) key->held_until - engine_wall(e), INT64_C(0));

        return MIN((usec_t) left, (usec_t) belief_hold(key->belief.holds)) * USEC_PER_SEC + 1;
}

/* Goes on with a stored belief after a restart: the wait that belonged to it is set again. */
static void resume_key(struct engine *e, struct key *key)
{
        usec_t now = engine_now(e);

        key->review = key->belief.life == LIFE_ALIVE;
        rounds_joined(e, key);
        witness_count(e, key);
        outage_count(e, key);
        unlisted_resume(e, key);
        key_count(e, key);
        if (key_is_suspect(key)) {
                struct work *w = key_work(key);

                w->first_dead = w->last_dead = now;
                w->first_dead_wall = key->suspect_since;
                burst_suspected(e, key);
                if (key->belief.life == LIFE_HELD)
                        wait_hold(e, w, hold_left(e, key));
                else
                        wait_confirm(e, w, 0);
        } else if (key->belief.streak > 0) {
                wait_recheck(e, key_work(key));
        }
}

int engine_load(struct engine *e, char **ret_why)
{
        int r = engine_sync_catalogue(e, e->parts.catalogue, e->parts.profiles);

        if (r < 0)
                return why(ret_why, r, "The permission catalogue could not be stored: %s.", strerror(-r));
        if ((r = load_keys(e, ret_why)) < 0)
                return *ret_why ? r : why(ret_why, r, "The stored keys could not be read: %s.", strerror(-r));
        if ((r = incident_load(e)) < 0 || (r = outbox_load(e)) < 0 || (r = rotation_load(e)) < 0 ||
            (r = decisions_load(e)) < 0 || (r = successors_load(e)) < 0)
                return why(ret_why, r, "The stored incidents could not be read: %s.", strerror(-r));
        if ((r = groups_resume(e)) < 0)
                return why(ret_why, r, "The stored incidents could not be read: %s.", strerror(-r));
        for (size_t i = 0; i < e->n_keys; i++)
                resume_key(e, e->keys[i]);
        burst_resume(e);
        recorder_resume(e);
        outage_resume(e);
        stale_resume(e);
        return 0;
}
