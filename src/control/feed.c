#include "control/feed.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "base/log.h"
#include "base/usec.h"
#include "control/follower.h"
#include "control/routes.h"
#include "control/server.h"
#include "control/visit.h"
#include "store/feed.h"
#include "view/event.h"

#define WAIT_MAX      60
#define LIMIT_MAX     1000
#define LIMIT_DEFAULT 100

/* Followers are not woken more often than this, or a burst would be one request for each event and each of
 * them. */
#define WAKE_EVERY (100 * USEC_PER_MSEC)

/* Events that are taken out of the store at a time: some milliseconds. */
#define TAKE_MAX 200

struct feed {
        const struct control_parts *parts;
        sd_event_source *timer;
        uint32_t epoch;
        struct feed_ring ring;
        usec_t woken; /* when followers were woken last */
        TAILQ_HEAD(, follower) waiting;
};

/* --- what is new */

struct taking {
        struct feed *feed;
        unsigned n;
};

static int take_new(struct event *event, int64_t parent, void *userdata)
{
        struct taking *taking = userdata;
        struct feed_entry entry;
        int r = feed_entry_make(event, parent, taking->feed->epoch, &entry);

        if (r < 0)
                return r;
        feed_ring_add(&taking->feed->ring, &entry);
        taking->n++;
        return 0;
}

/* Gives when to go on; USEC_INFINITY: when there is something new. */
static usec_t ring_fill(struct feed *feed, usec_t now)
{
        struct taking taking = { .feed = feed };
        int r = store_load_feed(feed->parts->store, feed->ring.top, TAKE_MAX, take_new, &taking);

        if (r < 0) {
                (void) log_warning_errno(r, "Could not read events for those who follow them, trying again "
                                            "in a second: %m");
                return now + USEC_PER_SEC;
        }
        return taking.n == TAKE_MAX ? now : USEC_INFINITY;
}

/* --- waiting */

static usec_t now_usec(const struct feed *feed)
{
        uint64_t now = 0;

        (void) sd_event_now(feed->parts->event, CLOCK_BOOTTIME, &now);
        return now;
}

static void arm(struct feed *feed, usec_t at)
{
        uint64_t planned;
        int enabled = SD_EVENT_OFF;

        (void) sd_event_source_get_enabled(feed->timer, &enabled);
        if (enabled != SD_EVENT_OFF && sd_event_source_get_time(feed->timer, &planned) >= 0 && planned <= at)
                return;
        (void) sd_event_source_set_time(feed->timer, at);
        (void) sd_event_source_set_enabled(feed->timer, SD_EVENT_ONESHOT);
}

static void wake(struct feed *feed, usec_t now)
{
        struct follower *follower, *next;

        for (follower = TAILQ_FIRST(&feed->waiting); follower; follower = next) {
                next = TAILQ_NEXT(follower, next);
                if (!follower_has_news(follower) && now < follower->deadline) {
                        arm(feed, follower->deadline);
                        continue;
                }
                TAILQ_REMOVE(&feed->waiting, follower, next);
                follower_answer(follower, follower->visit);
        }
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct feed *feed = userdata;
        usec_t now = now_usec(feed), again = ring_fill(feed, now);

        (void) source;
        (void) usec;
        if (again != USEC_INFINITY)
                arm(feed, again);
        feed->woken = now;
        wake(feed, now);
        return 0;
}

static void on_committed(void *userdata)
{
        struct feed *feed = userdata;

        arm(feed, MAX(now_usec(feed), feed->woken + WAKE_EVERY));
}

/* --- one request */

static void reply_gone(struct visit *visit, int64_t first)
{
        char cursor[CURSOR_MAX];

        cursor_format(visit->control->feed->epoch, first - 1, cursor);
        reply_problem(visit, MHD_HTTP_GONE, "cursor-gone", json_pack("{s:s}", "first", cursor),
                      "What came behind this cursor is not kept any more, or the database is another one; "
                      "look at everything anew, and go on from %s",
                      cursor);
}

