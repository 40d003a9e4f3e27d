#include "base/agenda.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

struct fake_clock {
        struct clock clock;
        usec_t now;
        usec_t when;
        clock_fire_fn fire;
        void *userdata;
        unsigned arms;
};

static usec_t fake_now(struct clock *clock)
{
        return CONTAINER_OF(clock, struct fake_clock, clock)->now;
}

static int64_t fake_wall(struct clock *clock)
{
        (void) clock;
        return 0;
}

static void fake_arm(struct clock *clock, usec_t when, clock_fire_fn fire, void *userdata)
{
        struct fake_clock *fake = CONTAINER_OF(clock, struct fake_clock, clock);

        fake->when = when;
        fake->fire = fire;
        fake->userdata = userdata;
        fake->arms++;
}

static struct fake_clock fake_clock(void)
{
        return (struct fake_clock){
                .clock = { .now = fake_now, .wall = fake_wall, .arm = fake_arm },
                .when = USEC_INFINITY,
        };
}

/* Let time pass until `to`, firing like a loop would. */
static void pass(struct fake_clock *fake, usec_t to)
{
        while (fake->when <= to) {
                fake->now = MAX(fake->now, fake->when);
                fake->when = USEC_INFINITY;
                fake->fire(fake->userdata);
        }
        fake->now = to;
}

#define N 300

/* One alarm of the test, with what a naive model knows of it. */
struct item {
        struct alarm alarm;
        bool waits;
        usec_t when;
        unsigned rung;
};

struct ring_log {
        struct fake_clock *clock;
        struct agenda *agenda;
        struct item items[N];
        usec_t last;
        unsigned rung;
};

static void ring(struct alarm *alarm, void *userdata)
{
        struct ring_log *log = userdata;
        struct item *item = CONTAINER_OF(alarm, struct item, alarm);

        assert_true(item->waits);
        assert_false(alarm_waits(alarm));
        assert_true(item->when <= log->clock->now);
        assert_true(item->when >= log->last); /* earliest first */
        log->last = item->when;
        item->waits = false;
        item->rung++;
        log->rung++;
}

static void set(struct ring_log *log, size_t i, usec_t when)
{
        agenda_set(log->agenda, &log->items[i].alarm, when);
        log->items[i].waits = true;
        log->items[i].when = when;
}

static struct ring_log *log_new(struct fake_clock *clock)
{
        struct ring_log *log = calloc(1, sizeof(*log));

        assert_non_null(log);
        log->clock = clock;
        for (size_t i = 0; i < N; i++)
                log->items[i].alarm.ring = ring;
        assert_int_equal(agenda_new(&clock->clock, log, &log->agenda), 0);
        return log;
}

static void log_free(struct ring_log *log)
{
        assert_null(agenda_free(log->agenda));
        free(log);
}

static void rings_in_order_and_on_time(void **state)
{
        struct fake_clock clock = fake_clock();
        struct ring_log *log = log_new(&clock);

        (void) state;
        assert_int_equal(agenda_size(log->agenda), 0);
        set(log, 0, 300);
        set(log, 1, 100);
        set(log, 2, 200);
        set(log, 3, 200);
        assert_int_equal(agenda_size(log->agenda), 4);
        assert_int_equal(clock.when, 100);
        pass(&clock, 99);
        assert_int_equal(log->rung, 0);
        pass(&clock, 100);
        assert_int_equal(log->rung, 1);
        assert_int_equal(clock.when, 200);
        pass(&clock, 299);
        assert_int_equal(log->rung, 3);
        pass(&clock, 1000);
        assert_int_equal(log->rung, 4);
        assert_int_equal(clock.when, USEC_INFINITY);
        assert_int_equal(agenda_size(log->agenda), 0);
        log_free(log);
}

