/* Pulses take turns, a changed profile is looked into, and whoever waits for good reason has had its turn. */
#include "check.h"
#include "sim_coupons.h"

#define SEEDS 3

static size_t n_writes(const struct sim *sim, struct requirement writes[static SLOTS_MAX])
{
        size_t index, n = 0;

        if (profiles_find(sim->conf->profiles, "selgeo", &index) < 0)
                abort();
        const struct profile *profile = sim->conf->profiles->list[index];
        for (size_t i = 0; i < profile->n_required; i++)
                if (profile->required[i].level == LEVEL_WRITE)
                        writes[n++] = profile->required[i];
        return n;
}

/* Each of them, whichever it is, within as many pulses as there are. */
static void a_lost_write_permission_is_noticed_soon(void **state)
{
        struct requirement writes[SLOTS_MAX];

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, 20);
                size_t n = n_writes(sim, writes);

                check(sim, n > 1);
                sim_run(sim, 3 * HOUR);
                for (size_t i = 0; i < n; i++)
                        sim->keys[i].granted[writes[i].row][1] = sim->keys[i].granted[writes[i].row][0] =
                                false;
                sim_run(sim, n * 5 * MINUTE + 40 * USEC_PER_SEC);
                for (size_t i = 0; i < n; i++)
                        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, (long) i) == 1);
                check(sim, told_of_keys(sim) == n);
                sim_free(sim);
        }
}

/* --- a profile changes --- */

static void reload(struct sim *sim, struct conf *conf)
{
        char *why = NULL;

        check(sim,
              engine_reconfigure(sim->engine, &conf->settings, conf->catalogue, conf->profiles, &why) == 0);
        conf_free(sim->conf);
        sim->conf = conf;
}

static struct conf *another(void)
{
        _cleanup_(problems_clearp) struct problems problems = { 0 };
        struct conf *conf = NULL;

        if (conf_load(NULL, &conf, &problems) < 0)
                abort();
        return conf;
}

/* Something that nobody has yet. */
static void require_one_more(const struct sim *sim, struct conf *conf)
{
        struct profile *profile;
        size_t index;
        unsigned row = 0;

        if (profiles_find(conf->profiles, "selgeo", &index) < 0)
                abort();
        profile = conf->profiles->list[index];
        while (profile_requires(profile, row) != LEVEL_NONE ||
               sim_is_granted(sim, &sim->keys[0], row, LEVEL_READ) ||
               !permission_probe(&conf->catalogue->rows[row], LEVEL_READ, true) ||
               conf->catalogue->rows[row].read.gated)
                row++;
        profile->required =
                reallocarray(profile->required, profile->n_required + 1, sizeof(*profile->required));
        profile->required[profile->n_required++] = (struct requirement){
                .row = row, .level = LEVEL_READ, .label = strdup(conf->catalogue->rows[row].labels[0])
        };
}

static void a_changed_profile_is_looked_into(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, 60);
                struct conf *conf = another();
                size_t half;

                sim_run(sim, 3 * HOUR);
                reload(sim, another()); /* nothing new */
                sim_run(sim, HOUR);
                check(sim, told_of_keys(sim) == 0);
                require_one_more(sim, conf);
                reload(sim, conf);
                sim_run(sim, 30 * MINUTE);
                half = sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1);
                check(sim, half > 10 && half < 50); /* spread */
                sim_run(sim, 36 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 60);
                sim_free(sim);
        }
}

/* --- another server --- */

static unsigned told;

static void on_checked(const struct check_result *result, void *userdata)
{
        (void) userdata;
        told += result->outcome == OUTCOME_UNCLEAR;
}

static void move(struct sim *sim, const char *base)
{
        struct conf *conf = another();

        free(conf->settings.stripe.api_base);
        conf->settings.stripe.api_base = strdup(base);
        reload(sim, conf);
}

static void another_server_ends_what_was_begun(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 1);
        char *why = NULL, id[32];

        (void) state;
        for (unsigned i = 0; i < 5; i++) {
                snprintf(id, sizeof(id), "selgeo_probe_old%u", i);
                (void) sim_coupon_add(sim, 0, id, 100 * SEC_PER_DAY);
        }
        told = 0;
        check(sim, engine_check(sim->engine, "merchant-0", CHECK_CONNECT, on_checked, NULL, &why) == 0);
        while (sim->created == 0)
                sim_run(sim, USEC_PER_MSEC);
        move(sim, "https://other.example");
        sim_run(sim, 30 * USEC_PER_SEC);
        check(sim, told == 1);
        check(sim, sim->deletes == 0); /* of what the old one was asked to create */
        check(sim, engine_check(sim->engine, "merchant-0", CHECK_COUPONS, on_checked, NULL, &why) == 0);
        while (sim->lists == 0)
                sim_run(sim, USEC_PER_MSEC);
        move(sim, "https://third.example");
        sim_run(sim, 30 * USEC_PER_SEC);
        check(sim, told == 2);
        check(sim, sim->deletes == 0); /* of what the old one listed */
        sim_free(sim);
}

/* --- the heartbeat --- */

static bool glitch;

static enum sim_fault all_expired(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        (void) key;
        return glitch ? SIM_EXPIRED : SIM_NONE;
}

static enum sim_fault all_throttled(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        (void) key;
        return glitch ? SIM_429 : SIM_NONE;
}

static enum sim_fault all_silent(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        (void) key;
        return glitch ? SIM_TIMEOUT : SIM_NONE;
}

/* Three intervals and two minutes without a round is what the watching timer calls silence. */
static void doubt_is_no_silence(void **state)
{
        static const sim_fault_fn faults[] = { all_expired, all_throttled, all_silent };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                        struct sim_options options = { .seed = seed, .keys = 6, .pulse = 30 * USEC_PER_SEC };
                        struct sim *sim = sim_new(&options);

                        sim_run(sim, 10 * MINUTE);
                        glitch = true;
                        sim->fault = faults[i];
                        for (int minute = 0; minute < 29; minute++) {
                                struct engine_status status;

                                sim_run(sim, MINUTE);
                                engine_status(sim->engine, &status);
                                check(sim, sim->clock.wall(&sim->clock) - status.last_round_wall <= 90 + 120);
                        }
                        glitch = false;
                        sim_run(sim, HOUR);
                        check(sim, sim_count(sim, INCIDENT_WATCH_BEHIND, -1) == 0);
                        check(sim, told_of_keys(sim) == 0);
                        sim_free(sim);
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_lost_write_permission_is_noticed_soon),
                cmocka_unit_test(a_changed_profile_is_looked_into),
                cmocka_unit_test(another_server_ends_what_was_begun),
                cmocka_unit_test(doubt_is_no_silence),
        };

        say_seeds(SEEDS);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
