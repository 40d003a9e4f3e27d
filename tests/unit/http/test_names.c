/* Name lookups that fail and that hang. This program's own getaddrinfo() takes the place of the C library's,
 * in libcurl too. */
#include "asker.h"

#include <dirent.h>
#include <netdb.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_uint lookups, asleep;
static sem_t wake;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
        (void) service;
        (void) hints;
        (void) ret;
        atomic_fetch_add(&lookups, 1);
        if (strcmp(node, "slow.example") == 0) {
                atomic_fetch_add(&asleep, 1);
                sem_wait(&wake);
        }
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

static size_t threads(void)
{
        DIR *dir = opendir("/proc/self/task");
        size_t n = 0;

        assert_non_null(dir);
        for (const struct dirent *entry; (entry = readdir(dir));)
                n += entry->d_name[0] != '.';
        closedir(dir);
        return n;
}

/* Leak checkers are to see the end of the threads that slept. */
static void wake_all(void)
{
        for (unsigned n = asleep; n > 0; n--)
                sem_post(&wake);
        while (threads() > 1)
                sched_yield();
}

/* The lookup is asleep until the requests have ended: nobody waits for it, and the loop turns. */
static void a_hanging_lookup_stops_nothing(void **state)
{
        struct asker *asker = *state;
        sd_event_source *ticker = NULL;
        struct request request;
        unsigned ticks = 0;

        assert_int_equal(sem_init(&wake, 0, 0), 0);
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
        while (ticks < 2)
                assert_true(sd_event_run(asker->event, UINT64_MAX) > 0);
        assert_true(asleep > 0);
        sd_event_source_disable_unref(ticker);

        asker->transport = http_free(asker->transport);
        wake_all();
        sem_destroy(&wake);
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
