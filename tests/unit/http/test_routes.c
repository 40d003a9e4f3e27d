/* Which connection a request takes: fresh ones on demand, new ones after a reload, proxies only when told. */
#include "asker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static usec_t now(void)
{
        struct timespec time;

        clock_gettime(CLOCK_BOOTTIME, &time);
        return (usec_t) time.tv_sec * USEC_PER_SEC + (usec_t) time.tv_nsec / 1000;
}

static void serve_ok(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes))
                peer_answer(fd, "200 OK", "", "{}");
}

static void get_after(struct asker *asker, usec_t opened_after)
{
        struct request request = asker_request(asker, METHOD_GET, "/");

        request.opened_after = opened_after;
        asker_start(asker, &request);
        asker_await(asker, 1);
        assert_int_equal(asker->last.status, 200);
}

static void a_connection_as_new_as_demanded(void **state)
{
        struct asker *asker = *state;
        const atomic_uint *connections;
        usec_t first, second;

        first = now();
        asker_serve(asker, serve_ok);
        connections = &asker->peer.notes->connections;
        get_after(asker, 0);
        get_after(asker, first); /* is older than the transport itself */
        assert_int_equal(*connections, 1);

        second = now();
        get_after(asker, second);
        assert_int_equal(*connections, 2);
        get_after(asker, second); /* shared */
        get_after(asker, first);
        get_after(asker, 0); /* does not demand: the common one */
        assert_int_equal(*connections, 2);

        get_after(asker, now());
        assert_int_equal(*connections, 3);
        get_after(asker, second); /* the newer one serves the older demand */
        assert_int_equal(*connections, 3);
}

static void serve_gate(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes)) {
                if (strstr(notes->last, " /gate "))
                        peer_wait(notes);
                peer_answer(fd, "200 OK", "", "{}");
        }
}

static int asker_was_heard(struct asker *asker)
{
        return asker->peer.notes->requests > 0;
}

static void what_flies_on_a_superseded_connection_ends_well(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker_serve(asker, serve_gate);
        request = asker_request(asker, METHOD_GET, "/gate");
        request.opened_after = now();
        asker_start(asker, &request);
        asker_await_that(asker, asker_was_heard);
        for (int i = 0; i < 3; i++)
                get_after(asker, now());
        atomic_store(&asker->peer.notes->gate, true);
        asker_await(asker, 1);
        assert_int_equal(asker->last.status, 200);
        assert_int_equal(asker->peer.notes->connections, 4);
        asker_settle(asker);
}

static void a_reload_leads_elsewhere(void **state)
{
        struct asker *asker = *state;
        struct request request;
        unsigned other;

        peer_start(&asker->other, serve_ok);
        asker_serve(asker, serve_gate);
        request = asker_request(asker, METHOD_GET, "/gate");
        asker_start(asker, &request);
        asker_await_that(asker, asker_was_heard);

        asker_point_at(asker, "http", "localhost", asker->other.port);
        asker->options.api_version = "2027-01-01.next";
        asker->options.user_agent = "another";
        assert_int_equal(http_reconfigure(asker->transport, &asker->options), 0);
        assert_int_equal(asker_get(asker, "/new")->status, 200);
        assert_int_equal(asker->other.notes->requests, 1);
        assert_non_null(strstr(asker->other.notes->last, "\r\nStripe-Version: 2027-01-01.next\r\n"));
        assert_non_null(strstr(asker->other.notes->last, "\r\nUser-Agent: another\r\n"));

        atomic_store(&asker->peer.notes->gate, true);
        asker_await(asker, 1);
        assert_int_equal(asker->last.status, 200);
        other = asker->other.notes->requests;
        assert_int_equal(asker_get(asker, "/new")->status, 200);
        assert_int_equal(asker->other.notes->requests, other + 1);
        assert_int_equal(asker->peer.notes->requests, 1);
}

static void a_reload_that_changes_nothing_keeps_the_connection(void **state)
{
        struct asker *asker = *state;

        asker_serve(asker, serve_ok);
        asker_get(asker, "/");
        assert_int_equal(http_reconfigure(asker->transport, &asker->options), 0);
        asker_get(asker, "/");
        assert_int_equal(asker->peer.notes->connections, 1);
}

static void a_bad_reload_changes_nothing(void **state)
{
        struct asker *asker = *state;
        struct http_options bad;

        asker_serve(asker, serve_ok);
        asker_get(asker, "/");
        bad = asker->options;
        bad.api_base = "http://192.0.2.1";
        assert_int_equal(http_reconfigure(asker->transport, &bad), -EINVAL);
        assert_int_equal(asker_get(asker, "/")->status, 200);
        assert_int_equal(asker->peer.notes->connections, 1);
}

