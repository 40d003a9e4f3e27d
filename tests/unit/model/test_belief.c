/* Every cell of the table, then the paths through it. */
#include "model/belief.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

/* What one event does to a key that just came into a state; two waits of `confirm`, former state alive. */
static const struct cell {
        enum life life;
        enum belief_event event;
        enum life after;
        enum belief_action action;
} cells[] = {
        { LIFE_UNVERIFIED, BELIEF_HEALTHY, LIFE_ALIVE, ACTION_NONE },
        { LIFE_UNVERIFIED, BELIEF_DEAD, LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_UNVERIFIED, BELIEF_BLOCKED, LIFE_UNVERIFIED, ACTION_RECHECK },
        { LIFE_UNVERIFIED, BELIEF_UNCLEAR, LIFE_UNVERIFIED, ACTION_NONE },
        { LIFE_UNVERIFIED, BELIEF_WITNESS_HEALTHY, LIFE_UNVERIFIED, ACTION_NONE },
        { LIFE_UNVERIFIED, BELIEF_WITNESS_DOUBTFUL, LIFE_UNVERIFIED, ACTION_NONE },
        { LIFE_UNVERIFIED, BELIEF_HOLD_OVER, LIFE_UNVERIFIED, ACTION_NONE },
        { LIFE_UNVERIFIED, BELIEF_UNWITNESSED, LIFE_UNVERIFIED, ACTION_NONE },
        { LIFE_UNVERIFIED, BELIEF_DOUBT_OVER, LIFE_UNVERIFIED, ACTION_NONE },
        { LIFE_ALIVE, BELIEF_HEALTHY, LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, BELIEF_DEAD, LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_ALIVE, BELIEF_BLOCKED, LIFE_ALIVE, ACTION_RECHECK },
        { LIFE_ALIVE, BELIEF_UNCLEAR, LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, BELIEF_WITNESS_HEALTHY, LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, BELIEF_WITNESS_DOUBTFUL, LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, BELIEF_HOLD_OVER, LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, BELIEF_UNWITNESSED, LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, BELIEF_DOUBT_OVER, LIFE_ALIVE, ACTION_NONE },
        { LIFE_BLOCKED, BELIEF_HEALTHY, LIFE_BLOCKED, ACTION_RECHECK },
        { LIFE_BLOCKED, BELIEF_DEAD, LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_BLOCKED, BELIEF_BLOCKED, LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, BELIEF_UNCLEAR, LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, BELIEF_WITNESS_HEALTHY, LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, BELIEF_WITNESS_DOUBTFUL, LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, BELIEF_HOLD_OVER, LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, BELIEF_UNWITNESSED, LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, BELIEF_DOUBT_OVER, LIFE_BLOCKED, ACTION_NONE },
        { LIFE_SUSPECT, BELIEF_HEALTHY, LIFE_ALIVE, ACTION_NONE },
        { LIFE_SUSPECT, BELIEF_DEAD, LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_SUSPECT, BELIEF_BLOCKED, LIFE_ALIVE, ACTION_NONE },
        { LIFE_SUSPECT, BELIEF_UNCLEAR, LIFE_SUSPECT, ACTION_REPEAT },
        { LIFE_SUSPECT, BELIEF_WITNESS_HEALTHY, LIFE_DEAD, ACTION_NONE },
        { LIFE_SUSPECT, BELIEF_WITNESS_DOUBTFUL, LIFE_HELD, ACTION_HOLD },
        { LIFE_SUSPECT, BELIEF_HOLD_OVER, LIFE_SUSPECT, ACTION_ASK },
        { LIFE_SUSPECT, BELIEF_UNWITNESSED, LIFE_HELD, ACTION_HOLD },
        { LIFE_SUSPECT, BELIEF_DOUBT_OVER, LIFE_ALIVE, ACTION_NONE },
        { LIFE_HELD, BELIEF_HEALTHY, LIFE_ALIVE, ACTION_NONE },
        { LIFE_HELD, BELIEF_DEAD, LIFE_HELD, ACTION_WITNESS },
        { LIFE_HELD, BELIEF_BLOCKED, LIFE_ALIVE, ACTION_NONE },
        { LIFE_HELD, BELIEF_UNCLEAR, LIFE_HELD, ACTION_REPEAT },
        { LIFE_HELD, BELIEF_WITNESS_HEALTHY, LIFE_DEAD, ACTION_NONE },
        { LIFE_HELD, BELIEF_WITNESS_DOUBTFUL, LIFE_HELD, ACTION_HOLD },
        { LIFE_HELD, BELIEF_HOLD_OVER, LIFE_HELD, ACTION_ASK },
        { LIFE_HELD, BELIEF_UNWITNESSED, LIFE_DEAD, ACTION_NONE },
        { LIFE_HELD, BELIEF_DOUBT_OVER, LIFE_ALIVE, ACTION_NONE },
        { LIFE_DEAD, BELIEF_HEALTHY, LIFE_DEAD, ACTION_RECHECK },
        { LIFE_DEAD, BELIEF_DEAD, LIFE_DEAD, ACTION_NONE },
        { LIFE_DEAD, BELIEF_BLOCKED, LIFE_DEAD, ACTION_RECHECK },
        { LIFE_DEAD, BELIEF_UNCLEAR, LIFE_DEAD, ACTION_NONE },
        { LIFE_DEAD, BELIEF_WITNESS_HEALTHY, LIFE_DEAD, ACTION_NONE },
        { LIFE_DEAD, BELIEF_WITNESS_DOUBTFUL, LIFE_DEAD, ACTION_NONE },
        { LIFE_DEAD, BELIEF_HOLD_OVER, LIFE_DEAD, ACTION_NONE },
        { LIFE_DEAD, BELIEF_UNWITNESSED, LIFE_DEAD, ACTION_NONE },
        { LIFE_DEAD, BELIEF_DOUBT_OVER, LIFE_DEAD, ACTION_NONE },
};

