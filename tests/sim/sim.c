#include "check.h"
#include "sim_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
                usec_t flight = sim_flights_next(sim);
                usec_t action = sim->n_actions ? sim->actions[sim->n_actions - 1].when : USEC_INFINITY;
                usec_t next = MIN(MIN(flight, action), sim->armed);

                if (next > until)
                        break;
                sim->now = MAX(sim->now, next);
                if (next == action) {
                        size_t i = --sim->n_actions;

                        sim->actions[i].action(sim, sim->actions[i].argument);
                } else if (next == flight) {
                        sim_flights_land(sim);
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
        struct import_lines lines = { 0 };
        char name[32], *why = NULL;

        if (engine_import_begin(sim->engine, &lines, &why) < 0)
                die("engine_import_begin", why);
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
        engine_import_end(sim->engine, &lines);
        if (lines.error < 0)
                die("engine_import_end", strerror(-lines.error));
}

static void make_keys(struct sim *sim)
{
        unsigned per_account = MAX(1u, sim->options.keys_per_account);
        size_t spares = sim->options.spares ? sim->options.spares : 16;

        sim->keys = calloc(sim->options.keys + spares, sizeof(*sim->keys));
        for (size_t i = 0; i < sim->options.keys; i++) {
                sim->keys[i].account = (unsigned) i / per_account;
                sim->keys[i].test = sim->options.test_every && i % sim->options.test_every == 0;
                sim_grant_profile(sim, i, sim->options.profile ? sim->options.profile : "selgeo");
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
        sim_journal_init(sim);
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
        sim_stripe_init(sim);
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

void sim_restart(struct sim *sim, bool crash, usec_t down)
{
        if (!crash)
                engine_stop(sim->engine);
        sim->engine = engine_free(sim->engine);
        sim->store = store_close(sim->store);
        sim_flights_drop(sim);
        sim->armed = USEC_INFINITY;
        sim_run(sim, down);
        open_all(sim);
}

/* What the engine counts as things change is what a look at every key finds. */
static void check_counts(struct sim *sim)
{
        struct engine_status status;
        size_t n, by_mode[_MODE_MAX][_STATE_MAX] = { 0 }, suspects = 0, held = 0;
        const struct key *const *keys = engine_keys(sim->engine, &n);

        engine_status(sim->engine, &status);
        for (size_t i = 0; i < n; i++) {
                /* whether a pause has just ended is its key's to find out */
                by_mode[keys[i]->mode][keys[i]->paused_until != 0 ? keys[i]->state : key_state(keys[i], 0)]++;
                suspects += key_is_suspect(keys[i]);
                held += keys[i]->belief.life == LIFE_HELD;
        }
        assert_memory_equal(status.by_mode, by_mode, sizeof(by_mode));
        assert_int_equal(status.suspects, suspects);
        assert_int_equal(status.held, held);
        assert_int_equal(status.incidents.critical + status.incidents.warning + status.incidents.lesser +
                                 status.incidents.acknowledged,
                         status.open_incidents);
}

struct sim *sim_free(struct sim *sim)
{
        char path[128];

        if (!sim)
                return NULL;
        if (sim->engine)
                check_counts(sim);
        engine_free(sim->engine);
        store_close(sim->store);
        vault_free(sim->vault);
        conf_free(sim->conf);
        sim_stripe_free(sim);
        sim_forget_entries(sim);
        free(sim->entries);
        free(sim->coupons);
        free(sim->keys);
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
        sim_flights_drop(models[i]);
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

void sim_grant_profile(struct sim *sim, size_t i, const char *profile)
{
        size_t index;

        if (profiles_find(sim->conf->profiles, profile, &index) < 0)
                abort();
        const struct profile *p = sim->conf->profiles->list[index];
        memset(sim->keys[i].granted, 0, sizeof(sim->keys[i].granted));
        for (size_t k = 0; k < p->n_required; k++) {
                sim->keys[i].granted[p->required[k].row][0] = true;
                if (p->required[k].level == LEVEL_WRITE)
                        sim->keys[i].granted[p->required[k].row][1] = true;
        }
}

void sim_silence(struct sim *sim)
{
        sim->line.silent = true;
}
