/* No answer, or none to judge: every way in which that happens has its name. */
#include "asker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static void assert_failed(const struct seen *seen, enum transport_error error, const char *detail)
{
        if (seen->error != error)
                fail_msg("'%s' (%s) instead of '%s'", transport_error_text(seen->error), seen->detail,
                         transport_error_text(error));
        assert_string_equal(seen->detail, detail);
        assert_int_equal(seen->status, 0);
        assert_int_equal(seen->size, 0);
        assert_string_equal(seen->body, "");
        assert_string_equal(seen->request_id, "");
}

static void a_closed_port_is_no_connection(void **state)
{
        struct asker *asker = *state;

        asker_point_at(asker, "http", "127.0.0.1", peer_free_port());
        asker_connect(asker);
        assert_failed(asker_get(asker, "/"), TRANSPORT_CONNECT, "127.0.0.1: Connection refused");
}

static void serve_nothing(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
}

static void serve_reset(int fd, unsigned n, struct peer_notes *notes)
{
        struct linger now = { .l_onoff = 1 };

        (void) n;
        (void) peer_hear(fd, notes);
        (void) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void serve_half(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
        peer_say(fd,
                 "HTTP/1.1 401 Unauthorized\r\nRequest-Id: req_x\r\nContent-Length: 100\r\n\r\n{\"error\":");
}

static void serve_half_chunk(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
        peer_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"error\":");
}

static void serve_noise(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
        peer_say(fd, "SSH-2.0-nothing\r\nof the kind\r\n");
}

static void serve_bad_header(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
        peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n");
}

static void broken_connections_are_no_answer(void **state)
{
        static const struct {
                peer_fn serve;
                const char *detail;
        } cases[] = {
                { serve_nothing, "127.0.0.1: Server returned nothing (no headers, no data)" },
                { serve_reset, "127.0.0.1: Failure when receiving data from the peer" },
                { serve_half, "127.0.0.1: Transferred a partial file" },
                { serve_half_chunk, "127.0.0.1: Transferred a partial file" },
                { serve_noise, "127.0.0.1: Unsupported protocol" },
                { serve_bad_header, "127.0.0.1: Weird server reply" },
        };
        struct asker *asker = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                asker_serve(asker, cases[i].serve);
                assert_failed(asker_get(asker, "/"), TRANSPORT_BROKEN, cases[i].detail);
                assert_int_equal(asker->peer.notes->requests, 1);
                asker->transport = http_free(asker->transport);
                peer_stop(&asker->peer);
        }
}

static void serve_mute(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
        peer_linger(fd);
}

static void silence_is_a_timeout(void **state)
{
        struct asker *asker = *state;

        asker->options.timeout = 200 * USEC_PER_MSEC;
        asker_serve(asker, serve_mute);
        assert_failed(asker_get(asker, "/"), TRANSPORT_TIMEOUT, "127.0.0.1: no answer in time");
        assert_true(asker->last.duration_usec >= asker->options.timeout);
}

static void serve_stuck(int fd, unsigned n, struct peer_notes *notes)
{
        serve_half(fd, n, notes);
        peer_linger(fd);
}

static void an_answer_that_stops_is_a_timeout(void **state)
{
        struct asker *asker = *state;

        asker->options.timeout = 200 * USEC_PER_MSEC;
        asker_serve(asker, serve_stuck);
        assert_failed(asker_get(asker, "/"), TRANSPORT_TIMEOUT, "127.0.0.1: the answer stopped half-way");
}

/* Nothing is said before the TLS handshake: no request gets further than the first, and those that wait for
 * its connection must not be forgotten. */
static void serve_deaf(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) notes;
        peer_linger(fd);
}

static void assert_no_connection(struct asker *asker)
{
        assert_int_equal(asker->last.error, TRANSPORT_TIMEOUT);
        assert_non_null(strstr(asker->last.detail, "localhost: no "));
        assert_non_null(strstr(asker->last.detail, "connection in time"));
}

static void who_waits_for_a_connection_times_out_too(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker->options.timeout = 200 * USEC_PER_MSEC;
        peer_start(&asker->peer, serve_deaf);
        asker_point_at(asker, "https", "localhost", asker->peer.port);
        asker_connect(asker);
        request = asker_request(asker, METHOD_GET, "/");
        for (int i = 0; i < 5; i++)
                asker_start(asker, &request);
        asker->then = assert_no_connection;
        asker_await(asker, 5);
        assert_int_equal(asker->peer.notes->connections, 1);
}

static void serve_not_tls(int fd, unsigned n, struct peer_notes *notes)
{
        char bytes[512];

        (void) n;
        (void) notes;
        if (read(fd, bytes, sizeof(bytes)) > 0)
                peer_say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

static void plain_http_where_tls_should_be(void **state)
{
        struct asker *asker = *state;

        peer_start(&asker->peer, serve_not_tls);
        asker_point_at(asker, "https", "localhost", asker->peer.port);
        asker_connect(asker);
        assert_failed(asker_get(asker, "/"), TRANSPORT_TLS, "localhost: SSL connect error");
}

static void a_missing_ca_file_is_our_own_doing(void **state)
{
        struct asker *asker = *state;

        peer_start(&asker->peer, serve_deaf);
        asker->options.ca_file = "/nonexistent/ca.pem";
        asker_point_at(asker, "https", "localhost", asker->peer.port);
        asker_connect(asker);
        assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_LOCAL);
}

