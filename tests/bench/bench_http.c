/* src/http alone, asked the same as bare_loop: GETs with a key each, so many at a time; each answer's status,
 * body and headers are there, nobody looks at them.
 *
 * bench_http BASE CA_FILE REQUESTS IN_FLIGHT */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"
#include "report.h"

struct bench {
        sd_event *event;
        struct transport *transport;
        struct secret *key;
        long wanted, started, done, answered;
};

static void on_reply(const struct reply *reply, void *userdata);

static void bench_start(struct bench *bench)
{
        struct request request = { .method = METHOD_GET,
                                   .path = "/v1/customers/keyvigil_absent",
                                   .key = bench->key,
                                   .body_max = 65536 };
        struct call *call;
        int n;

        n = snprintf(bench->key->bytes, bench->key->size + 1, "rk_test_51%0*ld", REPORT_KEY_DIGITS,
                     bench->started++);
        bench->key->size = (size_t) n;
        if (bench->transport->start(bench->transport, &request, on_reply, bench, &call) < 0)
                sd_event_exit(bench->event, 1);
}

static void on_reply(const struct reply *reply, void *userdata)
{
        struct bench *bench = userdata;

        bench->answered += reply->error == TRANSPORT_NONE;
        if (++bench->done == bench->wanted)
                sd_event_exit(bench->event, 0);
        else if (bench->started < bench->wanted)
                bench_start(bench);
}

int main(int argc, char **argv)
{
        struct http_options options = { .api_version = "2026-10-28.endive", .timeout = 20 * USEC_PER_SEC };
        struct bench bench = { 0 };
        struct report report;
        long in_flight;

        if (argc != 5) {
                fprintf(stderr, "usage: %s BASE CA_FILE REQUESTS IN_FLIGHT\n", argv[0]);
                return 2;
        }
        sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
        options.api_base = argv[1];
        options.ca_file = argv[2];
        bench.wanted = strtol(argv[3], NULL, 10);
        in_flight = strtol(argv[4], NULL, 10);
        options.concurrency = (unsigned) in_flight;
        bench.key = secret_new(REPORT_KEY_DIGITS + 32);
        if (!bench.key || sd_event_default(&bench.event) < 0 ||
            http_new(bench.event, &options, &bench.transport) < 0)
                return 1;
        report_begin(&report);
        for (long i = 0; i < in_flight; i++)
                bench_start(&bench);
        sd_event_loop(bench.event);
        report_end(&report, bench.answered, bench.wanted);
        http_free(bench.transport);
        sd_event_unref(bench.event);
        secret_free(bench.key);
        return bench.answered == bench.wanted ? 0 : 1;
}
