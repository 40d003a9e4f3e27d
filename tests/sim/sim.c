#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim_coupons.h"
#include "stripe_answers.h"

#define WALL_START INT64_C(1800000000)

static struct sim *of_clock(struct clock *clock)
{
        return CONTAINER_OF(clock, struct sim, clock);
}

static usec_t clock_now(struct clock *clock)
{
        return of_clock(clock)->now;
}

static int64_t clock_wall(struct clock *clock)
{
        struct sim *sim = of_clock(clock);

        return WALL_START + sim->wall_offset + (int64_t) (sim->now / USEC_PER_SEC);
}

static void clock_arm(struct clock *clock, usec_t when, clock_fire_fn fire, void *userdata)
{
        struct sim *sim = of_clock(clock);

        sim->armed = when;
        sim->fire = fire;
        sim->fire_userdata = userdata;
}

uint64_t sim_random(struct sim *sim, uint64_t n)
{
        sim->random ^= sim->random << 13;
        sim->random ^= sim->random >> 7;
        sim->random ^= sim->random << 17;
        return (sim->random >> 11) % n;
}

bool sim_chance(struct sim *sim, double probability)
{
        return (double) sim_random(sim, 1u << 30) < probability * (double) (1u << 30);
}

const char *sim_name(size_t i, char name[static 32])
{
        snprintf(name, 32, "merchant-%zu", i);
        return name;
}

/* --- the journal --- */

static void field(const char *text, const char *name, char *to, size_t size)
{
        size_t n = strlen(name);

        if (strncmp(text, name, n) == 0 && text[n] == '=')
                snprintf(to, size, "%s", text + n + 1);
}

static int journal_send(struct journal *journal, const char *const *fields, size_t n)
{
        struct sim *sim = CONTAINER_OF(journal, struct sim, journal);
        char priority[8] = "", unsaved[8] = "";
        size_t size = 1;

        if (sim->journal_down)
                return -EAGAIN;
        if (sim->n_entries == sim->entries_room) {
                sim->entries_room = MAX(256, sim->entries_room * 2);
                sim->entries = reallocarray(sim->entries, sim->entries_room, sizeof(*sim->entries));
        }
        struct sim_entry *e = &sim->entries[sim->n_entries++];
        *e = (struct sim_entry){ .at = sim->now };
        for (size_t i = 0; i < n; i++) {
                field(fields[i], "MESSAGE_ID", e->message_id, sizeof(e->message_id));
                field(fields[i], "KEYVIGIL_EVENT_ID", e->event_id, sizeof(e->event_id));
                field(fields[i], "KEYVIGIL_KEY", e->key, sizeof(e->key));
                field(fields[i], "KEYVIGIL_KIND", e->kind, sizeof(e->kind));
                field(fields[i], "KEYVIGIL_INCIDENT", e->incident, sizeof(e->incident));
                field(fields[i], "KEYVIGIL_REASON", e->reason, sizeof(e->reason));
                field(fields[i], "PRIORITY", priority, sizeof(priority));
                field(fields[i], "KEYVIGIL_UNSAVED", unsaved, sizeof(unsaved));
                size += strlen(fields[i]) + 1;
        }
        e->priority = priority[0] - '0';
        e->unsaved = unsaved[0] != '\0';
        e->fields = calloc(1, size);
        for (size_t i = 0; i < n; i++) {
                if (strncmp(fields[i], "KEYVIGIL_UNSAVED", 16) == 0)
                        continue;
                strncat(e->fields, fields[i], size - strlen(e->fields) - 1);
                strncat(e->fields, "\n", size - strlen(e->fields) - 1);
        }
        return 0;
}

static bool entry_is(const struct sim_entry *e, int kind, long key)
{
        char name[32];

        if (kind >= 0 && strcmp(e->message_id, incident_kind_message_id((enum incident_kind) kind)) != 0)
                return false;
        return key < 0 || strcmp(e->key, sim_name((size_t) key, name)) == 0;
}

size_t sim_count(const struct sim *sim, int kind, long key)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++)
                n += entry_is(&sim->entries[i], kind, key);
        return n;
}

size_t sim_cleared(const struct sim *sim, int kind, long key)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++)
                n += entry_is(&sim->entries[i], INCIDENT_INCIDENT_CLEARED, key) &&
                     (kind < 0 ||
                      strcmp(sim->entries[i].kind, incident_kind_name((enum incident_kind) kind)) == 0);
        return n;
}

