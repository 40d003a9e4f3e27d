/* Calls come and go at any moment. */
#include "asker.h"

#include <string.h>
#include <time.h>

/* Answers at once, except "/wait" (never), "/half" (half of it) and "/gate" (when the test says so). */
static void serve(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes)) {
                if (strstr(notes->last, " /wait "))
                        peer_linger(fd);
                if (strstr(notes->last, " /half ")) {
                        peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
                        peer_linger(fd);
                }
                if (strstr(notes->last, " /gate "))
                        peer_wait(notes);
                peer_answer(fd, "200 OK", "", "{}");
                atomic_fetch_add(&notes->answers, 1);
        }
}

static int asker_was_heard(struct asker *asker)
{
        return asker->peer.notes->requests > 0;
}

static void assert_still_works(struct asker *asker)
{
        unsigned answers = asker->answers;

        asker->then = NULL;
        assert_int_equal(asker_get(asker, "/")->status, 200);
        assert_int_equal(asker->answers, answers + 1);
}

static void cancel_at_once(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker_serve(asker, serve);
        request = asker_request(asker, METHOD_GET, "/never");
        asker->transport->cancel(asker->transport, asker_start(asker, &request));
        assert_still_works(asker);
        assert_int_equal(asker->peer.notes->requests, 1);
}

static void cancel_while_it_waits_for_the_answer(void **state)
{
        struct asker *asker = *state;
        struct request request;
        struct call *call;

        asker_serve(asker, serve);
        request = asker_request(asker, METHOD_GET, "/wait");
        call = asker_start(asker, &request);
        asker_await_that(asker, asker_was_heard);
        asker->transport->cancel(asker->transport, call);
        assert_still_works(asker);
}

static void cancel_in_the_middle_of_the_answer(void **state)
{
        struct asker *asker = *state;
        struct request request;
        struct call *call;

        asker_serve(asker, serve);
        request = asker_request(asker, METHOD_GET, "/half");
        call = asker_start(asker, &request);
        asker_await_that(asker, asker_was_heard);
        asker_settle(asker);
        asker->transport->cancel(asker->transport, call);
        assert_still_works(asker);
}

#define CROWD 16

/* Many calls whose answers arrive in one turn of the loop. */
struct crowd {
        struct asker *asker;
        struct crowd_member {
                struct crowd *crowd;
                struct call *call; /* NULL: its answer came, or it was cancelled */
        } members[CROWD];
};

static void crowd_start(struct crowd *crowd, struct asker *asker, reply_fn done)
{
        struct request request = asker_request(asker, METHOD_GET, "/gate");

        crowd->asker = asker;
        for (size_t i = 0; i < CROWD; i++) {
                struct crowd_member *member = &crowd->members[i];

                member->crowd = crowd;
                assert_int_equal(
                        asker->transport->start(asker->transport, &request, done, member, &member->call), 0);
        }
}

static int crowd_was_heard(struct asker *asker)
{
        return asker->peer.notes->requests == CROWD;
}

/* All of them are answered, none of the answers is read. */
static void crowd_let_go(struct asker *asker)
{
        asker_await_that(asker, crowd_was_heard);
        atomic_store(&asker->peer.notes->gate, true);
        while (asker->peer.notes->answers < CROWD)
                nanosleep(&(struct timespec){ .tv_nsec = 1000 * 1000 }, NULL);
}

static void cancel_the_others(const struct reply *reply, void *userdata)
{
        struct crowd_member *me = userdata;
        struct crowd *crowd = me->crowd;
        struct transport *transport = crowd->asker->transport;

        me->call = NULL;
        for (size_t i = 0; i < CROWD; i++)
                if (crowd->members[i].call) {
                        transport->cancel(transport, crowd->members[i].call);
                        crowd->members[i].call = NULL;
                }
        asker_note(reply, crowd->asker);
}

static void the_first_answer_cancels_the_others(void **state)
{
        struct asker *asker = *state;
        struct crowd crowd = { 0 };

        asker_serve(asker, serve);
        crowd_start(&crowd, asker, cancel_the_others);
        crowd_let_go(asker);
        asker_await(asker, 1);
        asker_settle(asker);
        assert_int_equal(asker->answers, 1);
        assert_int_equal(asker->last.status, 200);
        assert_still_works(asker);
}

static void note_member(const struct reply *reply, void *userdata)
{
        struct crowd_member *me = userdata;

        assert_non_null(me->call);
        me->call = NULL;
        asker_note(reply, me->crowd->asker);
}

static void everybody_gets_one_answer(void **state)
{
        struct asker *asker = *state;
        struct crowd crowd = { 0 };

        asker_serve(asker, serve);
        crowd_start(&crowd, asker, note_member);
        crowd_let_go(asker);
        asker_await(asker, CROWD);
        asker_settle(asker);
        assert_int_equal(asker->answers, CROWD);
        assert_still_works(asker);
}

static void ask_again(struct asker *asker)
{
        struct request request = asker_request(asker, METHOD_GET, "/again");

        if (asker->answers < 10)
                asker_start(asker, &request);
}

/* With room for one call only: its place is free when its answer is handed over. */
static void the_answer_starts_the_next(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker->options.concurrency = 1;
        asker->then = ask_again;
        asker_serve(asker, serve);
        request = asker_request(asker, METHOD_GET, "/");
        asker_start(asker, &request);
        asker_await(asker, 10);
        assert_int_equal(asker->peer.notes->requests, 10);
        assert_int_equal(asker->peer.notes->connections, 1);
        assert_still_works(asker);
}

static void start_and_cancel(struct asker *asker)
{
        struct request request = asker_request(asker, METHOD_GET, "/wait");

        asker->transport->cancel(asker->transport, asker_start(asker, &request));
}

static void the_answer_starts_and_cancels(void **state)
{
        struct asker *asker = *state;

        asker->then = start_and_cancel;
        asker_serve(asker, serve);
        assert_int_equal(asker_get(asker, "/")->status, 200);
        asker_settle(asker);
        assert_int_equal(asker->peer.notes->requests, 1);
        assert_still_works(asker);
}

static void the_transport_goes_while_calls_fly(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker_serve(asker, serve);
        request = asker_request(asker, METHOD_GET, "/wait");
        asker_start(asker, &request);
        asker_await_that(asker, asker_was_heard);
        request.path = "/half";
        asker_start(asker, &request);
        request.opened_after = 1;
        asker_start(asker, &request);
        asker->transport = http_free(asker->transport);
        asker_settle(asker);
        assert_int_equal(asker->answers, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, asker_setup, asker_teardown)
                TEST(cancel_at_once),
                TEST(cancel_while_it_waits_for_the_answer),
                TEST(cancel_in_the_middle_of_the_answer),
                TEST(the_first_answer_cancels_the_others),
                TEST(everybody_gets_one_answer),
                TEST(the_answer_starts_the_next),
                TEST(the_answer_starts_and_cancels),
                TEST(the_transport_goes_while_calls_fly),
        };

        return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}
