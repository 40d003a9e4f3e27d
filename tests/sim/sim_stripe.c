/* Stripe, as the transport sees it: requests under way, and what they are answered. */
#include "sim_internal.h"

#include <search.h>
#include <stdio.h>
#include <string.h>

#include "sim_coupons.h"
#include "stripe_answers.h"

struct call {
        usec_t when;
        reply_fn done;
        void *userdata;
        struct sim_key *key;
        const struct sim_asked *asked;
        char path[512], form[512];
        enum method method;
        enum sim_fault fault;
        usec_t sent, line; /* when, and over the connection that was opened then */
        bool cancelled;
};

static void flight_push(struct sim *sim, struct call *call)
{
        if (sim->n_flights == sim->flights_room) {
                sim->flights_room = MAX(256, sim->flights_room * 2);
                sim->flights = reallocarray(sim->flights, sim->flights_room, sizeof(struct call *));
        }
        size_t i = sim->n_flights++;
        while (i > 0 && sim->flights[(i - 1) / 2]->when > call->when) {
                sim->flights[i] = sim->flights[(i - 1) / 2];
                i = (i - 1) / 2;
        }
        sim->flights[i] = call;
}

static struct call *flight_pop(struct sim *sim)
{
        struct call *first = sim->flights[0], *last = sim->flights[--sim->n_flights];
        size_t i = 0;

        for (;;) {
                size_t child = 2 * i + 1;

                if (child >= sim->n_flights)
                        break;
                if (child + 1 < sim->n_flights && sim->flights[child + 1]->when < sim->flights[child]->when)
                        child++;
                if (sim->flights[child]->when >= last->when)
                        break;
                sim->flights[i] = sim->flights[child];
                i = child;
        }
        sim->flights[i] = last;
        return first;
}

/* Its account, then its number, in a body of the usual length. */
struct secret *sim_secret(const struct sim *sim, size_t i)
{
        struct secret *secret = secret_new(107);

        snprintf(secret->bytes, 108, "%s_%s_51%016u%081zu", sim->options.full_secrets ? "sk" : "rk",
                 sim->keys[i].test ? "test" : "live", sim->keys[i].account, i);
        return secret;
}

static int asked_compare(const void *a, const void *b)
{
        return strcmp(((const struct sim_asked *) a)->line, ((const struct sim_asked *) b)->line);
}

static void asked_add(struct sim *sim, unsigned row, enum level level, const struct probe *probe)
{
        struct sim_asked *asked = calloc(1, sizeof(*asked));

        if (!probe->path) {
                free(asked);
                return;
        }
        snprintf(asked->line, sizeof(asked->line), "%d %s", (int) probe->method, probe->path);
        asked->row = row;
        asked->level = level;
        if (*(struct sim_asked **) tsearch(asked, &sim->paths, asked_compare) != asked)
                free(asked);
}

static const struct sim_asked *asked_find(struct sim *sim, enum method method, const char *path)
{
        struct sim_asked wanted;
        const char *absent = strstr(path, "keyvigil_absent_");
        void *found;

        if (absent)
                snprintf(wanted.line, sizeof(wanted.line), "%d %.*s{absent}%s", (int) method,
                         (int) (absent - path), path, absent + strlen("keyvigil_absent_") + 16);
        else
                snprintf(wanted.line, sizeof(wanted.line), "%d %s", (int) method, path);
        found = tfind(&wanted, &sim->paths, asked_compare);
        return found ? *(struct sim_asked **) found : NULL;
}

/* The connection that the request goes over. */
static usec_t line_for(struct sim *sim, usec_t opened_after)
{
        if (sim->line.opened == 0 || (opened_after > 0 && sim->line.opened <= opened_after)) {
                sim->line.opened = sim->now;
                sim->line.silent = false;
        }
        return sim->line.opened;
}

static int transport_start(struct transport *transport, const struct request *request, reply_fn done,
                           void *userdata, struct call **ret)
{
        struct sim *sim = CONTAINER_OF(transport, struct sim, transport);
        struct call *call = calloc(1, sizeof(*call));
        size_t i = (size_t) strtoull(request->key->bytes + 26, NULL, 10);
        usec_t latency = sim->options.latency ? sim->options.latency : 80 * USEC_PER_MSEC;

        call->key = &sim->keys[i];
        if (call->key->latency)
                latency = call->key->latency;
        call->key->asked++;
        call->done = done;
        call->userdata = userdata;
        call->method = request->method;
        call->sent = sim->now;
        snprintf(call->path, sizeof(call->path), "%s", request->path);
        snprintf(call->form, sizeof(call->form), "%s", request->body ? request->body : "");
        sim->asked_path = call->path;
        sim->asked_form = call->form;
        sim->asked_method = call->method;
        sim->asked = call->asked = asked_find(sim, call->method, call->path);
        call->line = line_for(sim, request->opened_after);
        call->fault = sim->line.silent ? SIM_TIMEOUT : sim->fault ? sim->fault(sim, call->key) : SIM_NONE;
        call->when = sim->now + latency / 2 + sim_random(sim, latency);
        if (call->fault == SIM_TIMEOUT)
                call->when = sim->now + 20 * USEC_PER_SEC;
        sim->request_times[sim->requests++ % ELEMENTSOF(sim->request_times)] = sim->now;
        flight_push(sim, call);
        *ret = call;
        return 0;
}

