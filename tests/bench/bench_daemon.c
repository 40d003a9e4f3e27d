/* bench_daemon BASE CA_FILE REQUESTS IN_FLIGHT: requests through everything that the daemon does with one –
 * schedule, limits, opening the secret, asking, judging, believing, recording – as fast as it goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"
#include "http/http.h"
#include "report.h"

#define KEYS 10000
/* Every key is new at first: its profile is asked, its account is looked for, and all of it is written
 * down. What counts is the steady watch, a good while after. */
#define WARM_UP (10 * KEYS)

struct count {
        struct transport transport; /* first: counts, then hands on */
        struct transport *real;
        sd_event *event;
        struct report report;
        long started, wanted;
};

static int count_start(struct transport *transport, const struct request *request, reply_fn done,
                       void *userdata, struct call **ret)
{
        struct count *count = (struct count *) transport;

        if (count->started++ == WARM_UP)
                report_begin(&count->report);
        else if (count->started == WARM_UP + count->wanted)
                sd_event_exit(count->event, 0);
        return count->real->start(count->real, request, done, userdata, ret);
}

static void count_cancel(struct transport *transport, struct call *call)
{
        struct count *count = (struct count *) transport;

        count->real->cancel(count->real, call);
}

int main(int argc, char **argv)
{
        struct fleet fleet;
        struct count count = { .transport = { count_start, count_cancel } };

        if (argc != 5)
                return 2;
        fleet_new(&fleet);
        struct settings *settings = &fleet.conf->settings;
        settings->stripe.rate = 1000000;
        settings->stripe.account_rate = 1000000;
        settings->stripe.concurrency = (unsigned) atol(argv[4]);
        settings->checks.pulse = USEC_PER_SEC / 4; /* more than can be asked: the loop never idles */
        for (size_t i = 0; i < fleet.conf->profiles->n; i++)
                fleet.conf->profiles->list[i]->pulse = USEC_PER_SEC / 4;
        struct http_options options = {
                .api_base = argv[1],
                .ca_file = argv[2],
                .api_version = settings->stripe.api_version,
                .timeout = 20 * USEC_PER_SEC,
                .concurrency = settings->stripe.concurrency,
        };
        if (http_new(fleet.event, &options, &count.real) < 0)
                return 1;
        count.event = fleet.event;
        count.wanted = atol(argv[3]);
        fleet_open(&fleet, &count.transport);
        fleet_add(&fleet, "stackone", KEYS);
        engine_start(fleet.engine);
        sd_event_loop(fleet.event);
        report_end(&count.report, count.wanted, count.wanted);
        fleet_close(&fleet);
        http_free(count.real);
        fleet_done(&fleet);
        return 0;
}
