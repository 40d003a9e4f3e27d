#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idempotency.h"

const char *key_state_name(enum key_state state)
{
        static const char *const names[] = {
#define X(id, name) [KEY_##id] = name,
                KEY_STATES(X)
#undef X
        };

        return state < _KEY_STATES ? names[state] : NULL;
}

const char *refusal_format_name(enum refusal_format format)
{
        static const char *const names[] = {
#define X(id, name) [REFUSAL_##id] = name,
                REFUSAL_FORMATS(X)
#undef X
        };

        return format < _REFUSAL_FORMATS ? names[format] : NULL;
}

const char *promotion_shape_name(enum promotion_shape shape)
{
        static const char *const names[] = {
#define X(id, name) [SHAPE_##id] = name,
                PROMOTION_SHAPES(X)
#undef X
        };

        return shape < _SHAPES ? names[shape] : NULL;
}

void world_init(struct world *w, uint64_t seed)
{
        *w = (struct world){ .random = seed };
        if (!permission_catalogue_sorted())
                abort();
}

int64_t world_now(const struct world *w)
{
        return now_wall() + w->clock_offset;
}

/* splitmix64 */
uint64_t world_random(struct world *w)
{
        uint64_t z = w->random += 0x9e3779b97f4a7c15u;

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
}

static void random_letters(uint64_t number, char *ret, size_t size)
{
        static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

        for (size_t i = 0; i < size; i++, number /= 62)
                ret[i] = letters[number % 62];
        ret[size] = '\0';
}

void world_request_id(struct world *w, char ret[static 24])
{
        snprintf(ret, 24, "req_");
        random_letters(world_random(w), ret + 4, 10);
        random_letters(world_random(w), ret + 14, 4);
}

struct realm *world_realm(struct world *w, const char *account, bool live)
{
        struct buf name = { 0 };

        buf_printf(&name, "%s/%s", account, live ? "live" : "test");

        struct realm *r = table_get(&w->realms, name.data);

        if (r) {
                buf_clear(&name);
                return r;
        }
        r = xcalloc(1, sizeof(*r));
        *r = (struct realm){ .name = name.data, .account = xstrdup(account), .live = live };
        table_put(&w->realms, r->name, r);
        return r;
}

struct key *world_key(const struct world *w, const char *text)
{
        return table_get(&w->keys, text);
}

struct key *world_add_key(struct world *w, const char *text, const char *account)
{
        struct key *k = table_get(&w->keys, text);
        bool live = strstr(text, "_live_");

        if (!k) {
                k = xcalloc(1, sizeof(*k));
                k->text = xstrdup(text);
                k->implies = true;
                snprintf(k->id, sizeof(k->id), "mk_1");
                random_letters(text_hash(text), k->id + 4, 10);
                table_put(&w->keys, k->text, k);
        }
        k->realm = world_realm(w, account, live);
        return k;
}

static void key_free(struct key *k)
{
        if (!k)
                return;
        free(k->text);
        free(k);
}

void world_drop_key(struct world *w, const char *text)
{
        key_free(table_delete(&w->keys, text));
}

void world_drop_keys(struct world *w)
{
        struct key *k;

        for (size_t at = 0; (k = table_next(&w->keys, &at));)
                key_free(k);
        table_clear(&w->keys);
}

void key_settle(struct key *k)
{
        k->effective = k->implies ? permission_effective(&k->granted) : k->granted;
}

void world_clear(struct world *w)
{
        struct replay *replay;
        struct realm *r;

        world_drop_keys(w);
        for (size_t at = 0; (r = table_next(&w->realms, &at));) {
                coupon_store_clear(&r->coupons);
                meter_clear(&r->meter);
                free(r->account);
                free(r->name);
                free(r);
        }
        table_clear(&w->realms);
        for (size_t at = 0; (replay = table_next(&w->replays, &at));)
                replay_free(replay);
        table_clear(&w->replays);
        free(w->row_changes);
        fault_list_clear(&w->faults);
        reqlog_clear(&w->log);
        schedule_clear(&w->schedule);
}
