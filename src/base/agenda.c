#include "base/agenda.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"

/* How many alarms one turn of the loop rings before the sockets get their turn again, and for how long: an
 * alarm that sends a request takes a hundred times longer than one that only sets the next. */
#define RINGS_PER_TURN 512
#define RING_MAX       (5 * USEC_PER_MSEC)

/* The instant is kept beside the pointer: sifting then touches one cache line per level, not one key each. */
struct entry {
        usec_t when;
        struct alarm *alarm;
};

struct agenda {
        struct clock *clock;
        void *userdata;
        struct entry *heap;
        size_t n, room;
        usec_t armed; /* what the clock was last told */
        bool ringing;
};

static void agenda_fire(void *userdata);

int agenda_new(struct clock *clock, void *userdata, struct agenda **ret)
{
        struct agenda *agenda = calloc(1, sizeof(*agenda));

        if (!agenda)
                return -ENOMEM;
        agenda->clock = clock;
        agenda->userdata = userdata;
        agenda->armed = USEC_INFINITY;
        *ret = agenda;
        return 0;
}

struct agenda *agenda_free(struct agenda *agenda)
{
        if (!agenda)
                return NULL;
        agenda->clock->arm(agenda->clock, USEC_INFINITY, agenda_fire, agenda);
        free(agenda->heap);
        return mfree(agenda);
}

int agenda_reserve(struct agenda *agenda, size_t n)
{
        if (n <= agenda->room)
                return 0;
        struct entry *heap = reallocarray(agenda->heap, n, sizeof(*heap));
        if (!heap)
                return -ENOMEM;
        agenda->heap = heap;
        agenda->room = n;
        return 0;
}

static void place(struct agenda *agenda, size_t i, struct entry entry)
{
        agenda->heap[i] = entry;
        entry.alarm->place = (uint32_t) i + 1;
}

static void sift_up(struct agenda *agenda, size_t i, struct entry entry)
{
        while (i > 0 && agenda->heap[(i - 1) / 2].when > entry.when) {
                place(agenda, i, agenda->heap[(i - 1) / 2]);
                i = (i - 1) / 2;
        }
        place(agenda, i, entry);
}

static void sift_down(struct agenda *agenda, size_t i, struct entry entry)
{
        for (;;) {
                size_t child = 2 * i + 1;

                if (child >= agenda->n)
                        break;
                if (child + 1 < agenda->n && agenda->heap[child + 1].when < agenda->heap[child].when)
                        child++;
                if (agenda->heap[child].when >= entry.when)
                        break;
                place(agenda, i, agenda->heap[child]);
                i = child;
        }
        place(agenda, i, entry);
}

/* Put `entry` where place `i` is free, in whichever direction it belongs. */
static void sift(struct agenda *agenda, size_t i, struct entry entry)
{
        if (i > 0 && agenda->heap[(i - 1) / 2].when > entry.when)
                sift_up(agenda, i, entry);
        else
                sift_down(agenda, i, entry);
}

static void rearm(struct agenda *agenda)
{
        usec_t first = agenda->n > 0 ? agenda->heap[0].when : USEC_INFINITY;

        if (agenda->ringing || first == agenda->armed)
                return;
        agenda->armed = first;
        agenda->clock->arm(agenda->clock, first, agenda_fire, agenda);
}

static void agenda_fire(void *userdata)
{
        struct agenda *agenda = userdata;
        usec_t now = agenda->clock->now(agenda->clock);

        agenda->ringing = true;
        agenda->armed = USEC_INFINITY;
        for (unsigned i = 0; i < RINGS_PER_TURN && agenda->n > 0 && agenda->heap[0].when <= now; i++) {
                if (i > 0 && agenda->clock->now(agenda->clock) - now > RING_MAX)
                        break;
                struct alarm *alarm = agenda->heap[0].alarm;

                agenda_clear(agenda, alarm);
                alarm->ring(alarm, agenda->userdata);
        }
        agenda->ringing = false;
        rearm(agenda);
}

void agenda_set(struct agenda *agenda, struct alarm *alarm, usec_t when)
{
        struct entry entry = { .when = when, .alarm = alarm };

        alarm->when = when;
        if (alarm->place > 0) {
                sift(agenda, alarm->place - 1, entry);
        } else {
                if (agenda->n == agenda->room && agenda_reserve(agenda, MAX(64, agenda->room * 2)) < 0)
                        memory_end();
                sift_up(agenda, agenda->n++, entry);
        }
        rearm(agenda);
}

void agenda_clear(struct agenda *agenda, struct alarm *alarm)
{
        if (alarm->place == 0)
                return;

        size_t i = alarm->place - 1;
        struct entry last = agenda->heap[--agenda->n];

        alarm->place = 0;
        if (last.alarm != alarm)
                sift(agenda, i, last);
        rearm(agenda);
}

void agenda_empty(struct agenda *agenda)
{
        if (!agenda)
                return;
        for (size_t i = 0; i < agenda->n; i++)
                agenda->heap[i].alarm->place = 0;
        agenda->n = 0;
        rearm(agenda);
}

size_t agenda_size(const struct agenda *agenda)
{
        return agenda->n;
}
