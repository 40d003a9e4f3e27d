/* A doubt ends towards death by its own questions and its own time alone; it ends in any case; and nobody
 * else is silenced by it. */
#include "check.h"

#define SEEDS 3

static bool glitch;
static size_t odd; /* a key that is answered oddly from now on; SIZE_MAX: none */

static enum sim_fault all_expired(struct sim *sim, struct sim_key *key)
{
        if ((size_t) (key - sim->keys) == odd)
                return SIM_401_HTML;
        return glitch ? SIM_EXPIRED : SIM_NONE;
}

static struct sim *begin_glitch(uint64_t seed, size_t keys)
{
        struct sim *sim = sim_fleet(seed, keys);

        sim->fault = all_expired;
        glitch = true;
        odd = SIZE_MAX;
        return sim;
}

static size_t believed_dead(const struct sim *sim)
{
        return told_dead(sim, false) + told_dead(sim, true);
}

/* --- what people and others do meanwhile brings nothing forward --- */

static void resume(struct sim *sim)
{
        char *why = NULL, name[32];

        check(sim, engine_resume(sim->engine, sim_name(1, name), &why) == 0);
}

static void on_checked(const struct check_result *result, void *userdata)
{
        (void) result;
        ++*(unsigned *) userdata;
}

static unsigned reports;

static void ask(struct sim *sim)
{
        char *why = NULL, name[32];

        check(sim, engine_check(sim->engine, sim_name(1, name), CHECK_FULL, on_checked, &reports, &why) == 0);
}

static void sweep(struct sim *sim)
{
        char *why = NULL, name[32];

        if (engine_check(sim->engine, sim_name(1, name), CHECK_COUPONS, on_checked, &reports, &why) < 0)
                free(why);
}

static void reload(struct sim *sim)
{
        char *why = NULL;

        check(sim, engine_reconfigure(sim->engine, &sim->conf->settings, sim->conf->catalogue,
                                      sim->conf->profiles, &why) == 0);
}

static void restart(struct sim *sim)
{
        sim_restart(sim, true, 2 * USEC_PER_SEC);
}

static void nothing_else_shortens_a_hold(void **state)
{
        static void (*const acts[])(struct sim * sim) = { resume, ask, sweep, reload, restart };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                for (size_t act = 0; act < ELEMENTSOF(acts); act++) {
                        struct sim *sim = begin_glitch(seed, 10);
                        usec_t begun = sim->now;

                        while (sim->now < begun + 29 * MINUTE) {
                                sim_run(sim, MINUTE / 2 + sim_random(sim, MINUTE / 2));
                                acts[act](sim);
                                check(sim, believed_dead(sim) == 0);
                        }
                        glitch = false;
                        sim_run(sim, HOUR);
                        check(sim, told_of_keys(sim) == 0);
                        check(sim, in_state(sim, STATE_HEALTHY) == 10);
                        sim_free(sim);
                }
}

/* Nor does it prolong it: what is dead is told in the end. */
static void nothing_else_prolongs_a_hold(void **state)
{
        static void (*const acts[])(struct sim * sim) = { resume, ask, reload, restart };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                for (size_t act = 0; act < ELEMENTSOF(acts); act++) {
                        struct sim *sim = begin_glitch(seed, 3);
                        usec_t begun = sim->now;

                        while (sim->now < begun + 42 * MINUTE) {
                                sim_run(sim, MINUTE);
                                acts[act](sim);
                        }
                        check(sim, believed_dead(sim) == 3);
                        sim_free(sim);
                }
}

static void a_stopped_daemon_does_not_stop_the_clock(void **state)
{
        struct sim *sim = begin_glitch(first_seed(), 1);

        (void) state;
        sim_run(sim, 6 * MINUTE); /* held, as nobody can be asked */
        check(sim, believed_dead(sim) == 0);
        sim_restart(sim, false, 20 * MINUTE);
        sim_run(sim, 5 * USEC_PER_SEC); /* its end has come long ago */
        check(sim, believed_dead(sim) == 1);
        check(sim, strstr(sim_first(sim, INCIDENT_KEY_REVOKED, 0)->reason, "unwitnessed"));
        sim_free(sim);
}

/* --- it ends in any case --- */