static void moved_and_cleared(void **state)
{
        struct fake_clock clock = fake_clock();
        struct ring_log *log = log_new(&clock);

        (void) state;
        set(log, 0, 100);
        set(log, 1, 200);
        set(log, 0, 300); /* later */
        assert_int_equal(clock.when, 200);
        set(log, 0, 50); /* sooner */
        assert_int_equal(clock.when, 50);
        agenda_clear(log->agenda, &log->items[0].alarm);
        log->items[0].waits = false;
        assert_false(alarm_waits(&log->items[0].alarm));
        assert_int_equal(clock.when, 200);
        agenda_clear(log->agenda, &log->items[0].alarm); /* once more: no effect */
        agenda_clear(log->agenda, &log->items[7].alarm); /* never waited */
        assert_int_equal(agenda_size(log->agenda), 1);
        agenda_clear(log->agenda, &log->items[1].alarm);
        assert_int_equal(clock.when, USEC_INFINITY);
        pass(&clock, 1000);
        assert_int_equal(log->rung, 0);
        log_free(log);
}

static void the_past_rings_at_once(void **state)
{
        struct fake_clock clock = fake_clock();
        struct ring_log *log = log_new(&clock);

        (void) state;
        clock.now = 5000;
        set(log, 0, 1);
        set(log, 1, 0);
        pass(&clock, 5000);
        assert_int_equal(log->rung, 2);
        log_free(log);
}

struct chain {
        struct alarm alarm, other;
        struct fake_clock *clock;
        struct agenda *agenda;
        unsigned rung, arms_inside;
};

static void ring_never(struct alarm *alarm, void *userdata)
{
        (void) alarm;
        (void) userdata;
        fail();
}

/* Sets itself again and drops the other one: both allowed from inside. */
static void ring_again(struct alarm *alarm, void *userdata)
{
        struct chain *chain = CONTAINER_OF(alarm, struct chain, alarm);
        unsigned arms = chain->clock->arms;

        assert_ptr_equal(userdata, chain->clock);
        agenda_clear(chain->agenda, &chain->other);
        if (++chain->rung < 5)
                agenda_set(chain->agenda, alarm, chain->clock->now + 10);
        chain->arms_inside += chain->clock->arms - arms;
}

static void changes_from_inside_a_ring(void **state)
{
        struct fake_clock clock = fake_clock();
        struct chain chain = { .alarm = { .ring = ring_again },
                               .other = { .ring = ring_never },
                               .clock = &clock };

        (void) state;
        assert_int_equal(agenda_new(&clock.clock, &clock, &chain.agenda), 0);
        agenda_set(chain.agenda, &chain.other, 10);
        agenda_set(chain.agenda, &chain.alarm, 5);
        pass(&clock, 1000);
        assert_int_equal(chain.rung, 5);
        assert_int_equal(chain.arms_inside, 0); /* the clock hears of it once, afterwards */
        agenda_free(chain.agenda);
}

static void one_that_always_rings(struct alarm *alarm, void *userdata)
{
        struct chain *chain = CONTAINER_OF(alarm, struct chain, alarm);

        (void) userdata;
        chain->rung++;
        agenda_set(chain->agenda, alarm, 0);
}

/* An alarm that is always due must not keep the loop from its sockets. */
static void one_turn_is_bounded(void **state)
{
        struct fake_clock clock = fake_clock();
        struct chain chain = { .alarm = { .ring = one_that_always_rings }, .clock = &clock };

        (void) state;
        assert_int_equal(agenda_new(&clock.clock, &clock, &chain.agenda), 0);
        agenda_set(chain.agenda, &chain.alarm, 0);
        assert_int_equal(clock.when, 0);
        clock.when = USEC_INFINITY;
        clock.fire(clock.userdata);
        assert_true(chain.rung > 0);
        assert_int_equal(clock.when, 0); /* and the next turn is asked for */
        agenda_free(chain.agenda);
}

static void slow(struct alarm *alarm, void *userdata)
{
        struct fake_clock *clock = userdata;

        (void) alarm;
        clock->now += 2 * USEC_PER_MSEC;
}