#define LIMIT 5000

static void serve_just_enough(int fd, unsigned n, struct peer_notes *notes)
{
        char body[LIMIT + 2];

        (void) n;
        while (peer_hear(fd, notes)) {
                int excess = strstr(notes->last, "GET /more ") != NULL;

                memset(body, 'x', sizeof(body));
                body[LIMIT + excess] = '\0';
                peer_answer(fd, "200 OK", "", body);
        }
}

static void one_byte_too_many_is_too_large(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker_serve(asker, serve_just_enough);
        for (int round = 0; round < 2; round++) {
                request = asker_request(asker, METHOD_GET, "/more");
                request.body_max = LIMIT;
                asker_start(asker, &request);
                asker_await(asker, 1);
                assert_failed(&asker->last, TRANSPORT_TOO_LARGE, "");

                request.path = "/enough";
                asker_start(asker, &request);
                asker_await(asker, 1);
                assert_int_equal(asker->last.error, TRANSPORT_NONE);
                assert_int_equal(asker->last.size, LIMIT);
                assert_int_equal(strlen(asker->last.body), LIMIT);
        }
}

static void serve_endless(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        (void) peer_hear(fd, notes);
        peer_say(fd, "HTTP/1.1 200 OK\r\n\r\n");
        for (;;)
                peer_say(fd, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void an_endless_answer_is_too_large(void **state)
{
        struct asker *asker = *state;

        asker_serve(asker, serve_endless);
        assert_failed(asker_get(asker, "/"), TRANSPORT_TOO_LARGE, "");
}

#define LARGE ((size_t) 4 << 20)

/* A large answer that lacks its end. */
static void serve_large(int fd, unsigned n, struct peer_notes *notes)
{
        static char half[LARGE / 2];

        (void) n;
        (void) peer_hear(fd, notes);
        peer_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n");
        memset(half, 'x', sizeof(half) - 1);
        peer_say(fd, half);
        peer_say(fd, half);
        peer_linger(fd);
}

/* Whoever gives each of many requests the largest answer that is read is not given the memory for it. */
static void large_answers_take_turns(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker->options.timeout = 30 * USEC_PER_SEC;
        asker_serve(asker, serve_large);
        request = asker_request(asker, METHOD_GET, "/");
        request.body_max = LARGE;
        for (int i = 0; i < 18; i++)
                asker_start(asker, &request);
        asker_await(asker, 2);
        assert_int_equal(asker->last.error, TRANSPORT_LOCAL);
        assert_in_range(asker->answers, 2, 17); /* there is room for sixteen, but they come side by side */
        request.body_max = 8000;                /* and for all that is small */
        asker_start(asker, &request);
        asker_await(asker, 1);
        assert_int_equal(asker->last.error, TRANSPORT_TOO_LARGE);
}

/* The first request of a connection is answered; the second is taken, and the connection closed. */
static void serve_once(int fd, unsigned n, struct peer_notes *notes)
{
        if (!peer_hear(fd, notes))
                return;
        peer_answer(fd, "200 OK", "", "{}");
        if (n == 0)
                (void) peer_hear(fd, notes);
        else
                while (peer_hear(fd, notes))
                        peer_answer(fd, "200 OK", "", "{}");
}

static void what_changes_something_goes_out_once(void **state)
{
        static const struct {
                enum method method;
                const char *body;
                bool again;
        } cases[] = {
                { METHOD_DELETE, NULL, false },
                { METHOD_POST, "id=x", false },
                { METHOD_POST, NULL, true },
                { METHOD_GET, NULL, true },
        };
        struct asker *asker = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct request request = asker_request(asker, cases[i].method, "/v1/coupons/x");

                request.body = cases[i].body;
                asker_serve(asker, serve_once);
                assert_int_equal(asker_get(asker, "/")->status, 200);
                asker_start(asker, &request);
                asker_await(asker, 1);
                if (cases[i].again) {
                        assert_int_equal(asker->last.status, 200);
                        assert_int_equal(asker->peer.notes->requests, 3);
                } else {
                        assert_int_equal(asker->last.error, TRANSPORT_BROKEN);
                        assert_int_equal(asker->peer.notes->requests, 2);
                }
                asker->transport = http_free(asker->transport);
                peer_stop(&asker->peer);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, asker_setup, asker_teardown)
                TEST(a_closed_port_is_no_connection),
                TEST(broken_connections_are_no_answer),
                TEST(silence_is_a_timeout),
                TEST(an_answer_that_stops_is_a_timeout),
                TEST(who_waits_for_a_connection_times_out_too),
                TEST(plain_http_where_tls_should_be),
                TEST(a_missing_ca_file_is_our_own_doing),
                TEST(one_byte_too_many_is_too_large),
                TEST(an_endless_answer_is_too_large),
                TEST(large_answers_take_turns),
                TEST(what_changes_something_goes_out_once),
        };

        return cmocka_run_group_tests_name("failures", tests, NULL, NULL);
}
