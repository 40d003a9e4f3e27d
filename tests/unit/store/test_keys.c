/* Keys: stored whole, read back whole, removed whole. */
#include "world.h"

static void same_key(const struct key *a, const struct key *b)
{
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->id, b->id);
        assert_int_equal(a->account_id, b->account_id);
        assert_int_equal(a->added, b->added);
        assert_int_equal(a->created, b->created);
        assert_int_equal(a->expires, b->expires);
        assert_int_equal(a->life_since, b->life_since);
        assert_int_equal(a->suspect_since, b->suspect_since);
        assert_int_equal(a->paused_until, b->paused_until);
        assert_int_equal(a->last_checked, b->last_checked);
        assert_int_equal(a->last_healthy, b->last_healthy);
        assert_int_equal(a->last_full, b->last_full);
        assert_int_equal(a->last_excess[0], b->last_excess[0]);
        assert_int_equal(a->last_excess[1], b->last_excess[1]);
        assert_int_equal(a->secret_since, b->secret_since);
        assert_int_equal(a->checks, b->checks);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->mode, b->mode);
        assert_memory_equal(&a->belief, &b->belief, sizeof(a->belief));
        assert_int_equal(a->end, b->end);
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->account_declared, b->account_declared);
        assert_int_equal(a->has_old, b->has_old);
        assert_int_equal(a->missing, b->missing);
        assert_int_equal(a->unwitnessed, b->unwitnessed);
        assert_memory_equal(&a->grants, &b->grants, sizeof(a->grants));
}

/* Every field something of its own. */
static void fill(struct key *key, int64_t account)
{
        key->account_id = account;
        key->kind = KIND_SECRET;
        key->mode = MODE_TEST;
        key->created = NOW - 1;
        key->expires = NOW + 2;
        key->life_since = NOW + 3;
        key->suspect_since = NOW + 4;
        key->paused_until = INT64_MAX;
        key->last_checked = NOW + 5;
        key->last_healthy = NOW + 6;
        key->last_full = NOW + 7;
        key->last_excess[0] = NOW + 8;
        key->last_excess[1] = NOW + 9;
        key->secret_since = NOW + 10;
        key->checks = 4000000000u;
        key->belief = (struct belief){
                .life = LIFE_HELD, .former = LIFE_ALIVE, .streak = 2, .streak_of = BELIEF_DEAD, .holds = 3
        };
        key->end = END_ROLLED;
        key->state = STATE_DEGRADED;
        key->account_declared = true;
        key->missing = true;
        key->unwitnessed = true;
        for (unsigned slot = 0; slot < SLOTS_MAX; slot++)
                grants_put(&key->grants, slot, (enum grant)(slot % _GRANT_MAX));
}

struct taken {
        struct key *keys[8];
        char profiles[8][32];
        size_t n;
};

static int take(struct key *key, const char *profile, void *userdata)
{
        struct taken *taken = userdata;

        assert_in_range(taken->n, 0, 7);
        snprintf(taken->profiles[taken->n], 32, "%s", profile);
        taken->keys[taken->n++] = key;
        return 0;
}

static void taken_free(struct taken *taken)
{
        for (size_t i = 0; i < taken->n; i++)
                free(taken->keys[i]);
}

static void every_field_comes_back(void **state)
{
        struct world *w = *state;
        struct key *key = world_key("acme"), *plain = world_add(w, "plain", 2);
        struct taken taken = { 0 };
        int64_t account = 0;

        assert_int_equal(store_account(w->store, "acct_1", &account), 0);
        fill(key, account);
        assert_int_equal(world_try_add(w, key, "combidesk", 1, NULL), 0);
        world_close(w);
        world_open(w);
        assert_int_equal(store_load_keys(w->store, take, &taken), 0);
        assert_int_equal(taken.n, 2);
        same_key(taken.keys[0], plain);
        same_key(taken.keys[1], key);
        assert_string_equal(taken.profiles[0], "selgeo");
        assert_string_equal(taken.profiles[1], "combidesk");
        taken_free(&taken);
        free(key);
        free(plain);
}

