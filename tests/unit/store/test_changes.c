/* What the history tells the engine: how often something opened and ended, and who got no verdict lately. */
#include "world.h"

static void commit(struct world *w, struct batch *batch)
{
        assert_int_equal(store_commit(w->store, batch), 0);
        batch_free(batch);
}

/* Incidents of one key; seconds since NOW at which they opened and ended. */
static const struct history {
        const char *what;
        struct {
                enum incident_kind kind;
                int64_t opened, cleared;
        } incidents[4];
        int64_t since;
        unsigned changes;
        int64_t first; /* since NOW */
} histories[] = {
        { "nothing yet", { { 0 } }, 1, 0, 0 },
        { "one that is open", { { INCIDENT_KEY_REVOKED, 10, 0 } }, 1, 1, 10 },
        { "there and back", { { INCIDENT_KEY_REVOKED, 10, 20 } }, 1, 2, 10 },
        { "what opened before does not count", { { INCIDENT_KEY_REVOKED, 10, 20 } }, 15, 1, 20 },
        { "at that very second it does", { { INCIDENT_KEY_REVOKED, 10, 20 } }, 10, 2, 10 },
        { "all of it is long ago", { { INCIDENT_KEY_REVOKED, 10, 20 } }, 21, 0, 0 },
        { "what would be in the future does not count", { { INCIDENT_KEY_REVOKED, 90, 120 } }, 10, 1, 90 },
        { "nor all of it", { { INCIDENT_KEY_REVOKED, 110, 120 } }, 10, 0, 0 },
        { "another kind is another matter",
          { { INCIDENT_KEY_REVOKED, 10, 20 }, { INCIDENT_KEY_PERMISSIONS_MISSING, 12, 14 } },
          1,
          2,
          10 },
        { "one of the kinds that are asked for is the same",
          { { INCIDENT_KEY_REVOKED, 10, 20 },
            { INCIDENT_KEY_EXPIRED, 25, 30 },
            { INCIDENT_KEY_INVALID, 40, 0 } },
          15,
          4,
          20 },
};

static void changes_of_a_kind_are_counted(void **state)
{
        static const enum incident_kind deaths[] = { INCIDENT_KEY_REVOKED, INCIDENT_KEY_EXPIRED,
                                                     INCIDENT_KEY_INVALID };
        struct world *w = *state;
        int64_t id = 0;

        for (size_t i = 0; i < ELEMENTSOF(histories); i++) {
                const struct history *h = &histories[i];
                struct batch *batch = batch_make();
                char name[16], empty[] = "";
                unsigned n = 99;
                int64_t first = 99;

                snprintf(name, sizeof(name), "key-%zu", i);
                struct key *key = world_add(w, name, (unsigned) i + 1);
                for (size_t k = 0; k < ELEMENTSOF(h->incidents) && h->incidents[k].opened; k++) {
                        struct incident incident = {
                                .id = ++id,
                                .kind = h->incidents[k].kind,
                                .key_id = key->id,
                                .mode = "live",
                                .opened = NOW + h->incidents[k].opened,
                                .cleared = h->incidents[k].cleared ? NOW + h->incidents[k].cleared : 0,
                                .reason = empty,
                                .detail = empty,
                                .message = empty,
                                .acknowledgement = empty,
                        };
                        batch_incident(batch, &incident);
                }
                commit(w, batch);
                assert_int_equal(store_incident_changes(w->store, key->id, deaths, ELEMENTSOF(deaths),
                                                        NOW + h->since, NOW + 100, &n, &first),
                                 0);
                if (n != h->changes || first != (h->first ? NOW + h->first : 0))
                        fail_msg("%s: %u changes, the first %lld s after the beginning", h->what, n,
                                 (long long) (first ? first - NOW : 0));
                free(key);
        }
}

static void a_key_that_is_not_there_never_changed(void **state)
{
        static const enum incident_kind kind = INCIDENT_KEY_REVOKED;
        struct world *w = *state;
        unsigned n = 99;
        int64_t first = 99;

        assert_int_equal(store_incident_changes(w->store, 4711, &kind, 1, 0, NOW, &n, &first), 0);
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
                cmocka_unit_test_setup_teardown(changes_of_a_kind_are_counted, world_setup, world_teardown),
                cmocka_unit_test_setup_teardown(a_key_that_is_not_there_never_changed, world_setup,
                                                world_teardown),
                cmocka_unit_test_setup_teardown(who_got_no_verdict_is_found_again, world_setup,
                                                world_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