const struct sim_entry *sim_first(const struct sim *sim, int kind, long key)
{
        for (size_t i = 0; i < sim->n_entries; i++)
                if (entry_is(&sim->entries[i], kind, key))
                        return &sim->entries[i];
        return NULL;
}

const struct sim_entry *sim_last(const struct sim *sim, int kind, long key)
{
        for (size_t i = sim->n_entries; i-- > 0;)
                if (entry_is(&sim->entries[i], kind, key))
                        return &sim->entries[i];
        return NULL;
}

void sim_forget_entries(struct sim *sim)
{
        for (size_t i = 0; i < sim->n_entries; i++)
                free(sim->entries[i].fields);
        sim->n_entries = 0;
}

static int compare_entries(const void *a, const void *b)
{
        return strcmp(((const struct sim_entry *) a)->event_id, ((const struct sim_entry *) b)->event_id);
}

void sim_assert_ids(const struct sim *sim)
{
        qsort(sim->entries, sim->n_entries, sizeof(*sim->entries), compare_entries);
        for (size_t i = 1; i < sim->n_entries; i++) {
                const struct sim_entry *a = &sim->entries[i - 1], *b = &sim->entries[i];

                if (a->event_id[0] && strcmp(a->event_id, b->event_id) == 0 &&
                    strcmp(a->fields, b->fields) != 0) {
                        fprintf(stderr, "seed %llu: one event id, two contents:\n%s---\n%s",
                                (unsigned long long) sim->options.seed, a->fields, b->fields);
                        abort();
                }
        }
}

/* --- Stripe --- */

struct call {
        usec_t when;
        reply_fn done;
        void *userdata;
        struct sim_key *key;
        const struct sim_asked *asked;
        char path[512], form[512];
        enum method method;
        enum sim_fault fault;
        usec_t sent;
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

/* Its number, in a body of the usual length. */
struct secret *sim_secret(const struct sim *sim, size_t i)
{
        struct secret *secret = secret_new(107);

        snprintf(secret->bytes, 108, "%s_live_51%097zu", sim->options.full_secrets ? "sk" : "rk", i);
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

static int transport_start(struct transport *transport, const struct request *request, reply_fn done,
                           void *userdata, struct call **ret)
{
        struct sim *sim = CONTAINER_OF(transport, struct sim, transport);
        struct call *call = calloc(1, sizeof(*call));
        size_t i = (size_t) strtoull(request->key->bytes + 10, NULL, 10);
        usec_t latency = sim->options.latency ? sim->options.latency : 80 * USEC_PER_MSEC;

        call->key = &sim->keys[i];
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
        call->fault = sim->fault ? sim->fault(sim, call->key) : SIM_NONE;
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
                .granted = asked && sim_is_granted(sim, call->key, asked->row, asked->level),
                .permission = asked ? &sim->conf->catalogue->rows[asked->row] : NULL,
                .level = asked ? asked->level : LEVEL_READ,
                .absent = strstr(call->path, "absent") != NULL,
        };