static void commit_writes_the_key_as_it_is(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct taken taken = { 0 };
        struct batch *batch = NULL;
        int64_t account = 0;

        assert_int_equal(batch_new(&batch), 0);
        assert_int_equal(store_account(w->store, "acct_1", &account), 0);
        batch_key(batch, key);
        batch_key(batch, key);
        assert_int_equal(batch_size(batch), 1);
        fill(key, account); /* after it was named */
        assert_int_equal(store_commit(w->store, batch), 0);
        assert_int_equal(batch_size(batch), 0);
        assert_false(key->dirty);
        assert_int_equal(store_load_keys(w->store, take, &taken), 0);
        assert_int_equal(taken.n, 1);
        same_key(taken.keys[0], key);
        assert_int_equal(store_key_profile(w->store, key->id, "stackone"), 0);
        taken_free(&taken);
        taken.n = 0;
        assert_int_equal(store_load_keys(w->store, take, &taken), 0);
        assert_string_equal(taken.profiles[0], "stackone");
        taken_free(&taken);
        batch_free(batch);
        free(key);
}

static void names_and_secrets_are_taken_once(void **state)
{
        struct world *w = *state;
        struct key *first = world_add(w, "acme", 1), *second = world_key("acme"), *third = world_key("other");
        char *other = NULL;

        assert_int_equal(world_try_add(w, second, "selgeo", 2, &other), -EEXIST);
        assert_null(other);
        assert_int_equal(world_try_add(w, third, "selgeo", 1, &other), -EALREADY);
        assert_string_equal(other, "acme");
        free(other);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 1);
        free(first);
        free(second);
        free(third);
}

static void ids_are_never_used_twice(void **state)
{
        struct world *w = *state;
        struct key *first = world_add(w, "acme", 1), *second;

        world_remove(w, first->id);
        world_close(w);
        world_open(w);
        second = world_add(w, "acme", 1);
        assert_true(second->id > first->id);
        free(first);
        free(second);
}

static void removal_leaves_the_history(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *other = world_add(w, "other", 2), *again;
        struct incident incident = {
                .id = 1, .kind = INCIDENT_KEY_REVOKED, .key_id = key->id, .opened = NOW
        };
        struct event *sent = calloc(1, sizeof(*sent)), *unsent = calloc(1, sizeof(*unsent));
        const struct query_filter acme = { .key = "acme" }, open = { .open_only = true };
        struct batch *batch = batch_make();
        int64_t id;

        *sent = (struct event){ .seq = 1, .key_id = key->id, .send_state = SEND_SENT, .at_wall = NOW };
        *unsent = (struct event){ .seq = 2, .key_id = key->id, .at_wall = NOW };
        batch_event(batch, sent);
        batch_event(batch, unsent);
        batch_incident(batch, &incident);
        batch_span(batch, key->id, STATE_HEALTHY, NOW + 1, 1);
        batch_permission(batch, key->id, 3, GRANT_UNKNOWN, GRANT_WRITE, NOW);
        batch_findings(batch, key->id, "coupon_write", "invoice_read");
        assert_int_equal(store_commit(w->store, batch), 0);
        incident.cleared = NOW + 100;
        batch_incident(batch, &incident);
        batch_key_removed(batch, key->id, NOW + 100, 7);
        batch_forget_key(batch, key); /* its incidents end, all the same */
        assert_int_equal(store_commit(w->store, batch), 0);

        assert_int_equal(store_key_id(w->store, "acme", &id), -ENOENT);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 1);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, &acme), 0);
        assert_int_equal(world_lines(w->store, QUERY_LABELS, &acme), 0);
        assert_int_equal(world_lines(w->store, QUERY_PERMISSIONS, &acme), 0);
        assert_int_equal(world_lines(w->store, QUERY_INCIDENTS, &open), 0);
        EXPECT(w->store, QUERY_COUNTS, NULL, "keys=1 ", "unsent=1");
        EXPECT(w->store, QUERY_INCIDENTS, &acme, "key=acme", "kind=key-revoked");
        EXPECT(w->store, QUERY_HISTORY, &acme, "state=unverified", "state=healthy", "checks=7",
               "state=removed", "change=gained");

        /* What was collected about it meanwhile does not bring it back. */
        batch_key(batch, key);
        batch_key(batch, other);
        grants_put(&key->grants, 3, GRANT_WRITE);
        other->last_checked = NOW + 9;
        assert_int_equal(store_commit(w->store, batch), 0);
        EXPECT(w->store, QUERY_KEYS, NULL, "name=other", "last_checked=2026-11-18T11:06:49Z");
        world_remove(w, key->id); /* once more does no harm */
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &acme), 4);

        /* Another of its name, and both are told of. */
        again = world_add(w, "acme", 1);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, &acme), 1);
        assert_int_equal(world_lines(w->store, QUERY_LABELS, &acme), 2);
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &acme), 5);
        batch_free(batch);
        free(key);
        free(other);
        free(again);
}

