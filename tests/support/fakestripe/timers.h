#pragma once

#include <stddef.h>

#include "clock.h"

/* Moments in their order: a heap. All zero is a valid empty one. */
struct timer {
        usec_t due;
        void *owner;
};

struct timers {
        struct timer *heap;
        size_t count, room;
};

void timers_add(struct timers *t, usec_t due, void *owner);
usec_t timers_next(const struct timers *t);      /* UINT64_MAX: none */
void *timers_take(struct timers *t, usec_t now); /* the owner of one that is due, or NULL */
void timers_clear(struct timers *t);
