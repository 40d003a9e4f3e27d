/* The newest answers of different keys: what an outage is recognized by. Pure. */
#ifndef ENGINE_NEWEST_H
#define ENGINE_NEWEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEWEST_MAX 25

/* Zeroed: none yet. */
struct newest {
        struct {
                int64_t key_id;
                bool bad;
        } list[NEWEST_MAX]; /* oldest first */
        size_t n, n_bad;
};

/* This key's newest answer; an older one of it, or the oldest of all if there is no room, is forgotten. */
void newest_put(struct newest *newest, int64_t key_id, bool bad);

#endif