static void what_was_granted_is_erased_with_the_key(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();

        batch_findings(batch, key->id, "a_missing_permission", "one_too_many");
        assert_int_equal(store_commit(w->store, batch), 0);
        assert_true(world_file_has(w, "a_missing_permission", 20));
        world_remove(w, key->id);
        world_close(w);
        assert_false(world_file_has(w, "a_missing_permission", 20));
        assert_false(world_file_has(w, "one_too_many", 12));
        batch_free(batch);
        free(key);
}

static void history_of_removed_keys_ends_with_all_history(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *there = world_add(w, "other", 2);
        const struct query_filter acme = { .key = "acme" };
        unsigned deleted;

        world_remove(w, key->id);
        assert_int_equal(store_expire(w->store, NOW + 100, 100, &deleted), 0);
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &acme), 2);
        assert_int_equal(store_expire(w->store, NOW + 101, 100, &deleted), 0);
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &acme), 0);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 1);
        free(key);
        free(there);
}

static void forgotten_keys_leave_the_batch(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *other = world_add(w, "other", 2);
        struct incident incident = {
                .id = 1, .kind = INCIDENT_KEY_REVOKED, .key_id = key->id, .opened = NOW
        };
        struct batch *batch = NULL;

        assert_int_equal(batch_new(&batch), 0);
        batch_key(batch, other);
        batch_key(batch, key);
        batch_span(batch, key->id, STATE_HEALTHY, NOW, 1);
        batch_span(batch, other->id, STATE_HEALTHY, NOW, 1);
        batch_findings(batch, key->id, "a", "b");
        batch_permission(batch, key->id, 3, GRANT_UNKNOWN, GRANT_WRITE, NOW);
        batch_answer(batch, &(struct answer_row){ .key_id = key->id, .answer = "unclear" });
        batch_incident(batch, &incident);
        batch_meta(batch, "fact", "told");
        batch_forget_key(batch, key);
        assert_int_equal(batch_size(batch), 4); /* and how incidents ended */
        assert_false(key->dirty);
        assert_true(other->dirty);
        free(key); /* it may be gone now */
        assert_int_equal(store_commit(w->store, batch), 0);
        batch_free(batch);
        free(other);
}

static void labels_are_put_and_removed(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct query_filter of_key = { .key = "acme" };

        EXPECT(w->store, QUERY_LABELS, &of_key, "name=team value=blue\nname=tier value=gold\n");
        assert_int_equal(store_key_label(w->store, key->id, "team", "red"), 0);
        assert_int_equal(store_key_label(w->store, key->id, "tier", ""), 0);
        assert_int_equal(store_key_label(w->store, key->id, "tier", ""), 0);
        EXPECT(w->store, QUERY_LABELS, &of_key, "name=team value=red\n");
        assert_int_equal(world_lines(w->store, QUERY_LABELS, &of_key), 1);
        free(key);
}

static void imports_are_one_transaction(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "first", 1), *again = world_key("first");

        assert_int_equal(store_begin(w->store, NULL, NULL), 0);
        assert_int_equal(store_begin(w->store, NULL, NULL), -EBUSY);
        free(world_add(w, "second", 2));
        assert_int_equal(world_try_add(w, again, "selgeo", 3, NULL), -EEXIST);
        free(world_add(w, "third", 4));
        assert_int_equal(store_end(w->store, true), 0);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 3);

        assert_int_equal(store_begin(w->store, NULL, NULL), 0);
        free(world_add(w, "fourth", 5));
        assert_int_equal(store_end(w->store, false), 0);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 3);
        free(key);
        free(again);
}

static void hear(int result, void *userdata)
{
        *(int *) userdata = result;
}

/* What anybody else finds in the file. */
static unsigned seen_from_outside(const struct world *w)
{
        struct store *reader = NULL;
        char *why = NULL;
        unsigned n;

        assert_int_equal(store_open_readonly(w->dir, &reader, &why), 0);
        n = world_lines(reader, QUERY_KEYS, NULL);
        store_close(reader);
        return n;
}

