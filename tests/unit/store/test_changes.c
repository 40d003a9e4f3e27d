/* What the history tells the engine: how often a verdict changed, and who got no verdict lately. */
#include "world.h"

static void commit(struct world *w, struct batch *batch)
{
        assert_int_equal(store_commit(w->store, batch), 0);
        batch_free(batch);
}

#define SPANS_MAX 8

/* States with the second at which each began, oldest first. */
struct span {
        enum state state;
        int64_t from;
};

static const struct history {
        const char *what;
        struct span spans[SPANS_MAX];
        size_t n_spans;
        int64_t since;
        unsigned changes;
        int64_t first; /* since NOW */
} histories[] = {
        { "nothing yet", { { 0 } }, 0, 0, 0, 0 },
        { "the first verdict is no change", { { STATE_HEALTHY, 10 } }, 1, 0, 0, 0 },
        { "one change", { { STATE_HEALTHY, 10 }, { STATE_REVOKED, 20 } }, 2, 0, 1, 20 },
        { "there and back",
          { { STATE_HEALTHY, 10 }, { STATE_REVOKED, 20 }, { STATE_HEALTHY, 30 } },
          3,
          0,
          2,
          20 },
        { "what changed before does not count",
          { { STATE_HEALTHY, 10 }, { STATE_REVOKED, 20 }, { STATE_HEALTHY, 30 } },
          3,
          25,
          1,
          30 },
        { "at that very second it does",
          { { STATE_HEALTHY, 10 }, { STATE_REVOKED, 20 }, { STATE_HEALTHY, 30 } },
          3,
          20,
          2,
          20 },
        { "all of it is long ago",
          { { STATE_HEALTHY, 10 }, { STATE_REVOKED, 20 }, { STATE_HEALTHY, 30 } },
          3,
          31,
          0,
          0 },
        { "a pause is none",
          { { STATE_HEALTHY, 10 }, { STATE_PAUSED, 20 }, { STATE_HEALTHY, 30 } },
          3,
          0,
          0,
          0 },
        { "what changed during a pause is one",
          { { STATE_HEALTHY, 10 }, { STATE_PAUSED, 20 }, { STATE_REVOKED, 30 } },
          3,
          0,
          1,
          30 },
        { "a new secret begins unverified",
          { { STATE_REVOKED, 10 }, { STATE_UNVERIFIED, 20 }, { STATE_REVOKED, 30 } },
          3,
          0,
          0,
          0 },
        { "each of many",
          { { STATE_HEALTHY, 10 },
            { STATE_BLOCKED, 20 },
            { STATE_DEGRADED, 30 },
            { STATE_EXPIRED, 40 },
            { STATE_HEALTHY, 50 },
            { STATE_INVALID, 60 } },
          6,
          15,
          5,
          20 },
};

static void verdicts_that_changed_are_counted(void **state)
{
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(histories); i++) {
                const struct history *h = &histories[i];
                struct batch *batch = batch_make();
                char name[16];
                unsigned n = 99;
                int64_t first = 99;

                snprintf(name, sizeof(name), "key-%zu", i);
                struct key *key = world_add(w, name, (unsigned) i + 1);
                for (size_t k = 0; k < h->n_spans; k++)
                        batch_span(batch, key->id, h->spans[k].state, NOW + h->spans[k].from, 1);
                commit(w, batch);
                assert_int_equal(store_key_changes(w->store, key->id, NOW + h->since, &n, &first), 0);
                if (n != h->changes || first != (h->first ? NOW + h->first : 0))
                        fail_msg("%s: %u changes, the first %lld s after the beginning", h->what, n,
                                 (long long) (first ? first - NOW : 0));
                free(key);
        }
}

static void a_key_that_is_not_there_never_changed(void **state)
{
        struct world *w = *state;
        unsigned n = 99;
        int64_t first = 99;

        assert_int_equal(store_key_changes(w->store, 4711, 0, &n, &first), 0);
        assert_int_equal(n, 0);
        assert_int_equal(first, 0);
}

struct taken {
        int64_t keys[8], at[8];
        size_t n;
        int result;
};

static int take(int64_t key_id, int64_t at_wall, void *userdata)
{
        struct taken *taken = userdata;

        taken->keys[taken->n] = key_id;
        taken->at[taken->n++] = at_wall;
        return taken->result;
}

static void who_got_no_verdict_is_found_again(void **state)
{
        struct world *w = *state;
        struct key *early = world_add(w, "early", 1), *late = world_add(w, "late", 2),
                   *other = world_add(w, "other", 3);
        struct batch *batch = batch_make();
        struct taken taken = { 0 };

        batch_answer(batch, &(struct answer_row){ .key_id = early->id, .at_wall = NOW, .answer = "unclear" });
        batch_answer(batch, &(struct answer_row){ .key_id = late->id, .at_wall = NOW, .answer = "unclear" });
        batch_answer(batch,
                     &(struct answer_row){ .key_id = late->id, .at_wall = NOW + 20, .answer = "unclear" });
        batch_answer(batch,
                     &(struct answer_row){ .key_id = other->id, .at_wall = NOW + 20, .answer = "throttled" });
        commit(w, batch);
        assert_int_equal(store_load_unclear(w->store, NOW + 1, take, &taken), 0);
        assert_int_equal(taken.n, 1);
        assert_int_equal(taken.keys[0], late->id);
        assert_int_equal(taken.at[0], NOW + 20);
        taken = (struct taken){ 0 };
        assert_int_equal(store_load_unclear(w->store, NOW, take, &taken), 0);
        assert_int_equal(taken.n, 2);
        taken = (struct taken){ .result = -ECANCELED };
        assert_int_equal(store_load_unclear(w->store, NOW, take, &taken), -ECANCELED);
        assert_int_equal(taken.n, 1);
        free(early);
        free(late);
        free(other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(verdicts_that_changed_are_counted, world_setup,
                                                world_teardown),
                cmocka_unit_test_setup_teardown(a_key_that_is_not_there_never_changed, world_setup,
                                                world_teardown),
                cmocka_unit_test_setup_teardown(who_got_no_verdict_is_found_again, world_setup,
                                                world_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
