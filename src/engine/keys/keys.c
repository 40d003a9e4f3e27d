#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/keys/work.h"
#include "engine/operations.h"

/* Where the key of this id is, or would be. */
static size_t position(const struct engine *e, int64_t id)
{
        size_t low = 0, high = e->n_keys;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (e->keys[middle]->id < id)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct key *keys_find(const struct engine *e, int64_t id)
{
        size_t i = position(e, id);

        return i < e->n_keys && e->keys[i]->id == id ? e->keys[i] : NULL;
}

size_t keys_place(const struct engine *e, const struct key *key)
{
        return position(e, key->id);
}

size_t engine_keys_after(const struct engine *e, int64_t id)
{
        return id == INT64_MAX ? e->n_keys : position(e, id + 1);
}

int keys_add(struct engine *e, struct key *key)
{
        if (e->n_keys == e->keys_room) {
                size_t room = MAX(256u, e->keys_room + e->keys_room / 2);
                struct key **keys = reallocarray(e->keys, room, sizeof(*keys));

                if (!keys)
                        return -ENOMEM;
                e->keys = keys;
                e->keys_room = room;
        }
        /* One alarm for each key; what else waits (lanes, failures, housekeeping) is bounded by the
         * concurrency. */
        if (agenda_reserve(e->agenda, e->keys_room + 4096) < 0)
                return -ENOMEM;
        int r = account_link(e, key);
        if (r < 0)
                return r;
        e->keys[e->n_keys++] = key;
        key_count(e, key);
        return 0;
}

static void key_free(struct engine *e, struct key *key)
{
        agenda_clear(e->agenda, &key->due);
        work_free(e, key);
        free(key);
}

static int compare_ids(const void *a, const void *b)
{
        int64_t x = (*(struct key *const *) a)->id, y = (*(struct key *const *) b)->id;

        return (x > y) - (x < y);
}

/* The list closes up once, however many leave. */
void keys_remove(struct engine *e, struct key **keys, size_t n)
{
        size_t places[REMOVE_MAX], to;

        assert(n >= 1 && n <= REMOVE_MAX);
        qsort((void *) keys, n, sizeof(struct key *), compare_ids);
        for (size_t i = 0; i < n; i++)
                places[i] = position(e, keys[i]->id);
        to = places[0];
        for (size_t i = 0; i < n; i++) {
                size_t from = places[i] + 1, until = i + 1 < n ? places[i + 1] : e->n_keys;

                memmove(&e->keys[to], &e->keys[from], (until - from) * sizeof(*e->keys));
                to += until - from;
                e->n_put_off -= keys[i]->put_off;
                account_unlink(e, keys[i]);
                key_uncount(e, keys[i]);
                key_free(e, keys[i]);
        }
        e->n_keys = to;
}

void keys_free(struct engine *e)
{
        for (size_t i = 0; i < e->n_keys; i++)
                key_free(e, e->keys[i]);
        free(e->keys);
        e->keys = NULL;
        e->n_keys = 0;
        e->accounts = mfree(e->accounts);
        e->accounts_room = 0;
        e->counts.by_profile = mfree(e->counts.by_profile);
}

const struct profile *key_profile(const struct engine *e, const struct key *key)
{
        return e->parts.profiles->list[key->profile];
}

usec_t key_pulse(const struct engine *e, const struct key *key)
{
        usec_t own = key_profile(e, key)->pulse;

        return own ? own : e->parts.settings->checks.pulse;
}

usec_t key_period(const struct engine *e, const struct key *key)
{
        usec_t pulse = key_pulse(e, key);

        /* SILENCE_DEAD_MAX */
        return key->belief.life == LIFE_DEAD ? schedule_dead_period(pulse) : pulse;
}

struct work *key_work(struct key *key)
{
        if (!key->work)
                key->work = memory_sure(calloc(1, sizeof(*key->work)));
        return key->work;
}

static void work_drop(struct key *key)
{
        free(key->work->doubts);
        free(key->work->evidence);
        free(key->work->last_text);
        key->work = mfree(key->work);
}

void work_free(struct engine *e, struct key *key)
{
        struct work *work = key->work;

        if (!work)
                return;
        work->ask = ask_cancel(e, work->ask);
        work->witness = ask_cancel(e, work->witness);
        while (work->reporters) {
                struct reporter *next = work->reporters->next;

                free(work->reporters);
                work->reporters = next;
        }
        e->n_series -= work->series != NULL;
        free(work->series);
        work_drop(key);
}

void key_rest(struct key *key)
{
        const struct work *w = key->work;

        if (!w || w->ask || w->witness || w->series || w->reporters || w->n_doubts || w->missing_since ||
            w->lost || w->gained || w->again || w->account_refused.n > 0 || w->unlisted.n > 0 ||
            key->missing || key_is_suspect(key))
                return;
        work_drop(key);
}