static void a_long_transaction_gives_way(void **state)
{
        struct world *w = *state;
        int heard = 1;

        assert_int_equal(store_begin(w->store, hear, &heard), 0);
        free(world_add(w, "first", 1));
        store_pause(w->store);
        assert_int_equal(store_begin(w->store, hear, &heard), 0);
        free(world_add(w, "second", 2));
        store_pause(w->store);
        assert_true(store_is_open(w->store));
        assert_int_equal(seen_from_outside(w), 0);
        assert_int_equal(store_checkpoint(w->store), -EAGAIN);

        assert_int_equal(store_meta_put(w->store, "promise", "kept"), 0);
        assert_int_equal(heard, 0);
        assert_false(store_is_open(w->store));
        assert_int_equal(seen_from_outside(w), 2);
        assert_int_equal(store_end(w->store, true), 0); /* nothing is open */

        assert_int_equal(store_begin(w->store, hear, &heard), 0);
        free(world_add(w, "third", 3));
        store_pause(w->store);
        assert_int_equal(store_end(w->store, false), 0);
        assert_int_equal(heard, -ECANCELED);
        assert_int_equal(seen_from_outside(w), 2);
}

static void accounts_wait_for_a_transaction(void **state)
{
        struct world *w = *state;
        int64_t one = 0, two = 0, again = 0, three = 0;
        char *name = NULL;

        assert_int_equal(store_account(w->store, "acct_one", &one), 0);
        assert_int_equal(store_account(w->store, "acct_two", &two), 0);
        assert_int_equal(store_account(w->store, "acct_one", &again), 0);
        assert_int_equal(one, again);
        assert_int_not_equal(one, two);
        assert_int_equal(store_account_name(w->store, two, &name), 0);
        assert_string_equal(name, "acct_two");
        free(name);

        /* Undone with a transaction, they go with the next. */
        assert_int_equal(store_begin(w->store, NULL, NULL), 0);
        assert_int_equal(store_account(w->store, "acct_three", &three), 0);
        assert_int_equal(store_end(w->store, false), 0);
        assert_int_equal(store_account(w->store, "acct_three", &again), 0);
        assert_int_equal(again, three);
        assert_int_equal(store_meta_put(w->store, "any", "thing"), 0);
        world_close(w);
        world_open(w);
        assert_int_equal(store_account(w->store, "acct_two", &again), 0);
        assert_int_equal(again, two);
        assert_int_equal(store_account(w->store, "acct_three", &again), 0);
        assert_int_equal(again, three);
        assert_int_equal(store_account_name(w->store, one, &name), 0);
        assert_string_equal(name, "acct_one");
        free(name);
}

static void facts_and_names(void **state)
{
        struct world *w = *state;
        int64_t one = 0, again = 0, other = 0;
        char *text = NULL;

        assert_int_equal(store_meta_get(w->store, "round", &text), -ENOENT);
        assert_int_equal(store_meta_put(w->store, "round", "1"), 0);
        assert_int_equal(store_meta_put(w->store, "round", "2"), 0);
        assert_int_equal(store_meta_get(w->store, "round", &text), 0);
        assert_string_equal(text, "2");
        free(text);
        assert_int_equal(store_account(w->store, "acct_a", &one), 0);
        assert_int_equal(store_account(w->store, "acct_b", &other), 0);
        assert_int_equal(store_account(w->store, "acct_a", &again), 0);
        assert_int_equal(one, again);
        assert_int_not_equal(one, other);
        assert_int_equal(store_account_name(w->store, other, &text), 0);
        assert_string_equal(text, "acct_b");
        free(text);
        assert_int_equal(store_account_name(w->store, 99, &text), -ENOENT);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
                TEST(every_field_comes_back),
                TEST(commit_writes_the_key_as_it_is),
                TEST(names_and_secrets_are_taken_once),
                TEST(ids_are_never_used_twice),
                TEST(removal_leaves_the_history),
                TEST(what_was_granted_is_erased_with_the_key),
                TEST(history_of_removed_keys_ends_with_all_history),
                TEST(forgotten_keys_leave_the_batch),
                TEST(labels_are_put_and_removed),
                TEST(imports_are_one_transaction),
                TEST(a_long_transaction_gives_way),
                TEST(accounts_wait_for_a_transaction),
                TEST(facts_and_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
