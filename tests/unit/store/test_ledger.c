/* The coupon ledger: every step is on disk before it is taken, and nothing of ours is forgotten. */
#include "store/ledger.h"
#include "world.h"

/* What was loaded, as "coupon:state " per row, and the last row itself. */
struct loaded {
        char text[256];
        struct ledger_row *last;
};

static int take(struct ledger_row *row, void *userdata)
{
        struct loaded *loaded = userdata;
        size_t have = strlen(loaded->text);

        snprintf(loaded->text + have, sizeof(loaded->text) - have, "%s:%s ", row->coupon,
                 coupon_state_name(row->state));
        ledger_row_free(loaded->last);
        loaded->last = row;
        return 0;
}

static void expect_unfinished(struct world *w, const struct ledger_owner *owner, const char *expected)
{
        struct loaded loaded = { 0 };

        assert_int_equal(ledger_load(w->store, owner, take, &loaded), 0);
        assert_string_equal(loaded.text, expected);
        ledger_row_free(loaded.last);
}

static void put(struct world *w, const struct ledger_owner *owner, const char *coupon,
                enum coupon_state coupon_state, int64_t updated)
{
        struct ledger_row row = { .owner = *owner,
                                  .coupon = (char *) coupon,
                                  .state = coupon_state,
                                  .updated = updated,
                                  .seen = 1 };

        assert_int_equal(ledger_put(w->store, &row, NULL), 0);
}

static struct ledger_owner account_owner(struct world *w, const char *name, int64_t key_id)
{
        struct ledger_owner owner = { .key_id = key_id, .mode = MODE_LIVE };

        assert_int_equal(store_account(w->store, name, &owner.account_id), 0);
        return owner;
}

static void every_field_comes_back(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner owner = account_owner(w, "acct_1", key->id);
        struct ledger_row row = { .owner = owner,
                                  .coupon = (char *) "selgeo_probe_a",
                                  .reason = (char *) "too young",
                                  .created = NOW - 5,
                                  .updated = NOW,
                                  .next_try = NOW + 5,
                                  .incident = 12,
                                  .seen = 3,
                                  .attempts = 4,
                                  .state = COUPON_KEPT,
                                  .source = COUPON_FROM_CONNECT,
                                  .ours = true };
        struct ledger_row *back = NULL;
        int64_t id = 0, again = 0;

        assert_int_equal(ledger_find(w->store, &owner, row.coupon, &back), -ENOENT);
        assert_int_equal(ledger_put(w->store, &row, &id), 0);
        world_close(w);
        world_open(w);
        assert_int_equal(ledger_find(w->store, &owner, row.coupon, &back), 0);
        assert_int_equal(back->id, id);
        assert_int_equal(back->owner.account_id, owner.account_id);
        assert_int_equal(back->owner.key_id, key->id);
        assert_int_equal(back->owner.mode, MODE_LIVE);
        assert_string_equal(back->coupon, row.coupon);
        assert_string_equal(back->reason, row.reason);
        assert_int_equal(back->created, row.created);
        assert_int_equal(back->updated, row.updated);
        assert_int_equal(back->next_try, row.next_try);
        assert_int_equal(back->incident, row.incident);
        assert_int_equal(back->seen, row.seen);
        assert_int_equal(back->attempts, row.attempts);
        assert_int_equal(back->state, row.state);
        assert_int_equal(back->source, row.source);
        assert_true(back->ours);
        ledger_row_free(back);

        row.state = COUPON_DELETING;
        row.ours = false; /* cannot be taken back */
        assert_int_equal(ledger_put(w->store, &row, &again), 0);
        assert_int_equal(again, id);
        assert_int_equal(ledger_find(w->store, &owner, row.coupon, &back), 0);
        assert_int_equal(back->state, COUPON_DELETING);
        assert_true(back->ours);
        ledger_row_free(back);
        EXPECT(w->store, QUERY_COUPONS, NULL,
               "key=acme account=acct_1 mode=live coupon=selgeo_probe_a created=2026-11-18T11:06:35Z "
               "state=deleting reason=too young attempts=4 updated=2026-11-18T11:06:40Z");
        free(key);
}

static void owners_are_kept_apart(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *other = world_add(w, "other", 2);
        struct ledger_owner account = account_owner(w, "acct_1", key->id), by_key = { .key_id = key->id };
        struct ledger_owner by_other = { .key_id = other->id }, test = account;

        test.mode = MODE_TEST;
        put(w, &account, "one", COUPON_FOUND, NOW);
        put(w, &account, "two", COUPON_DELETED, NOW);
        put(w, &account, "three", COUPON_GONE, NOW);
        put(w, &account, "four", COUPON_STUCK, NOW);
        put(w, &test, "one", COUPON_KEPT, NOW);
        put(w, &by_key, "one", COUPON_DELETING, NOW);
        put(w, &by_other, "five", COUPON_FOUND, NOW);
        expect_unfinished(w, &account, "one:found four:stuck ");
        expect_unfinished(w, &test, "one:kept ");
        expect_unfinished(w, &by_key, "one:deleting ");
        expect_unfinished(w, &by_other, "five:found ");
        expect_unfinished(w, NULL, "one:found four:stuck one:kept one:deleting five:found ");
        assert_int_equal(world_lines(w->store, QUERY_COUPONS, NULL), 7);
        assert_int_equal(world_lines(w->store, QUERY_COUPONS, &(struct query_filter){ .key = "other" }), 1);
        free(key);
        free(other);
}