/* Where to begin. Negative: answered already. */
static int take_cursor(struct visit *visit, int64_t *ret)
{
        const char *after = parameter(visit, "after");
        const struct feed *feed = visit->control->feed;
        int64_t first, last;
        uint32_t epoch;
        int r = store_events_range(visit->parts->store, &first, &last);

        if (r < 0) {
                reply_failure(visit, r, NULL);
                return r;
        }
        if (!after || *after == '\0' || strcmp(after, "0") == 0) {
                *ret = first - 1;
        } else if (strcmp(after, "now") == 0) {
                *ret = MIN(last, feed->ring.top);
        } else if (cursor_parse(after, &epoch, ret) < 0) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                            "'after' must be a cursor as it was given, 0 or now");
                return -EINVAL;
        } else if (epoch != feed->epoch || *ret < first - 1 || *ret > last) {
                reply_gone(visit, first);
                return -ESTALE;
        }
        return 0;
}

static int follower_new(struct visit *visit, struct follower **ret)
{
        _cleanup_(follower_freep) struct follower *follower = calloc(1, sizeof(*follower));
        const struct feed *feed = visit->control->feed;
        const char *key = parameter(visit, "key");
        int64_t limit, seconds;

        if (!follower || (key && !(follower->key = strdup(key)))) {
                reply_failure(visit, -ENOMEM, NULL);
                return -ENOMEM;
        }
        follower->store = visit->parts->store;
        follower->ring = &feed->ring;
        follower->epoch = feed->epoch;
        if (parameter_kinds(visit, &follower->kinds) < 0 ||
            parameter_number(visit, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit) < 0 ||
            parameter_number(visit, "wait", 0, WAIT_MAX, 0, &seconds) < 0 ||
            take_cursor(visit, &follower->cursor) < 0)
                return -EINVAL;
        follower->left = (unsigned) limit;
        follower->deadline = seconds > 0 ? now_usec(feed) + (usec_t) seconds * USEC_PER_SEC : 0;
        *ret = TAKE(follower);
        return 0;
}

void serve_events(struct visit *visit)
{
        struct feed *feed = visit->control->feed;
        struct follower *follower;

        if (follower_new(visit, &follower) < 0)
                return;
        if (follower->deadline == 0 || follower_has_news(follower)) {
                follower_answer(follower, visit);
                return;
        }
        follower->visit = visit;
        TAILQ_INSERT_TAIL(&feed->waiting, follower, next);
        arm(feed, follower->deadline);
        visit_wait(visit);
}

/* --- the feed as a whole */

int feed_new(const struct control_parts *parts, struct feed **ret)
{
        _cleanup_(feed_freep) struct feed *feed = calloc(1, sizeof(*feed));
        int64_t first, last;
        int r;

        if (!feed)
                return -ENOMEM;
        feed->parts = parts;
        TAILQ_INIT(&feed->waiting);
        r = store_events_epoch(parts->store, &feed->epoch);
        if (r >= 0)
                r = store_events_range(parts->store, &first, &last);
        if (r < 0)
                return r;
        feed_ring_begin(&feed->ring, last);
        r = sd_event_add_time(parts->event, &feed->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_timer, feed);
        if (r < 0)
                return r;
        (void) sd_event_source_set_enabled(feed->timer, SD_EVENT_OFF);
        engine_watch_events(parts->engine, on_committed, feed);
        *ret = TAKE(feed);
        return 0;
}

struct feed *feed_free(struct feed *feed)
{
        struct follower *follower;

        if (!feed)
                return NULL;
        engine_watch_events(feed->parts->engine, NULL, NULL);
        while ((follower = TAILQ_FIRST(&feed->waiting))) {
                TAILQ_REMOVE(&feed->waiting, follower, next);
                follower_free(follower);
        }
        sd_event_source_disable_unref(feed->timer);
        feed_ring_clear(&feed->ring);
        return mfree(feed);
}

void feed_forget(struct feed *feed, const struct visit *visit)
{
        struct follower *follower, *next;

        for (follower = TAILQ_FIRST(&feed->waiting); follower; follower = next) {
                next = TAILQ_NEXT(follower, next);
                if (follower->visit != visit)
                        continue;
                TAILQ_REMOVE(&feed->waiting, follower, next);
                follower_free(follower);
        }
}