static void serve_redirect(int fd, unsigned n, struct peer_notes *notes)
{
        char location[64];

        (void) n;
        while (peer_hear(fd, notes)) {
                snprintf(location, sizeof(location), "Location: http://127.0.0.1:%lu/\r\n",
                         strtoul(strstr(notes->last, "?to=") + 4, NULL, 10));
                peer_answer(fd, "302 Found", location, "");
        }
}

static void a_redirect_is_an_answer(void **state)
{
        struct asker *asker = *state;
        char path[32];

        peer_start(&asker->other, serve_ok);
        asker_serve(asker, serve_redirect);
        snprintf(path, sizeof(path), "/?to=%u", asker->other.port);
        assert_int_equal(asker_get(asker, path)->status, 302);
        asker_settle(asker);
        assert_int_equal(asker->other.notes->connections, 0);
}

static const char *const proxy_variables[] = { "http_proxy",  "HTTP_PROXY", "https_proxy",
                                               "HTTPS_PROXY", "all_proxy",  "ALL_PROXY" };

static void set_proxy_variables(uint16_t port)
{
        char url[64];

        snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
        for (size_t i = 0; i < ELEMENTSOF(proxy_variables); i++)
                setenv(proxy_variables[i], url, true);
}

static void unset_proxy_variables(void)
{
        for (size_t i = 0; i < ELEMENTSOF(proxy_variables); i++)
                unsetenv(proxy_variables[i]);
        unsetenv("no_proxy");
}

/* To a TLS greeting it gives an answer that is none. */
static void serve_or_deny(int fd, unsigned n, struct peer_notes *notes)
{
        char byte = 0;

        if (recv(fd, &byte, 1, MSG_PEEK) == 1 && byte == 'G')
                serve_ok(fd, n, notes);
        else
                peer_say(fd, "no");
}

static void the_environment_has_no_say(void **state)
{
        struct asker *asker = *state;

        peer_start(&asker->other, serve_ok);
        set_proxy_variables(asker->other.port);
        asker_serve(asker, serve_or_deny);
        asker_get(asker, "/");
        asker_point_at(asker, "https", "127.0.0.1", asker->peer.port);
        assert_int_equal(http_reconfigure(asker->transport, &asker->options), 0);
        assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_TLS);
        unset_proxy_variables();
        assert_int_equal(asker->peer.notes->connections, 2);
        assert_int_equal(asker->other.notes->connections, 0);
}

static void serve_unwilling_proxy(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes))
                peer_answer(fd, "407 Proxy Authentication Required", "Request-Id: req_proxy\r\n", "no");
}

static void the_proxy_that_was_named_is_used_and_gets_no_key(void **state)
{
        struct asker *asker = *state;
        char proxy[64];

        peer_start(&asker->other, serve_unwilling_proxy);
        snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", asker->other.port);
        asker->options.proxy = proxy;
        setenv("no_proxy", "*", true);
        asker_point_at(asker, "https", "api.example", 443);
        asker_connect(asker);
        assert_int_equal(asker_get(asker, "/")->error, TRANSPORT_CONNECT);
        unset_proxy_variables();
        assert_string_equal(asker->last.detail, "the proxy answered 407");
        assert_string_equal(asker->last.request_id, "");
        assert_int_equal(asker->other.notes->requests, 1);
        assert_int_equal(strncmp(asker->other.notes->last, "CONNECT api.example:443 ", 24), 0);
        assert_null(strcasestr(asker->other.notes->last, "authorization"));
        assert_null(strcasestr(asker->other.notes->last, "bearer"));
}

static void plain_http_takes_no_proxy(void **state)
{
        struct asker *asker = *state;
        char proxy[64];

        peer_start(&asker->other, serve_ok);
        snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", asker->other.port);
        asker->options.proxy = proxy;
        asker_serve(asker, serve_ok);
        assert_int_equal(asker_get(asker, "/")->status, 200);
        assert_int_equal(asker->other.notes->connections, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, asker_setup, asker_teardown)
                TEST(a_connection_as_new_as_demanded),
                TEST(what_flies_on_a_superseded_connection_ends_well),
                TEST(a_reload_leads_elsewhere),
                TEST(a_reload_that_changes_nothing_keeps_the_connection),
                TEST(a_bad_reload_changes_nothing),
                TEST(a_redirect_is_an_answer),
                TEST(the_environment_has_no_say),
                TEST(the_proxy_that_was_named_is_used_and_gets_no_key),
                TEST(plain_http_takes_no_proxy),
        };

        return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
