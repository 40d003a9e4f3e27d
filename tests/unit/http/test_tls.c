/* Who answers must prove it, and HTTP/2 shares connections. */
#include "asker.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world.h"

static struct world world;

static int group_setup(void **state)
{
        (void) state;
        world_make(&world);
        return 0;
}

static int group_teardown(void **state)
{
        (void) state;
        world_end(&world);
        return 0;
}

static int setup(void **state)
{
        return asker_setup(state);
}

static int teardown(void **state)
{
        asker_teardown(state);
        world_stop_server(&world);
        return 0;
}

static void connect_to_world(struct asker *asker)
{
        static char ca_file[128];

        snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", world.dir);
        asker->options.ca_file = ca_file;
        asker_point_at(asker, "https", "127.0.0.1", world.port);
        asker_connect(asker);
}

static void a_proven_host_is_asked(void **state)
{
        struct asker *asker = *state;

        world_serve_tls(&world, "good");
        connect_to_world(asker);
        assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_NONE);
        assert_int_equal(asker->last.status, 200);
}

static void an_unproven_host_is_not_asked(void **state)
{
        static const struct {
                const char *name, *detail;
        } cases[] = {
                { "expired", "127.0.0.1: its certificate has expired (or our clock is wrong)" },
                { "wrong-host", "127.0.0.1: its certificate is for another host" },
                { "self-signed", "127.0.0.1: its certificate is self-signed" },
        };
        struct asker *asker = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                world_serve_tls(&world, cases[i].name);
                connect_to_world(asker);
                assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_CERTIFICATE);
                assert_string_equal(asker->last.detail, cases[i].detail);
                asker->transport = http_free(asker->transport);
                world_stop_server(&world);
        }
}

static void without_a_ca_file_the_system_decides(void **state)
{
        struct asker *asker = *state;

        world_serve_tls(&world, "good");
        connect_to_world(asker);
        asker->options.ca_file = "";
        assert_int_equal(http_reconfigure(asker->transport, &asker->options), 0);
        assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_CERTIFICATE);
        assert_string_equal(asker->last.detail, "127.0.0.1: its certificate was issued by nobody we trust");
}

/* The body tells which connection and what protocol. */
#define TELL "return 200 '$server_protocol on $connection';"

static bool serve_h2(void)
{
        if (world_serve_nginx(&world, "http2", TELL))
                return true;
        print_message("no nginx here\n");
        return false;
}

static void start_many(struct asker *asker, unsigned n)
{
        struct request request = asker_request(asker, METHOD_GET, "/");

        for (unsigned i = 0; i < n; i++)
                asker_start(asker, &request);
}

static char tellings[16][64];
static unsigned n_tellings;

static void collect(struct asker *asker)
{
        assert_int_equal(asker->last.error, TRANSPORT_NONE);
        assert_int_equal(asker->last.status, 200);
        assert_int_equal(strncmp(asker->last.body, "HTTP/2.0 on ", 12), 0);
        for (unsigned i = 0; i < n_tellings; i++)
                if (strcmp(tellings[i], asker->last.body) == 0)
                        return;
        assert_true(n_tellings < ELEMENTSOF(tellings));
        snprintf(tellings[n_tellings++], sizeof(tellings[0]), "%.63s", asker->last.body);
}

static void a_cold_burst_shares_one_connection(void **state)
{
        struct asker *asker = *state;

        if (!serve_h2())
                skip();
        connect_to_world(asker);
        n_tellings = 0;
        asker->then = collect;
        start_many(asker, 64);
        asker_await(asker, 64);
        assert_int_equal(n_tellings, 1);
}

static void more_than_the_streams_take_few_connections(void **state)
{
        struct asker *asker = *state;

        if (!serve_h2())
                skip();
        asker->options.concurrency = 400;
        connect_to_world(asker);
        n_tellings = 0;
        asker->then = collect;
        for (int round = 0; round < 3; round++) {
                start_many(asker, 400);
                asker_await(asker, 400);
        }
        assert_in_range(n_tellings, 2, 11); /* 4 where all are under way at once */
}

static void one_cancelled_stream_disturbs_nobody(void **state)
{
        struct asker *asker = *state;
        struct request request;
        struct call *call;

        if (!serve_h2())
                skip();
        connect_to_world(asker);
        n_tellings = 0;
        asker->then = collect;
        start_many(asker, 1);
        asker_await(asker, 1);
        request = asker_request(asker, METHOD_GET, "/");
        for (int i = 0; i < 20; i++) {
                start_many(asker, 2);
                call = asker_start(asker, &request);
                if (i % 2 == 0)
                        assert_true(sd_event_run(asker->event, 0) >= 0);
                if (asker->answers == 1 + 2u * (unsigned) i)
                        asker->transport->cancel(asker->transport, call);
                else
                        fail_msg("answered within one turn");
                asker_await(asker, 2);
        }
        assert_int_equal(n_tellings, 1);
}

#define CROWD 12

/* Answers to "/crowd" only when all of them are there at once. */
static void serve_crowd(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes)) {
                if (strstr(notes->last, " /crowd ") && atomic_fetch_add(&notes->answers, 1) == CROWD - 1)
                        atomic_store(&notes->gate, true);
                if (strstr(notes->last, " /crowd "))
                        peer_wait(notes);
                peer_answer(fd, "200 OK", "", "{}");
        }
}

