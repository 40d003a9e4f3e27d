#include "daemon/sdclock.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

/* 0 would mean 250 ms. The limiter hands out places for requests 10 ms apart. */
#define ACCURACY (2 * USEC_PER_MSEC)

struct sdclock {
        struct clock clock;
        sd_event *event;
        sd_event_source *timer;
        clock_fire_fn fire;
        void *userdata;
};

static struct sdclock *of(struct clock *clock)
{
        return CONTAINER_OF(clock, struct sdclock, clock);
}

static usec_t clock_now(struct clock *clock)
{
        struct timespec time;

        (void) clock;
        clock_gettime(CLOCK_BOOTTIME, &time);
        return (usec_t) time.tv_sec * USEC_PER_SEC + (usec_t) time.tv_nsec / 1000;
}

static int64_t clock_wall(struct clock *clock)
{
        (void) clock;
        return (int64_t) time(NULL);
}

static void clock_arm(struct clock *clock, usec_t when, clock_fire_fn fire, void *userdata)
{
        struct sdclock *self = of(clock);
        int r = 0;

        self->fire = fire;
        self->userdata = userdata;
        if (when == USEC_INFINITY) {
                (void) sd_event_source_set_enabled(self->timer, SD_EVENT_OFF);
                return;
        }
        r = sd_event_source_set_time(self->timer, when);
        if (r >= 0)
                r = sd_event_source_set_enabled(self->timer, SD_EVENT_ONESHOT);
        if (r < 0) /* without its timer the watch would stand still and nobody would know */
                (void) sd_event_exit(self->event, r);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct sdclock *self = userdata;

        (void) source;
        (void) usec;
        self->fire(self->userdata);
        return 0;
}

int sdclock_new(sd_event *event, struct clock **ret)
{
        struct sdclock *self = calloc(1, sizeof(*self));

        if (!self)
                return -ENOMEM;
        self->clock = (struct clock){ .now = clock_now, .wall = clock_wall, .arm = clock_arm };
        self->event = sd_event_ref(event);
        int r = sd_event_add_time(event, &self->timer, CLOCK_BOOTTIME, 0, ACCURACY, on_time, self);
        if (r >= 0)
                r = sd_event_source_set_enabled(self->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_exit_on_failure(self->timer, true);
        if (r < 0) {
                sdclock_free(&self->clock);
                return r;
        }
        *ret = &self->clock;
        return 0;
}

struct clock *sdclock_free(struct clock *clock)
{
        if (!clock)
                return NULL;
        struct sdclock *self = of(clock);

        sd_event_source_disable_unref(self->timer);
        sd_event_unref(self->event);
        return mfree(self);
}
