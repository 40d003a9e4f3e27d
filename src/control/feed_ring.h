/* The newest events as text, ready to be sent. */
#ifndef CONTROL_FEED_RING_H
#define CONTROL_FEED_RING_H

#include <stdint.h>

#include "model/incident.h"

#define FEED_RING_MAX 1024

struct feed_entry {
        int64_t seq;
        enum incident_kind kind;
        char *key;  /* its name; NULL: about no key */
        char *text; /* a JSON object */
        size_t size;
};

struct feed_ring {
        struct feed_entry entries[FEED_RING_MAX];
        size_t begin, n;
        int64_t floor, top; /* every event behind `floor`, up to `top`, is in it */
};

/* Takes the event over. -ENOMEM. */
int feed_entry_make(struct event *event, int64_t parent, uint32_t epoch, struct feed_entry *ret);
void feed_entry_clear(struct feed_entry *entry);

/* Nothing before `seq` will be in it. */
void feed_ring_begin(struct feed_ring *ring, int64_t seq);
void feed_ring_clear(struct feed_ring *ring);

/* Takes the entry over; its number is above all others'. The oldest one may leave. */
void feed_ring_add(struct feed_ring *ring, struct feed_entry *entry);

/* The first entry behind `seq`, which is not below the floor; NULL: there is none yet. */
const struct feed_entry *feed_ring_next(const struct feed_ring *ring, int64_t seq);

#endif