static void every_cell(void **state)
{
        bool seen[_LIFE_MAX][_BELIEF_EVENT_MAX] = { 0 };

        (void) state;
        assert_int_equal(ELEMENTSOF(cells), _LIFE_MAX * _BELIEF_EVENT_MAX);
        for (size_t i = 0; i < ELEMENTSOF(cells); i++) {
                const struct cell *cell = &cells[i];
                struct belief before = {
                        .life = (uint8_t) cell->life,
                        .former = LIFE_ALIVE,
                        .streak_of = BELIEF_UNCLEAR,
                        .holds = cell->life == LIFE_HELD ? 1 : 0,
                };
                const struct belief input = before;
                struct belief after;
                enum belief_action action = belief_apply(&before, cell->event, 2, &after);

                if (after.life != cell->after || action != cell->action)
                        fail_msg("%s, %s: %s, %d", life_name(cell->life), belief_event_name(cell->event),
                                 life_name((enum life) after.life), (int) action);
                assert_memory_equal(&before, &input, sizeof(before));
                seen[cell->life][cell->event] = true;
        }
        for (int life = 0; life < _LIFE_MAX; life++)
                for (int event = 0; event < _BELIEF_EVENT_MAX; event++)
                        assert_true(seen[life][event]);
}

/* h healthy, d dead, b blocked, u unclear, W witness healthy, D witness doubtful, O hold over. */
static enum belief_event event_of(char letter)
{
        static const char letters[] = "hdbuWDO";
        const char *at = strchr(letters, letter);

        assert_true(at && letter != '\0');
        return (enum belief_event)(at - letters);
}

static enum belief_action run(struct belief *belief, const char *events, unsigned confirm)
{
        enum belief_action action = ACTION_NONE;

        for (; *events != '\0'; events++)
                action = belief_apply(belief, event_of(*events), confirm, belief);
        return action;
}

static struct belief fresh(enum life life)
{
        return (struct belief){ .life = (uint8_t) life, .streak_of = BELIEF_UNCLEAR };
}