/* Nor many that take their time. */
static void one_turn_is_short(void **state)
{
        struct fake_clock clock = fake_clock();
        struct alarm alarms[100] = { 0 };
        struct agenda *agenda;

        (void) state;
        assert_int_equal(agenda_new(&clock.clock, &clock, &agenda), 0);
        for (size_t i = 0; i < ELEMENTSOF(alarms); i++) {
                alarms[i].ring = slow;
                agenda_set(agenda, &alarms[i], 0);
        }
        clock.when = USEC_INFINITY;
        clock.fire(clock.userdata);
        assert_in_range(agenda_size(agenda), 90, 99);
        assert_int_equal(clock.when, 0);
        pass(&clock, USEC_PER_SEC);
        assert_int_equal(agenda_size(agenda), 0);
        agenda_free(agenda);
}

static void free_disarms(void **state)
{
        struct fake_clock clock = fake_clock();
        struct ring_log *log = log_new(&clock);

        (void) state;
        set(log, 0, 100);
        log_free(log);
        assert_int_equal(clock.when, USEC_INFINITY);
        assert_null(agenda_free(NULL));
}

static void reserve_keeps_what_waits(void **state)
{
        struct fake_clock clock = fake_clock();
        struct ring_log *log = log_new(&clock);

        (void) state;
        assert_int_equal(agenda_reserve(log->agenda, 0), 0);
        set(log, 0, 10);
        assert_int_equal(agenda_reserve(log->agenda, 100000), 0);
        assert_int_equal(agenda_reserve(log->agenda, 10), 0); /* never less */
        for (size_t i = 1; i < N; i++)
                set(log, i, 10 + i);
        assert_int_equal(agenda_size(log->agenda), N);
        pass(&clock, 10000);
        assert_int_equal(log->rung, N);
        log_free(log);
}

static usec_t model_first(const struct ring_log *log, size_t *ret_n)
{
        usec_t first = USEC_INFINITY;
        size_t n = 0;

        for (size_t i = 0; i < N; i++)
                if (log->items[i].waits) {
                        first = MIN(first, log->items[i].when);
                        n++;
                }
        *ret_n = n;
        return first;
}

static void against_a_naive_model(void **state)
{
        struct random random = random_new("against_a_naive_model");
        struct fake_clock clock = fake_clock();
        struct ring_log *log = log_new(&clock);
        unsigned cleared = 0;

        (void) state;
        for (unsigned step = 0; step < 40000; step++) {
                size_t i = random_below(&random, N), n;

                switch (random_below(&random, 5)) {
                case 0:
                        agenda_clear(log->agenda, &log->items[i].alarm);
                        cleared += log->items[i].waits;
                        log->items[i].waits = false;
                        break;
                case 1:
                        log->last = 0;
                        pass(&clock, clock.now + random_below(&random, 40));
                        break;
                default:
                        set(log, i, clock.now + 1 + random_below(&random, 1000));
                }

                usec_t first = model_first(log, &n);
                assert_int_equal(clock.when, first);
                assert_int_equal(agenda_size(log->agenda), n);
                assert_int_equal(alarm_waits(&log->items[i].alarm), log->items[i].waits);
                assert_true(first > clock.now); /* nothing that is due was left */
        }
        assert_true(log->rung > 1000);
        assert_true(cleared > 1000);
        log_free(log);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rings_in_order_and_on_time),
                cmocka_unit_test(moved_and_cleared),
                cmocka_unit_test(the_past_rings_at_once),
                cmocka_unit_test(changes_from_inside_a_ring),
                cmocka_unit_test(one_turn_is_short),
                cmocka_unit_test(one_turn_is_bounded),
                cmocka_unit_test(free_disarms),
                cmocka_unit_test(reserve_keeps_what_waits),
                cmocka_unit_test(against_a_naive_model),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