static void check_single_deaths(struct sim *sim)
{
        check(sim,
              sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1));
        for (size_t i = 5; i < 8; i++) {
                sim_kill(sim, i, SIM_KEY_EXPIRED);
                sim_run(sim, 2 * DAY);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, (long) i) == 1);
                check(sim, sim_first(sim, INCIDENT_KEY_REVOKED, (long) i)->priority == 2);
        }
}

static void a_pause_drops_the_doubt(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = begin_glitch(seed, 10);
                char *why = NULL, name[32];

                sim_run(sim, 14 * MINUTE);
                check(sim, engine_pause(sim->engine, sim_name(3, name), INT64_MAX, NULL, &why) == 0);
                check(sim, !key_is_suspect(engine_key_named(sim->engine, name)));
                glitch = false;
                sim_run(sim, 2 * DAY);
                check_single_deaths(sim);
                sim_free(sim);
        }
}

static void a_doubt_without_answers_ends_after_an_hour(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = begin_glitch(seed, 10);
                char name[32];

                sim_run(sim, 14 * MINUTE);
                odd = 3;
                glitch = false;
                sim_run(sim, 50 * MINUTE);
                check(sim, key_is_suspect(engine_key_named(sim->engine, sim_name(3, name))));
                sim_run(sim, 30 * MINUTE);
                check(sim, !key_is_suspect(engine_key_named(sim->engine, name)));
                sim_run(sim, 2 * DAY);
                check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, 3) == 1);
                check_single_deaths(sim);
                sim_free(sim);
        }
}

/* --- who is asked to bear witness --- */

static unsigned asked[4000];
static usec_t since;

static enum sim_fault count_asked(struct sim *sim, struct sim_key *key)
{
        if (sim->now >= since)
                asked[key - sim->keys]++;
        return SIM_NONE;
}

/* One other account among very many keys of one: it is found. */
static void another_account_bears_witness(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim_options options = {
                        .seed = seed, .keys = 401, .keys_per_account = 400, .adopt = true
                };
                struct sim *sim = sim_new(&options);
                unsigned before;

                if (seed % 2)
                        sim_restart(sim, false, MINUTE);
                sim_kill(sim, 7, SIM_KEY_EXPIRED);
                memset(asked, 0, sizeof(asked));
                since = sim->now;
                sim->fault = count_asked;
                while (!key_is_suspect(engine_key_named(sim->engine, "merchant-7")))
                        sim_run(sim, USEC_PER_SEC);
                before = asked[400];
                sim_run(sim, 40 * USEC_PER_SEC);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 7) == 1);
                check(sim, asked[400] > before);
                sim_free(sim);
        }
}

static void no_witness_is_asked_by_all(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 300);

        (void) state;
        memset(asked, 0, sizeof(asked));
        since = sim->now;
        sim->fault = count_asked;
        for (size_t i = 0; i < 100; i++)
                sim_kill(sim, i, SIM_KEY_EXPIRED);
        sim_run(sim, 25 * MINUTE);
        check(sim, believed_dead(sim) == 100);
        for (size_t i = 100; i < 300; i++) /* five pulses with what they bring, and a share of the rest */
                check(sim, asked[i] <= 40);
        sim_free(sim);
}

/* --- why it died --- */

static void never_healthy_is_a_bad_copy(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 6 };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_kill(sim, 1, SIM_KEY_EXPIRED);
        sim_kill(sim, 2, SIM_KEY_UNKNOWN);
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_INVALID, 1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_INVALID, 2) == 1);
        sim_kill(sim, 3, SIM_KEY_UNKNOWN);
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 3) == 1);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_else_shortens_a_hold),
                cmocka_unit_test(nothing_else_prolongs_a_hold),
                cmocka_unit_test(a_stopped_daemon_does_not_stop_the_clock),
                cmocka_unit_test(a_pause_drops_the_doubt),
                cmocka_unit_test(a_doubt_without_answers_ends_after_an_hour),
                cmocka_unit_test(another_account_bears_witness),
                cmocka_unit_test(no_witness_is_asked_by_all),
                cmocka_unit_test(never_healthy_is_a_bad_copy),
        };

        say_seeds(SEEDS);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
