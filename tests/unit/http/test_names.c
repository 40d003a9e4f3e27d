/* Name lookups that fail and that hang. This program's own getaddrinfo() takes the place of the C library's,
 * in libcurl too. */
#include "asker.h"

#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SLOW_SECONDS 3

static atomic_uint lookups;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
        (void) service;
        (void) hints;
        (void) ret;
        atomic_fetch_add(&lookups, 1);
        if (strcmp(node, "slow.example") == 0)
                nanosleep(&(struct timespec){ .tv_sec = SLOW_SECONDS }, NULL);
        return EAI_NONAME;
}

static void an_unknown_name(void **state)
{
        struct asker *asker = *state;

        asker_point_at(asker, "https", "unknown.example", 443);
        asker_connect(asker);
        assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_RESOLVE);
        assert_string_equal(asker->last.detail, "unknown.example: Couldn't resolve host name");
        assert_true(lookups > 0);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        unsigned *ticks = userdata;

        (void) usec;
        ++*ticks;
        assert_true(sd_event_source_set_time_relative(source, 10 * USEC_PER_MSEC) >= 0);
        assert_true(sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) >= 0);
        return 0;
}

/* The lookup is still asleep when the requests have ended: nobody waited for it. */
static void a_hanging_lookup_stops_nothing(void **state)
{
        struct asker *asker = *state;
        sd_event_source *ticker = NULL;
        struct request request;
        unsigned ticks = 0;

        asker->options.timeout = 300 * USEC_PER_MSEC;
        asker_point_at(asker, "https", "slow.example", 443);
        asker_connect(asker);
        assert_true(sd_event_add_time_relative(asker->event, &ticker, CLOCK_MONOTONIC, 0, 1, on_tick,
                                               &ticks) >= 0);
        request = asker_request(asker, METHOD_GET, "/");
        asker_start(asker, &request);
        asker_start(asker, &request);
        asker->transport->cancel(asker->transport, asker_start(asker, &request));
        asker_await(asker, 2);
        assert_int_equal(asker->last.error, TRANSPORT_TIMEOUT);
        assert_string_equal(asker->last.detail, "slow.example: no address or connection in time");
        assert_true(asker->last.duration_usec < SLOW_SECONDS * USEC_PER_SEC);
        assert_true(ticks > 1);
        sd_event_source_disable_unref(ticker);

        /* Leak checkers are to see the end of the sleeping thread. */
        asker->transport = http_free(asker->transport);
        nanosleep(&(struct timespec){ .tv_sec = SLOW_SECONDS + 1 }, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, asker_setup, asker_teardown)
                TEST(an_unknown_name),
                TEST(a_hanging_lookup_stops_nothing),
        };

        return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
