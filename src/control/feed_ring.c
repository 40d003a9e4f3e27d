#include "control/feed_ring.h"

#include <errno.h>
#include <string.h>

#include "view/event.h"

int feed_entry_make(struct event *event, int64_t parent, uint32_t epoch, struct feed_entry *ret)
{
        json_t *json = event_json(event, epoch, parent);
        const char *key = json_string_value(json_object_get(json, "key"));
        struct feed_entry entry = {
                .seq = event->seq,
                .kind = event->kind,
                .key = key ? strdup(key) : NULL,
                .text = json ? json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL,
        };
        bool whole = entry.text && (!key || entry.key);

        json_decref(json);
        event_free(event);
        if (!whole) {
                feed_entry_clear(&entry);
                return -ENOMEM;
        }
        entry.size = strlen(entry.text);
        *ret = entry;
        return 0;
}

void feed_entry_clear(struct feed_entry *entry)
{
        free(entry->key);
        free(entry->text);
        *entry = (struct feed_entry){ 0 };
}

void feed_ring_begin(struct feed_ring *ring, int64_t seq)
{
        ring->floor = ring->top = seq;
}

void feed_ring_clear(struct feed_ring *ring)
{
        for (size_t i = 0; i < FEED_RING_MAX; i++)
                feed_entry_clear(&ring->entries[i]);
}

static struct feed_entry *entry_at(const struct feed_ring *ring, size_t i)
{
        return (struct feed_entry *) &ring->entries[(ring->begin + i) % FEED_RING_MAX];
}

void feed_ring_add(struct feed_ring *ring, struct feed_entry *entry)
{
        if (ring->n == FEED_RING_MAX) {
                ring->floor = entry_at(ring, 0)->seq;
                feed_entry_clear(entry_at(ring, 0));
                ring->begin = (ring->begin + 1) % FEED_RING_MAX;
                ring->n--;
        }
        ring->top = entry->seq;
        *entry_at(ring, ring->n++) = *entry;
        *entry = (struct feed_entry){ 0 };
}

const struct feed_entry *feed_ring_next(const struct feed_ring *ring, int64_t seq)
{
        size_t low = 0;

        for (size_t high = ring->n; low < high;) {
                size_t middle = low + (high - low) / 2;

                if (entry_at(ring, middle)->seq <= seq)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < ring->n ? entry_at(ring, low) : NULL;
}