static void transport_cancel(struct transport *transport, struct call *call)
{
        (void) transport;
        call->cancelled = true;
}

/* What Stripe adds to a permission by itself. The level is that of both, or of what is added if it is read.
 */
static const struct {
        const char *by, *adds;
        bool write_too;
} additions[] = {
        { "plan", "product", false },
        { "checkout_session", "mandate", false },
        { "checkout_session", "payment_intent", false },
        { "checkout_session", "payment_links", false },
        { "checkout_session", "product", false },
        { "checkout_session", "setup_intent", false },
        { "payment_links", "mandate", false },
        { "payment_links", "product", false },
        { "payment_intent", "product", false },
        { "payment_method", "source", false },
        { "setup_intent", "mandate", false },
        { "quote", "product", false },
        { "customer", "billing_clock", false },
        { "invoice", "credit_note", false },
        { "balance_transaction_source", "application_fee", false },
        { "balance_transaction_source", "balance", false },
        { "balance_transaction_source", "payout", false },
        { "balance_transaction_source", "transfer", false },
        { "transfer", "payout", true },
};

static bool has(const struct sim_key *key, unsigned row, enum level level)
{
        return key->granted[row][1] || (level == LEVEL_READ && key->granted[row][0]);
}

bool sim_is_granted(const struct sim *sim, const struct sim_key *key, unsigned row, enum level level)
{
        const struct catalogue *catalogue = sim->conf->catalogue;
        unsigned by;

        if (sim->refused[row][level == LEVEL_WRITE])
                return false;
        if (sim->options.full_secrets || has(key, row, level))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(additions); i++)
                if (strcmp(additions[i].adds, catalogue->rows[row].name) == 0 &&
                    (level == LEVEL_READ || additions[i].write_too) &&
                    catalogue_find(catalogue, additions[i].by, &by) >= 0 && has(key, by, level))
                        return true;
        return false;
}

static void answer(struct sim *sim, struct call *call)
{
        char body[1024] = "";
        _cleanup_free_ char *coupons = NULL;
        struct reply reply = {
                .body = body,
                .detail = "",
                .request_id = "req_sim",
                .date_wall = sim->no_date ? -1 : sim_stripe_wall(sim),
                .retry_after = -1,
                .should_retry = -1,
                .duration_usec = 1000,
        };
        sim->asked_at = call->sent;
        sim->asked_form = call->form;
        if (sim_coupons_answer(sim, call->key, call->method, call->path, call->form, call->fault, &coupons,
                               &reply)) {
                reply.body = coupons;
                reply.size = strlen(coupons);
                call->done(&reply, call->userdata);
                return;
        }
        const struct sim_asked *asked = call->asked;
        struct stripe_question question = {
                .fault = call->fault,
                .key = call->key,
                .unheard = sim->now < call->key->spread_until && sim_chance(sim, 0.5),
                .granted = asked && sim_is_granted(sim, call->key, asked->row, asked->level),
                .permission = asked ? &sim->conf->catalogue->rows[asked->row] : NULL,
                .level = asked ? asked->level : LEVEL_READ,
                .absent = strstr(call->path, "absent") != NULL,
        };

        stripe_answer(&question, body, sizeof(body), &reply);
        reply.size = strlen(body);
        call->done(&reply, call->userdata);
}

usec_t sim_flights_next(const struct sim *sim)
{
        return sim->n_flights > 0 ? sim->flights[0]->when : USEC_INFINITY;
}

void sim_flights_land(struct sim *sim)
{
        struct call *call = flight_pop(sim);

        if (call->fault == SIM_TIMEOUT && sim->line.silent && call->line == sim->line.opened)
                sim->line.opened = 0;
        if (!call->cancelled)
                answer(sim, call);
        free(call);
}

void sim_flights_drop(struct sim *sim)
{
        while (sim->n_flights > 0)
                free(flight_pop(sim));
}

void sim_stripe_init(struct sim *sim)
{
        const struct catalogue *catalogue = sim->conf->catalogue;

        sim->transport = (struct transport){ transport_start, transport_cancel };
        for (unsigned row = 0; row < catalogue->n; row++) {
                asked_add(sim, row, LEVEL_READ, &catalogue->rows[row].read);
                asked_add(sim, row, LEVEL_WRITE, &catalogue->rows[row].write);
        }
}

void sim_stripe_free(struct sim *sim)
{
        sim_flights_drop(sim);
        free(sim->flights);
        tdestroy(sim->paths, free);
}