        stripe_answer(&question, body, sizeof(body), &reply);
        reply.size = strlen(body);
        call->done(&reply, call->userdata);
}

/* --- running --- */

void sim_at(struct sim *sim, usec_t when, sim_action_fn action, int argument)
{
        size_t i = sim->n_actions++;

        if (i >= ELEMENTSOF(sim->actions))
                abort();
        for (; i > 0 && sim->actions[i - 1].when < when; i--) /* soonest last */
                sim->actions[i] = sim->actions[i - 1];
        sim->actions[i].when = when;
        sim->actions[i].action = action;
        sim->actions[i].argument = argument;
}

void sim_run_until(struct sim *sim, usec_t until)
{
        for (;;) {
                usec_t flight = sim->n_flights ? sim->flights[0]->when : USEC_INFINITY;
                usec_t action = sim->n_actions ? sim->actions[sim->n_actions - 1].when : USEC_INFINITY;
                usec_t next = MIN(MIN(flight, action), sim->armed);

                if (next > until)
                        break;
                sim->now = MAX(sim->now, next);
                if (next == action) {
                        size_t i = --sim->n_actions;

                        sim->actions[i].action(sim, sim->actions[i].argument);
                } else if (next == flight) {
                        struct call *call = flight_pop(sim);

                        if (!call->cancelled)
                                answer(sim, call);
                        free(call);
                } else {
                        sim->armed = USEC_INFINITY;
                        sim->fire(sim->fire_userdata);
                }
        }
        sim->now = until;
}

void sim_run(struct sim *sim, usec_t span)
{
        sim_run_until(sim, sim->now + span);
}

/* --- beginning and end --- */

static void die(const char *what, char *why)
{
        fprintf(stderr, "%s: %s\n", what, why ? why : "?");
        abort();
}

static void open_all(struct sim *sim)
{
        char *why = NULL;

        if (store_open(sim->dir, NULL, NULL, &sim->store, &why) < 0)
                die("store_open", why);
        if (!sim->vault && vault_new(sim->dir, NULL, true, &sim->vault, &why) < 0)
                die("vault_new", why);
        struct engine_parts parts = {
                .settings = &sim->conf->settings,
                .catalogue = sim->conf->catalogue,
                .profiles = sim->conf->profiles,
                .clock = &sim->clock,
                .transport = &sim->transport,
                .journal = &sim->journal,
                .store = sim->store,
                .vault = sim->vault,
                .seed = 1 + sim_random(sim, UINT64_C(1) << 50),
        };
        if (engine_new(&parts, &sim->engine, &why) < 0)
                die("engine_new", why);
        engine_start(sim->engine);
}

static void add_keys(struct sim *sim)
{
        char name[32], *why = NULL;

        if (engine_import_begin(sim->engine) < 0)
                die("engine_import_begin", NULL);
        for (size_t i = 0; i < sim->options.keys; i++) {
                _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, i);
                _cleanup_free_ char *warning = NULL;
                struct key_request q = {
                        .name = sim_name(i, name),
                        .profile = sim->options.profile ? sim->options.profile : "selgeo",
                };

                if (engine_import(sim->engine, &q, secret, false, &warning, &why) < 0)
                        die("engine_import", why);
        }
        if (engine_import_end(sim->engine, &why) < 0)
                die("engine_import_end", why);
}

static void make_keys(struct sim *sim)
{
        const char *profile_name = sim->options.profile ? sim->options.profile : "selgeo";
        unsigned per_account = MAX(1u, sim->options.keys_per_account);
        size_t profile = 0;

        profiles_find(sim->conf->profiles, profile_name, &profile);
        sim->keys = calloc(sim->options.keys + 16, sizeof(*sim->keys));
        for (size_t i = 0; i < sim->options.keys; i++) {
                const struct profile *p = sim->conf->profiles->list[profile];

                sim->keys[i].account = (unsigned) i / per_account;
                for (size_t k = 0; k < p->n_required; k++) {
                        sim->keys[i].granted[p->required[k].row][0] = true;
                        if (p->required[k].level == LEVEL_WRITE)
                                sim->keys[i].granted[p->required[k].row][1] = true;
                }
        }
}

static const char *const files[] = { "keyvigil.db", "keyvigil.db-wal", "keyvigil.db-shm", "lock",
                                     "master.key" };

/* The world without its daemon. */
static struct sim *world_new(const struct sim_options *options)
{
        struct sim *sim = calloc(1, sizeof(*sim));
        _cleanup_(problems_clearp) struct problems problems = { 0 };
        const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

        sim->options = *options;
        sim->random = options->seed * UINT64_C(0x9e3779b97f4a7c15) + 88172645463325252ull;
        for (int i = 0; i < 8; i++)
                sim_random(sim, 2);
        sim->clock = (struct clock){ clock_now, clock_wall, clock_arm };
        sim->transport = (struct transport){ transport_start, transport_cancel };
        sim->journal = (struct journal){ journal_send };
        sim->now = 1000 * USEC_PER_SEC;
        sim->armed = USEC_INFINITY;
        snprintf(sim->dir, sizeof(sim->dir), "%s/keyvigil-sim-XXXXXX", base);
        if (!mkdtemp(sim->dir))
                die("mkdtemp", NULL);
        if (conf_load(NULL, &sim->conf, &problems) < 0)
                die("conf_load", problems.n > 0 ? problems.list[0].text : NULL);
        if (options->pulse)
                for (size_t i = 0; i < sim->conf->profiles->n; i++)
                        sim->conf->profiles->list[i]->pulse = options->pulse;
        for (unsigned row = 0; row < sim->conf->catalogue->n; row++) {
                asked_add(sim, row, LEVEL_READ, &sim->conf->catalogue->rows[row].read);
                asked_add(sim, row, LEVEL_WRITE, &sim->conf->catalogue->rows[row].write);
        }
        make_keys(sim);
        return sim;
}

