#pragma once

#include <jansson.h>

#include "clock.h"

/* Changes of keys that come about later. All zero is a valid empty schedule. */
struct scheduled {
        usec_t due;
        json_t *change; /* as in PATCH /_fake/keys; owned */
        struct scheduled *next;
};

struct schedule {
        struct scheduled *first; /* the next one first */
};

void schedule_add(struct schedule *s, usec_t due, json_t *change); /* takes a reference of its own */
usec_t schedule_next(const struct schedule *s);                    /* UINT64_MAX: nothing is planned */
json_t *schedule_take(struct schedule *s, usec_t now); /* NULL: nothing is due; else for the caller */
void schedule_clear(struct schedule *s);