static const struct path {
        enum life from;
        const char *events;
        enum life to;
        enum belief_action last;
} paths[] = {
        /* A death with a witness: the first answer, two more, the witness. */
        { LIFE_ALIVE, "d", LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_ALIVE, "dd", LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_ALIVE, "ddd", LIFE_SUSPECT, ACTION_WITNESS },
        { LIFE_ALIVE, "dddW", LIFE_DEAD, ACTION_NONE },
        { LIFE_UNVERIFIED, "dddW", LIFE_DEAD, ACTION_NONE },
        { LIFE_BLOCKED, "dddW", LIFE_DEAD, ACTION_NONE },
        /* Unclear answers in between neither count nor undo. */
        { LIFE_ALIVE, "dud", LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_ALIVE, "duuuduud", LIFE_SUSPECT, ACTION_WITNESS },
        { LIFE_ALIVE, "dudu", LIFE_SUSPECT, ACTION_REPEAT },
        { LIFE_ALIVE, "dddu", LIFE_SUSPECT, ACTION_REPEAT },
        /* One healthy answer acquits at any point, and the count starts anew. */
        { LIFE_ALIVE, "dh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, "ddh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, "dddh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, "ddhdd", LIFE_SUSPECT, ACTION_CONFIRM },
        { LIFE_ALIVE, "ddhddd", LIFE_SUSPECT, ACTION_WITNESS },
        { LIFE_UNVERIFIED, "dh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_UNVERIFIED, "db", LIFE_UNVERIFIED, ACTION_NONE },
        { LIFE_BLOCKED, "dh", LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, "dhhh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_BLOCKED, "db", LIFE_BLOCKED, ACTION_NONE },
        { LIFE_ALIVE, "db", LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, "dbbb", LIFE_BLOCKED, ACTION_NONE },
        /* Holds: each asks again, and asks a new witness. */
        { LIFE_ALIVE, "dddD", LIFE_HELD, ACTION_HOLD },
        { LIFE_ALIVE, "dddDO", LIFE_HELD, ACTION_ASK },
        { LIFE_ALIVE, "dddDOu", LIFE_HELD, ACTION_REPEAT },
        { LIFE_ALIVE, "dddDOud", LIFE_HELD, ACTION_WITNESS },
        { LIFE_ALIVE, "dddDOdW", LIFE_DEAD, ACTION_NONE },
        { LIFE_ALIVE, "dddDOdD", LIFE_HELD, ACTION_HOLD },
        { LIFE_ALIVE, "dddDOdDOd", LIFE_HELD, ACTION_WITNESS },
        { LIFE_ALIVE, "dddDOdDOdD", LIFE_HELD, ACTION_HOLD },
        { LIFE_ALIVE, "dddDOdDOdDOd", LIFE_HELD, ACTION_WITNESS },
        { LIFE_ALIVE, "dddDOdDOdDOdD", LIFE_DEAD, ACTION_NONE },
        { LIFE_ALIVE, "dddDOdDOdDOdW", LIFE_DEAD, ACTION_NONE },
        { LIFE_ALIVE, "dddDOh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, "dddDh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_ALIVE, "dddDOdDOdDOh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_UNVERIFIED, "dddDh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_BLOCKED, "dddDh", LIFE_BLOCKED, ACTION_NONE },
        { LIFE_BLOCKED, "dddDOb", LIFE_BLOCKED, ACTION_NONE },
        /* An acquittal forgets the holds: three new ones are needed. */
        { LIFE_ALIVE, "dddDOdDOhdddDOdD", LIFE_HELD, ACTION_HOLD },
        { LIFE_ALIVE, "dddDOdDOhdddDOdDOdD", LIFE_HELD, ACTION_HOLD },
        /* Back from the dead takes two healthy answers in a row. */
        { LIFE_DEAD, "h", LIFE_DEAD, ACTION_RECHECK },
        { LIFE_DEAD, "hh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_DEAD, "huh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_DEAD, "hdh", LIFE_DEAD, ACTION_RECHECK },
        { LIFE_DEAD, "hdhh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_DEAD, "hbh", LIFE_DEAD, ACTION_RECHECK },
        { LIFE_DEAD, "bb", LIFE_BLOCKED, ACTION_NONE },
        { LIFE_DEAD, "bdb", LIFE_DEAD, ACTION_RECHECK },
        { LIFE_DEAD, "ddddd", LIFE_DEAD, ACTION_NONE },
        { LIFE_DEAD, "WDO", LIFE_DEAD, ACTION_NONE },
        /* Blocked takes two, and so does its end. */
        { LIFE_ALIVE, "bb", LIFE_BLOCKED, ACTION_NONE },
        { LIFE_ALIVE, "bub", LIFE_BLOCKED, ACTION_NONE },
        { LIFE_ALIVE, "bhb", LIFE_ALIVE, ACTION_RECHECK },
        { LIFE_ALIVE, "bdhb", LIFE_ALIVE, ACTION_RECHECK },
        { LIFE_UNVERIFIED, "bb", LIFE_BLOCKED, ACTION_NONE },
        { LIFE_UNVERIFIED, "bh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_UNVERIFIED, "bhb", LIFE_ALIVE, ACTION_RECHECK },
        { LIFE_BLOCKED, "hh", LIFE_ALIVE, ACTION_NONE },
        { LIFE_BLOCKED, "hbh", LIFE_BLOCKED, ACTION_RECHECK },
        { LIFE_BLOCKED, "huuh", LIFE_ALIVE, ACTION_NONE },
};

static void every_path(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                struct belief belief = fresh(paths[i].from);
                enum belief_action last = run(&belief, paths[i].events, 2);

                if (belief.life != paths[i].to || last != paths[i].last)
                        fail_msg("%s, %s: %s, %d", life_name(paths[i].from), paths[i].events,
                                 life_name((enum life) belief.life), (int) last);
                assert_int_equal(belief.holds > 0, belief.life == LIFE_HELD);
        }
}

static void as_many_answers_as_confirm_says(void **state)
{
        (void) state;
        for (unsigned confirm = 1; confirm <= 8; confirm++) {
                struct belief belief = fresh(LIFE_ALIVE);

                assert_int_equal(run(&belief, "d", confirm), ACTION_CONFIRM);
                for (unsigned i = 1; i < confirm; i++) {
                        assert_int_equal(run(&belief, "d", confirm), ACTION_CONFIRM);
                        assert_int_equal(run(&belief, "u", confirm), ACTION_REPEAT);
                }
                assert_int_equal(run(&belief, "d", confirm), ACTION_WITNESS);
                assert_int_equal(belief.life, LIFE_SUSPECT);
                assert_int_equal(belief.former, LIFE_ALIVE);
                /* A further one asks a witness again: the first may not have been there. */
                assert_int_equal(run(&belief, "d", confirm), ACTION_WITNESS);
        }

        struct belief belief = fresh(LIFE_ALIVE); /* 0 is no setting, and never less than one more answer */
        assert_int_equal(run(&belief, "d", 0), ACTION_CONFIRM);
        assert_int_equal(run(&belief, "d", 0), ACTION_WITNESS);
}

static void streaks_do_not_wrap(void **state)
{
        struct belief belief = fresh(LIFE_ALIVE);

        (void) state;
        run(&belief, "ddd", 2);
        for (unsigned i = 0; i < 600; i++)
                assert_int_equal(run(&belief, "d", 2), ACTION_WITNESS);
}

static void holds_grow(void **state)
{
        (void) state;
        assert_int_equal(belief_hold(0), 300);
        assert_int_equal(belief_hold(1), 300);
        assert_int_equal(belief_hold(2), 600);
        assert_int_equal(belief_hold(3), 900);
        assert_int_equal(belief_hold(4), 900);
        assert_int_equal(belief_hold(UINT32_MAX), 900);
}

/* Whatever happens: nobody dies without as many dead answers as are asked for, since the last healthy one. */
static void nobody_dies_for_less(void **state)
{
        struct random random = random_new("nobody_dies_for_less");

        (void) state;
        for (unsigned round = 0; round < 20000; round++) {
                unsigned confirm = 1 + (unsigned) random_below(&random, 4), dead = 0;
                struct belief belief = fresh((enum life) random_below(&random, LIFE_SUSPECT));

                for (unsigned i = 0; i < 30; i++) {
                        enum belief_event event =
                                (enum belief_event) random_below(&random, _BELIEF_EVENT_MAX);
                        enum life before = (enum life) belief.life;

                        /* The engine asks a witness only when it is told to. */
                        if ((event == BELIEF_WITNESS_HEALTHY || event == BELIEF_WITNESS_DOUBTFUL ||
                             event == BELIEF_UNWITNESSED) &&
                            (before == LIFE_SUSPECT ? dead <= confirm : true))
                                continue;
                        if (event == BELIEF_DEAD)
                                dead++;
                        if (event == BELIEF_HEALTHY || event == BELIEF_BLOCKED || event == BELIEF_DOUBT_OVER)
                                dead = 0;
                        belief_apply(&belief, event, confirm, &belief);
                        if (belief.life == LIFE_DEAD && before != LIFE_DEAD)
                                assert_true(dead > confirm);
                        if (event == BELIEF_UNCLEAR)
                                assert_int_equal(belief.life, before);
                }
        }
}

static void names(void **state)
{
        enum life life = LIFE_DEAD;

        (void) state;
        for (int i = 0; i < _LIFE_MAX; i++) {
                assert_int_equal(life_parse(life_name((enum life) i), &life), 0);
                assert_int_equal(life, i);
        }
        assert_int_equal(life_parse("Alive", &life), -EINVAL);
        assert_int_equal(life_parse("", &life), -EINVAL);
        assert_int_equal(life, LIFE_DEAD);
        assert_string_equal(belief_event_name(BELIEF_WITNESS_DOUBTFUL), "witness-doubtful");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_cell),
                cmocka_unit_test(every_path),
                cmocka_unit_test(as_many_answers_as_confirm_says),
                cmocka_unit_test(streaks_do_not_wrap),
                cmocka_unit_test(holds_grow),
                cmocka_unit_test(nobody_dies_for_less),
                cmocka_unit_test(names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