struct sim *sim_new(const struct sim_options *options)
{
        struct sim *sim = world_new(options);

        open_all(sim);
        add_keys(sim);
        if (options->adopt)
                sim_run(sim, USEC_PER_HOUR);
        return sim;
}

static void land_all(struct sim *sim)
{
        while (sim->n_flights > 0)
                free(flight_pop(sim));
}

void sim_restart(struct sim *sim, bool crash, usec_t down)
{
        if (!crash)
                engine_stop(sim->engine);
        sim->engine = engine_free(sim->engine);
        sim->store = store_close(sim->store);
        land_all(sim);
        sim->armed = USEC_INFINITY;
        sim_run(sim, down);
        open_all(sim);
}

struct sim *sim_free(struct sim *sim)
{
        char path[128];

        if (!sim)
                return NULL;
        engine_free(sim->engine);
        store_close(sim->store);
        vault_free(sim->vault);
        conf_free(sim->conf);
        land_all(sim);
        sim_forget_entries(sim);
        free(sim->entries);
        free(sim->coupons);
        free(sim->flights);
        free(sim->keys);
        tdestroy(sim->paths, free);
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                snprintf(path, sizeof(path), "%s/%s", sim->dir, files[i]);
                unlink(path);
        }
        rmdir(sim->dir);
        free(sim);
        return NULL;
}

/* --- fleets that were there before --- */

static struct sim *models[8]; /* stopped; one for each size */

static void models_free(void)
{
        for (size_t i = 0; i < ELEMENTSOF(models); i++)
                models[i] = sim_free(models[i]);
}

static struct sim *model_of(size_t keys)
{
        struct sim_options options = { .seed = 1, .keys = keys };
        size_t i = 0;

        while (i < ELEMENTSOF(models) && models[i] && models[i]->options.keys != keys)
                i++;
        if (i == ELEMENTSOF(models))
                die("too many sizes of settled fleets", NULL);
        if (models[i])
                return models[i];
        if (i == 0)
                atexit(models_free);
        models[i] = sim_new(&options);
        sim_run(models[i], 11 * USEC_PER_MINUTE);
        engine_stop(models[i]->engine);
        models[i]->engine = engine_free(models[i]->engine);
        models[i]->store = store_close(models[i]->store);
        land_all(models[i]);
        return models[i];
}

static void copy_file(const char *from_dir, const char *to_dir, const char *name)
{
        char from[128], to[128], buffer[1 << 16];
        ssize_t n;

        snprintf(from, sizeof(from), "%s/%s", from_dir, name);
        snprintf(to, sizeof(to), "%s/%s", to_dir, name);
        int in = open(from, O_RDONLY | O_CLOEXEC), out;
        if (in < 0)
                return; /* not every file is always there */
        out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        while ((n = read(in, buffer, sizeof(buffer))) > 0)
                if (write(out, buffer, (size_t) n) != n)
                        die("write", to);
        if (n < 0)
                die("read", from);
        close(in);
        close(out);
}

struct sim *sim_new_settled(uint64_t seed, size_t keys)
{
        struct sim_options options = { .seed = seed, .keys = keys };
        const struct sim *model = model_of(keys);
        struct sim *sim = world_new(&options);

        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                copy_file(model->dir, sim->dir, files[i]);
        sim->now = model->now;
        open_all(sim);
        return sim;
}

/* --- what happens in the world --- */

void sim_kill(struct sim *sim, size_t i, enum sim_life life)
{
        sim->keys[i].life = life;
        sim->keys[i].died = sim->now;
}

void sim_revive(struct sim *sim, size_t i)
{
        sim->keys[i].life = SIM_ALIVE;
        sim->keys[i].died = 0;
}

void sim_grant(struct sim *sim, size_t i, const char *label, enum level level, bool granted)
{
        unsigned row;

        if (catalogue_find_label(sim->conf->catalogue, label, &row) < 0)
                abort();
        sim->keys[i].granted[row][level == LEVEL_WRITE] = granted;
}