/* A server, or a box in between, that knows HTTP/1.1 only: nobody waits for somebody else's answer. */
static void without_http2_each_has_a_connection(void **state)
{
        struct asker *asker = *state;
        struct request request;
        char location[128];

        peer_start(&asker->peer, serve_crowd);
        snprintf(location, sizeof(location), "proxy_pass http://127.0.0.1:%u;", asker->peer.port);
        if (!world_serve_nginx(&world, "", location))
                skip();
        connect_to_world(asker);
        assert_int_equal(asker_get(asker, "/first")->status, 200);
        request = asker_request(asker, METHOD_GET, "/crowd");
        for (int i = 0; i < CROWD; i++)
                asker_start(asker, &request);
        asker_await(asker, CROWD);
        assert_int_equal(asker->last.status, 200);
}

static int connect_to_server(void)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                       .sin_port = htons(world.port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                abort();
        return fd;
}

static bool pass_on(int from, int to, bool swallow)
{
        char bytes[65536];
        ssize_t n = read(from, bytes, sizeof(bytes));

        return n > 0 && (swallow || write(to, bytes, (size_t) n) == n);
}

/* Passes everything on. From when the gate is opened the first connection is as dead as behind a NAT that
 * forgot it: what is sent is taken, nothing comes back, nobody hangs up. */
static void serve_a_path_that_dies(int fd, unsigned n, struct peer_notes *notes)
{
        struct pollfd ends[] = { { .fd = fd, .events = POLLIN },
                                 { .fd = connect_to_server(), .events = POLLIN } };

        while (poll(ends, 2, -1) > 0)
                for (size_t i = 0; i < 2; i++)
                        if (ends[i].revents &&
                            !pass_on(ends[i].fd, ends[1 - i].fd, n == 0 && atomic_load(&notes->gate)))
                                return;
}

static bool go_through_a_path_that_dies(struct asker *asker, const char *location)
{
        static char ca_file[128];

        if (!world_serve_nginx(&world, "http2", location)) {
                print_message("no nginx here\n");
                return false;
        }
        peer_start(&asker->other, serve_a_path_that_dies);
        snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", world.dir);
        asker->options.ca_file = ca_file;
        asker->options.timeout = 2 * USEC_PER_SEC;
        asker_point_at(asker, "https", "127.0.0.1", asker->other.port);
        asker_connect(asker);
        return true;
}

static void a_connection_that_goes_silent_is_left(void **state)
{
        struct asker *asker = *state;

        if (!go_through_a_path_that_dies(asker, TELL))
                skip();
        assert_int_equal(asker_get(asker, "/")->status, 200);
        atomic_store(&asker->other.notes->gate, true);
        start_many(asker, 3);
        asker_await(asker, 3);
        assert_int_equal(asker->last.error, TRANSPORT_TIMEOUT);
        assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_NONE);
        assert_int_equal(asker->last.status, 200);
        assert_int_equal(asker->other.notes->connections, 2);
}

static void serve_but_not_everything(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes)) {
                if (strstr(notes->last, " /mute "))
                        peer_linger(fd);
                peer_answer(fd, "200 OK", "", "{}");
        }
}

static unsigned timeouts;

static void count_timeouts(struct asker *asker)
{
        timeouts += asker->last.error == TRANSPORT_TIMEOUT;
}

/* One account that Stripe is slow about is no reason to shake hands anew. */
static void a_slow_answer_costs_no_connection(void **state)
{
        struct asker *asker = *state;
        struct request request = asker_request(asker, METHOD_GET, "/mute");
        char location[128];

        peer_start(&asker->peer, serve_but_not_everything);
        snprintf(location, sizeof(location), "proxy_pass http://127.0.0.1:%u;", asker->peer.port);
        if (!go_through_a_path_that_dies(asker, location))
                skip();
        timeouts = 0;
        asker->then = count_timeouts;
        unsigned asked = asker->answers + 1;
        for (asker_start(asker, &request); timeouts == 0; asked++) {
                (void) asker_get(asker, "/");
                usleep(20000);
        }
        asker_await(asker, asked - asker->answers); /* the slow answer may have stood in for another */
        assert_int_equal(timeouts, 1);
        for (int i = 0; i < 3; i++)
                assert_int_equal(asker_get(asker, "/")->status, 200);
        assert_int_equal(asker->other.notes->connections, 1);
}

static void all_methods_work(void **state)
{
        struct asker *asker = *state;
        struct request request;

        if (!world_serve_nginx(&world, "http2",
                               "return 200 '$request_method $content_length $http_stripe_version';"))
                skip();
        connect_to_world(asker);
        request = asker_request(asker, METHOD_POST, "/");
        request.body = "a=b";
        asker_start(asker, &request);
        asker_await(asker, 1);
        assert_string_equal(asker->last.body, "POST 3 2026-10-28.endive");
        request.body = NULL;
        asker_start(asker, &request);
        asker_await(asker, 1);
        assert_string_equal(asker->last.body, "POST 0 2026-10-28.endive");
        request.method = METHOD_DELETE;
        asker_start(asker, &request);
        asker_await(asker, 1);
        assert_string_equal(asker->last.body, "DELETE  2026-10-28.endive");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
                TEST(a_proven_host_is_asked),
                TEST(an_unproven_host_is_not_asked),
                TEST(without_a_ca_file_the_system_decides),
                TEST(a_cold_burst_shares_one_connection),
                TEST(more_than_the_streams_take_few_connections),
                TEST(one_cancelled_stream_disturbs_nobody),
                TEST(a_connection_that_goes_silent_is_left),
                TEST(a_slow_answer_costs_no_connection),
                TEST(all_methods_work),
                TEST(without_http2_each_has_a_connection),
        };

        return cmocka_run_group_tests_name("tls", tests, group_setup, group_teardown);
}
