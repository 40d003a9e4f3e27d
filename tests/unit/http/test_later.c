/* What happens after a while. CLOCK_BOOTTIME is this program's own and jumps. */
#include "asker.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static time_t ahead;

int clock_gettime(clockid_t clock, struct timespec *ret)
{
        int r = (int) syscall(SYS_clock_gettime, clock, ret);

        if (r == 0 && clock == CLOCK_BOOTTIME)
                ret->tv_sec += ahead;
        return r;
}

static usec_t boottime(void)
{
        struct timespec now;

        clock_gettime(CLOCK_BOOTTIME, &now);
        return (usec_t) now.tv_sec * USEC_PER_SEC + (usec_t) now.tv_nsec / 1000;
}

static void serve_mute(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
        peer_linger(fd);
}

static int asker_was_heard(struct asker *asker)
{
        return asker->peer.notes->requests > 0;
}

/* libcurl's own clock does not jump: to it the limit is far away. */
static void what_libcurl_forgets_is_ended(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker_serve(asker, serve_mute);
        request = asker_request(asker, METHOD_GET, "/");
        asker_start(asker, &request);
        asker_await_that(asker, asker_was_heard);
        ahead += 21;
        request.path = "/second";
        asker_start(asker, &request);
        ahead += 2;
        asker_await(asker, 1);
        assert_int_equal(asker->last.error, TRANSPORT_TIMEOUT);
        asker_settle(asker);
        assert_int_equal(asker->answers, 1);
        ahead += 60;
        asker_await(asker, 1);
        assert_int_equal(asker->last.error, TRANSPORT_TIMEOUT);
}

/* Counts in `answers` the connections that were closed. */
static void serve_until_closed(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes))
                peer_answer(fd, "200 OK", "", "{}");
        atomic_fetch_add(&notes->answers, 1);
}

static void get_after(struct asker *asker, usec_t opened_after)
{
        struct request request = asker_request(asker, METHOD_GET, "/");

        request.opened_after = opened_after;
        asker_start(asker, &request);
        asker_await(asker, 1);
        assert_int_equal(asker->last.status, 200);
}

static int one_was_closed(struct asker *asker)
{
        return asker->peer.notes->answers == 1;
}

static void fresh_connections_do_not_stay_for_ever(void **state)
{
        struct asker *asker = *state;
        const struct peer_notes *notes;
        usec_t demand;

        asker_serve(asker, serve_until_closed);
        notes = asker->peer.notes;
        get_after(asker, 0);
        demand = boottime();
        get_after(asker, demand);
        ahead += 20;
        get_after(asker, demand);
        asker_settle(asker);
        assert_int_equal(notes->connections, 2);
        assert_int_equal(notes->answers, 0);
        ahead += 50;
        get_after(asker, 0);
        asker_await_that(asker, one_was_closed);
        assert_int_equal(notes->connections, 2);
        get_after(asker, demand);
        assert_int_equal(notes->connections, 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, asker_setup, asker_teardown)
                TEST(what_libcurl_forgets_is_ended),
                TEST(fresh_connections_do_not_stay_for_ever),
        };

        return cmocka_run_group_tests_name("later", tests, NULL, NULL);
}