static void a_learned_account_takes_over(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner account = account_owner(w, "acct_1", 0), by_key = { .key_id = key->id };
        struct ledger_row row = { .owner = by_key,
                                  .coupon = (char *) "ours",
                                  .created = NOW - 9,
                                  .updated = NOW,
                                  .seen = 2,
                                  .state = COUPON_FOUND,
                                  .ours = true };
        struct ledger_row *back = NULL;

        assert_int_equal(ledger_put(w->store, &row, NULL), 0);
        put(w, &by_key, "later here", COUPON_DELETED, NOW + 10);
        put(w, &by_key, "earlier here", COUPON_FOUND, NOW);
        put(w, &by_key, "only here", COUPON_DELETING, NOW);
        put(w, &account, "ours", COUPON_KEPT, NOW + 1);
        put(w, &account, "later here", COUPON_FOUND, NOW);
        put(w, &account, "earlier here", COUPON_GONE, NOW + 10);
        assert_int_equal(ledger_merge(w->store, key->id, account.account_id), 0);
        expect_unfinished(w, &by_key, "");
        expect_unfinished(w, &account, "only here:deleting ours:kept ");
        assert_int_equal(world_lines(w->store, QUERY_COUPONS, NULL), 4);
        assert_int_equal(ledger_has_ours(w->store, &account), 1);
        assert_int_equal(ledger_find(w->store, &account, "ours", &back), 0);
        assert_true(back->ours);
        assert_int_equal(back->created, NOW - 9);
        assert_int_equal(back->seen, 3);
        assert_int_equal(back->owner.key_id, key->id);
        ledger_row_free(back);
        assert_int_equal(ledger_merge(w->store, key->id, account.account_id), 0);
        assert_int_equal(world_lines(w->store, QUERY_COUPONS, NULL), 4);
        free(key);
}

static void scans_are_remembered_and_merged(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *other = world_add(w, "other", 2);
        struct ledger_owner account = account_owner(w, "acct_1", key->id), by_key = { .key_id = key->id };
        struct ledger_owner by_other = { .key_id = other->id };
        struct ledger_scan scan = {
                .last_complete = 1, .last_scan = 2, .coupons_seen = 3, .month = 202611, .reads = 4
        };
        struct ledger_scan back = { .reads = 77 };

        assert_int_equal(ledger_scan_get(w->store, &by_key, &back), 0);
        assert_int_equal(back.reads, 0);
        assert_int_equal(ledger_scan_put(w->store, &by_key, &scan), 0);
        assert_int_equal(ledger_scan_put(w->store, &by_key, &scan), 0);
        assert_int_equal(ledger_scan_get(w->store, &by_key, &back), 0);
        assert_memory_equal(&back, &scan, sizeof(scan));
        assert_int_equal(ledger_merge(w->store, key->id, account.account_id), 0);
        assert_int_equal(ledger_scan_get(w->store, &account, &back), 0);
        assert_memory_equal(&back, &scan, sizeof(scan));
        assert_int_equal(ledger_scan_get(w->store, &by_key, &back), 0);
        assert_int_equal(back.reads, 0);

        scan = (struct ledger_scan){
                .last_complete = 10, .last_scan = 1, .coupons_seen = 30, .month = 202611, .reads = 5
        };
        assert_int_equal(ledger_scan_put(w->store, &by_other, &scan), 0);
        assert_int_equal(ledger_merge(w->store, other->id, account.account_id), 0);
        assert_int_equal(ledger_scan_get(w->store, &account, &back), 0);
        assert_int_equal(back.last_complete, 10);
        assert_int_equal(back.last_scan, 2);
        assert_int_equal(back.coupons_seen, 30);
        assert_int_equal(back.reads, 9);

        scan.month = 202612;
        assert_int_equal(ledger_scan_put(w->store, &by_other, &scan), 0);
        assert_int_equal(ledger_merge(w->store, other->id, account.account_id), 0);
        assert_int_equal(ledger_scan_get(w->store, &account, &back), 0);
        assert_int_equal(back.month, 202612);
        assert_int_equal(back.reads, 5);
        free(key);
        free(other);
}

static int count_scan(const struct ledger_owner *owner, const struct ledger_scan *scan, void *userdata)
{
        assert_true((owner->account_id == 0) != (owner->key_id == 0));
        *(int64_t *) userdata += scan->reads;
        return 0;
}

