/* A question that cannot be put together, for want of memory: the watch tries again in its turn, but whoever
 * asked for it is told at once. Linked so that ask_item() is ours. */
#include "check.h"
#include "engine/watch/question.h"

struct ask *__real_ask_item(struct engine *e, struct key *key, struct item item);
struct ask *__wrap_ask_item(struct engine *e, struct key *key, struct item item);

/* Questions about merchant-3 until one is denied; 0: none is. */
static unsigned denied_in;

struct ask *__wrap_ask_item(struct engine *e, struct key *key, struct item item)
{
        bool denied = strcmp(key->name, "merchant-3") == 0 && denied_in > 0 && --denied_in == 0;

        return denied ? NULL : __real_ask_item(e, key, item);
}

struct told {
        unsigned times;
        enum check_outcome outcome;
        char message[256];
};

static void on_told(const struct check_result *result, void *userdata)
{
        struct told *told = userdata;

        told->times++;
        told->outcome = result->outcome;
        snprintf(told->message, sizeof(told->message), "%s", result->message);
}

/* Whichever of the questions of a check it is. */
static void who_asked_is_told_at_once(void **state)
{
        struct sim *sim = sim_new_settled(first_seed(), 10);
        char *why = NULL;

        (void) state;
        for (unsigned n = 1; n <= 8; n++) {
                struct told told = { 0 };

                check(sim, engine_check(sim->engine, "merchant-3", CHECK_FULL, on_told, &told, &why) == 0);
                denied_in = n;
                sim_run(sim, 20 * USEC_PER_SEC);
                check(sim, denied_in == 0);
                check(sim, told.times == 1);
                check(sim, told.outcome == OUTCOME_UNCLEAR);
                check(sim, strstr(told.message, "try again"));
                sim_run(sim, 2 * MINUTE);
        }
        check(sim, in_state(sim, STATE_HEALTHY) == 10);
        sim_free(sim);
}

static void nothing_is_lost_but_a_minute(void **state)
{
        struct sim *sim = sim_new_settled(first_seed(), 10);

        (void) state;
        for (int i = 0; i < 20; i++) {
                denied_in = 1;
                sim_run(sim, 4 * MINUTE);
        }
        denied_in = 0;
        sim_run(sim, 11 * MINUTE);
        check(sim, in_state(sim, STATE_HEALTHY) == 10);
        check(sim, told_of_keys(sim) == 0);
        sim_free(sim);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_asked_is_told_at_once),
                cmocka_unit_test(nothing_is_lost_but_a_minute),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
