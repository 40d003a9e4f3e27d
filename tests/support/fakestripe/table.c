#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

struct table_slot {
        uint64_t hash;
        const char *name; /* NULL: empty */
        void *value;
};

uint64_t text_hash(const char *text)
{
        uint64_t h = 0xcbf29ce484222325u;

        for (; *text; text++)
                h = (h ^ (unsigned char) *text) * 0x100000001b3u;
        h ^= h >> 32;
        h *= 0xd6e8feb86659fd93u;
        return h ^ (h >> 32);
}

/* The slot that holds the name, or the empty one where it belongs. */
static size_t table_find(const struct table *t, const char *name, uint64_t hash)
{
        size_t at = hash & (t->room - 1);

        while (t->slots[at].name && (t->slots[at].hash != hash || strcmp(t->slots[at].name, name) != 0))
                at = (at + 1) & (t->room - 1);
        return at;
}

static void table_grow(struct table *t)
{
        struct table bigger = { .room = t->room ? t->room * 2 : 8, .used = t->used };

        bigger.slots = xcalloc(bigger.room, sizeof(*bigger.slots));
        for (size_t i = 0; i < t->room; i++)
                if (t->slots[i].name)
                        bigger.slots[table_find(&bigger, t->slots[i].name, t->slots[i].hash)] = t->slots[i];
        free(t->slots);
        *t = bigger;
}

void *table_get(const struct table *t, const char *name)
{
        if (t->room == 0 || !name)
                return NULL;
        return t->slots[table_find(t, name, text_hash(name))].value;
}

void *table_put(struct table *t, const char *name, void *value)
{
        uint64_t hash = text_hash(name);

        if (t->used * 3 >= t->room * 2)
                table_grow(t);

        struct table_slot *s = &t->slots[table_find(t, name, hash)];
        void *old = s->value;

        if (!s->name)
                t->used++;
        *s = (struct table_slot){ .hash = hash, .name = name, .value = value };
        return old;
}

/* Entries behind the gap move up, so that no search stops too early. */
static void table_close_gap(struct table *t, size_t gap)
{
        for (size_t at = (gap + 1) & (t->room - 1); t->slots[at].name; at = (at + 1) & (t->room - 1)) {
                size_t home = t->slots[at].hash & (t->room - 1);

                if (((at - home) & (t->room - 1)) < ((at - gap) & (t->room - 1)))
                        continue;
                t->slots[gap] = t->slots[at];
                gap = at;
        }
        t->slots[gap] = (struct table_slot){ 0 };
}

void *table_delete(struct table *t, const char *name)
{
        if (t->room == 0)
                return NULL;

        size_t at = table_find(t, name, text_hash(name));
        void *old = t->slots[at].value;

        if (!t->slots[at].name)
                return NULL;
        table_close_gap(t, at);
        t->used--;
        return old;
}

void *table_next(const struct table *t, size_t *at)
{
        while (*at < t->room) {
                const struct table_slot *s = &t->slots[(*at)++];

                if (s->name)
                        return s->value;
        }
        return NULL;
}

void table_clear(struct table *t)
{
        free(t->slots);
        *t = (struct table){ 0 };
}