static void all_scans_are_listed(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner account = account_owner(w, "acct_1", key->id), by_key = { .key_id = key->id };
        struct ledger_scan scan = { .reads = 4 };
        int64_t reads = 0;

        assert_int_equal(ledger_scan_put(w->store, &by_key, &scan), 0);
        assert_int_equal(ledger_scan_put(w->store, &account, &scan), 0);
        assert_int_equal(ledger_load_scans(w->store, count_scan, &reads), 0);
        assert_int_equal(reads, 8);
        free(key);
}

static void deletions_are_counted_by_day_and_owner(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner account = account_owner(w, "acct_1", key->id), by_key = { .key_id = key->id };
        int64_t n = 0;

        put(w, &account, "old", COUPON_DELETED, NOW - 1);
        put(w, &account, "a", COUPON_DELETED, NOW);
        put(w, &account, "b", COUPON_DELETED, NOW + 1);
        put(w, &account, "c", COUPON_GONE, NOW + 1);
        put(w, &account, "d", COUPON_DELETING, NOW + 1);
        put(w, &by_key, "a", COUPON_DELETED, NOW + 1);
        assert_int_equal(ledger_count_deleted(w->store, &account, NOW, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(ledger_count_deleted(w->store, &by_key, NOW, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(ledger_count_deleted(w->store, NULL, NOW, &n), 0);
        assert_int_equal(n, 4);
        free(key);
}

static void ours_are_not_forgotten(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner by_key = { .key_id = key->id };
        struct ledger_row row = { .owner = by_key,
                                  .coupon = (char *) "ours",
                                  .updated = NOW,
                                  .state = COUPON_STUCK,
                                  .ours = true };
        unsigned deleted = 0;

        put(w, &by_key, "theirs", COUPON_FOUND, NOW);
        put(w, &by_key, "over", COUPON_DELETED, NOW);
        assert_int_equal(ledger_has_ours(w->store, &by_key), 0);
        assert_int_equal(ledger_put(w->store, &row, NULL), 0);
        assert_int_equal(ledger_has_ours(w->store, &by_key), 1);
        assert_int_equal(store_expire(w->store, NOW + 1000, 100, &deleted), 0);
        assert_int_equal(deleted, 1);
        assert_int_equal(ledger_has_ours(w->store, &by_key), 1);
        row.state = COUPON_DELETED;
        assert_int_equal(ledger_put(w->store, &row, NULL), 0);
        assert_int_equal(ledger_has_ours(w->store, &by_key), 0);
        free(key);
}

/* The account's coupons outlive the key; those of a key without account cannot be reached any more. */
static void a_removed_key_leaves_what_others_can_finish(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner account = account_owner(w, "acct_1", key->id), by_key = { .key_id = key->id };
        struct ledger_row orphan = { .owner = by_key, .coupon = (char *) "late", .state = COUPON_FOUND };
        struct ledger_scan scan = { .reads = 4 };
        struct batch *batch = NULL;

        put(w, &account, "one", COUPON_FOUND, NOW);
        put(w, &by_key, "two", COUPON_FOUND, NOW);
        assert_int_equal(ledger_scan_put(w->store, &by_key, &scan), 0);
        world_remove(w, key->id);
        expect_unfinished(w, NULL, "one:found ");
        EXPECT(w->store, QUERY_COUPONS, NULL, "key=- account=acct_1 mode=live coupon=one");
        assert_int_equal(ledger_put(w->store, &orphan, NULL), -ENOENT);
        put(w, &account, "three", COUPON_FOUND, NOW);

        assert_int_equal(batch_new(&batch), 0);
        batch_coupon(batch, &orphan);
        batch_scan(batch, &by_key, &scan);
        batch_meta(batch, "fact", "told");
        assert_int_equal(store_commit(w->store, batch), 0);
        expect_unfinished(w, NULL, "one:found three:found ");
        batch_free(batch);
        free(key);
}

static void a_step_may_go_with_its_event(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner by_key = { .key_id = key->id };
        struct ledger_row row = {
                .owner = by_key, .coupon = strdup("mine"), .reason = strdup("why"), .state = COUPON_FOUND
        };
        struct ledger_scan scan = { .reads = 4 };
        struct batch *batch = NULL;

        assert_int_equal(batch_new(&batch), 0);
        batch_coupon(batch, &row);
        free(row.coupon);
        free(row.reason);
        batch_scan(batch, &by_key, &scan);
        assert_int_equal(batch_size(batch), 2);
        expect_unfinished(w, &by_key, "");
        assert_int_equal(store_commit(w->store, batch), 0);
        assert_int_equal(batch_size(batch), 0);
        expect_unfinished(w, &by_key, "mine:found ");
        assert_int_equal(ledger_scan_get(w->store, &by_key, &scan), 0);
        assert_int_equal(scan.reads, 4);
        batch_free(batch);
        free(key);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
                TEST(every_field_comes_back),       TEST(owners_are_kept_apart),
                TEST(a_learned_account_takes_over), TEST(scans_are_remembered_and_merged),
                TEST(all_scans_are_listed),         TEST(deletions_are_counted_by_day_and_owner),
                TEST(ours_are_not_forgotten),       TEST(a_removed_key_leaves_what_others_can_finish),
                TEST(a_step_may_go_with_its_event),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
