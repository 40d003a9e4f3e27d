/* Old events once more, page by page, for whoever asks for them: not marked, not counted against the rate.
 * What was never sent is left to its own turn. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "engine/incidents/incidents.h"
#include "engine/operations.h"

#define PAGE        200
#define RETRY_AFTER (5 * USEC_PER_SEC)

struct replay {
        struct alarm alarm;
        struct event *page[PAGE];
        size_t n, next;
        int64_t since_wall;
        int64_t after, until; /* by seq */
};

static void replay_on_alarm(struct alarm *alarm, void *userdata);

int replay_new(struct engine *e)
{
        e->replay = calloc(1, sizeof(*e->replay));
        if (!e->replay)
                return -ENOMEM;
        e->replay->alarm.ring = replay_on_alarm;
        return 0;
}

void replay_free(struct engine *e)
{
        struct replay *replay = e->replay;

        while (replay && replay->next < replay->n)
                event_free(replay->page[replay->next++]);
        free(replay);
        e->replay = NULL;
}

static int replay_take(struct event *event, void *userdata)
{
        struct replay *replay = userdata;

        replay->after = event->seq;
        if (event->seq <= replay->until && event->send_state != SEND_UNSENT)
                replay->page[replay->n++] = event;
        else
                event_free(event);
        return 0;
}

static bool load_page(struct engine *e)
{
        struct replay *replay = e->replay;
        int64_t before = replay->after;

        replay->n = replay->next = 0;
        int r = store_load_events(e->parts.store, replay->since_wall, before, PAGE, replay_take, replay);
        return r >= 0 && replay->after > before;
}

/* One page; the rest has its turn when the loop has turned. */
static void replay_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct replay *replay = e->replay;

        if (replay->next == replay->n && !load_page(e))
                replay->after = replay->until;
        while (replay->next < replay->n) {
                if (outbox_deliver(e, replay->page[replay->next], false) == -EAGAIN) {
                        agenda_set(e->agenda, alarm, engine_now(e) + RETRY_AFTER);
                        return;
                }
                event_free(replay->page[replay->next++]);
        }
        if (replay->after < replay->until)
                agenda_set(e->agenda, alarm, engine_now(e));
}

struct counting {
        int64_t after;
        size_t n;
};

static int replay_count(struct event *event, void *userdata)
{
        struct counting *counting = userdata;

        counting->after = event->seq;
        counting->n += event->send_state != SEND_UNSENT;
        event_free(event);
        return 0;
}

int engine_replay(struct engine *e, int64_t since_wall, size_t *ret_n, char **ret_why)
{
        struct replay *replay = e->replay;
        struct counting counting = { 0 };
        int64_t before;

        if (alarm_waits(&replay->alarm))
                return why(ret_why, -EBUSY, "The last replay is still going on.");
        (void) recorder_flush(e); /* what was sent must be marked as such, or its own turn is waited for */
        do {
                before = counting.after;
                int r = store_load_events(e->parts.store, since_wall, before, PAGE, replay_count, &counting);

                if (r < 0)
                        return why(ret_why, r, "The events could not be read: %s.", strerror(-r));
        } while (counting.after > before);
        replay->since_wall = since_wall;
        replay->after = 0;
        replay->until = counting.after;
        replay->n = replay->next = 0;
        *ret_n = counting.n;
        agenda_set(e->agenda, &replay->alarm, engine_now(e));
        return 0;
}
