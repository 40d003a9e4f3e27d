/* Spans, permissions, answers, incidents, events: what is committed and what the views say of it. */
#include "world.h"

static void commit(struct world *w, struct batch *batch)
{
        assert_int_equal(store_commit(w->store, batch), 0);
        assert_int_equal(batch_size(batch), 0);
}

static void a_steady_key_is_one_row(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();
        struct query_filter of_key = { .key = "acme" };

        EXPECT(w->store, QUERY_HISTORY, &of_key,
               "key=acme state=unverified from_time=2026-11-18T11:06:40Z until_time=- checks=0");
        key->belief.life = LIFE_ALIVE;
        key->state = STATE_HEALTHY;
        for (int i = 1; i <= 100; i++) {
                key->last_checked = NOW + i;
                key->checks = (uint32_t) i;
                if (i == 1)
                        batch_span(batch, key->id, STATE_HEALTHY, NOW + 1, 0);
                batch_key(batch, key);
                commit(w, batch);
        }
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &of_key), 2);
        EXPECT(w->store, QUERY_HISTORY, &of_key,
               "state=healthy from_time=2026-11-18T11:06:41Z until_time=2026-11-18T11:08:20Z checks=100",
               "state=unverified from_time=2026-11-18T11:06:40Z until_time=2026-11-18T11:06:41Z checks=0");
        batch_free(batch);
        free(key);
}

static void one_span_is_open_even_if_the_clock_goes_back(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();
        struct query_filter of_key = { .key = "acme" };

        batch_span(batch, key->id, STATE_HEALTHY, NOW - 1000, 7);
        batch_span(batch, key->id, STATE_REVOKED, NOW - 500, 8);
        batch_span(batch, key->id, STATE_HEALTHY, NOW - 2000, 9);
        commit(w, batch);
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &of_key), 4);
        EXPECT(w->store, QUERY_HISTORY, &of_key,
               "state=revoked from_time=2026-11-18T10:58:20Z until_time=2026",
               "state=healthy from_time=2026-11-18T10:33:20Z until_time=- checks=0");
        EXPECT(w->store, QUERY_KEYS, NULL, " since=2026-11-18T10:33:20Z");
        batch_free(batch);
        free(key);
}

/* The views derive the state as key_state() does, whatever was stored. */
static void the_view_agrees_with_the_model(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();

        for (int life = 0; life < _LIFE_MAX; life++)
                for (int former = 0; former < LIFE_SUSPECT; former++)
                        for (int end = 0; end < _END_MAX; end++)
                                for (int flags = 0; flags < 8; flags++) {
                                        char expected[40];

                                        key->belief.life = (uint8_t) life;
                                        key->belief.former = (uint8_t) former;
                                        key->end = (uint8_t) end;
                                        key->missing = flags & 1;
                                        key->paused_until =
                                                flags & 2 ? flags & 4 ? INT64_MAX : NOW * 2L : 1000;
                                        batch_key(batch, key);
                                        commit(w, batch);
                                        snprintf(expected, sizeof(expected), " state=%s ",
                                                 state_name(key_state(key, NOW)));
                                        EXPECT(w->store, QUERY_KEYS, NULL, expected);
                                }
        batch_free(batch);
        free(key);
}

static void findings_are_shown(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();

        batch_findings(batch, key->id, "coupon_write invoice_read", "payout_write");
        commit(w, batch);
        EXPECT(w->store, QUERY_KEYS, NULL, "missing=coupon_write invoice_read excess=payout_write");
        batch_findings(batch, key->id, NULL, "");
        commit(w, batch);
        EXPECT(w->store, QUERY_KEYS, NULL, "missing= excess= ");
        batch_free(batch);
        free(key);
}

static void permissions_keep_their_slots(void **state)
{
        struct world *w = *state;
        const char *names[] = { "coupon", "customer", "invoice" };
        const char *labels[] = { "Coupons", "Customers", "Invoices" };
        const char *later[] = { "invoice", "payout", "coupon" };
        const char *later_labels[] = { "All invoices", "Payouts", "Coupons" };
        unsigned slots[3] = { 9, 9, 9 };
        char many[SLOTS_MAX][16];
        const char *many_names[SLOTS_MAX];

        assert_int_equal(store_permissions_sync(w->store, names, labels, 3, slots), 0);
        assert_int_equal(slots[0], 0);
        assert_int_equal(slots[1], 1);
        assert_int_equal(slots[2], 2);
        world_close(w);
        world_open(w);
        assert_int_equal(store_permissions_sync(w->store, later, later_labels, 3, slots), 0);
        assert_int_equal(slots[0], 2);
        assert_int_equal(slots[1], 3);
        assert_int_equal(slots[2], 0);
        for (int i = 0; i < SLOTS_MAX; i++) {
                snprintf(many[i], sizeof(many[i]), "new_%d", i);
                many_names[i] = many[i];
        }
        slots[0] = 77;
        assert_int_equal(store_permissions_sync(w->store, many_names, many_names, SLOTS_MAX, slots), -E2BIG);
        assert_int_equal(slots[0], 77);
        /* Nothing of it was kept. */
        assert_int_equal(store_permissions_sync(w->store, names, labels, 3, slots), 0);
        assert_int_equal(slots[1], 1);
}

static void permissions_are_shown_by_what_is_known_and_required(void **state)
{
        struct world *w = *state;
        const char *names[] = { "coupon", "customer", "invoice", "payout", "refund" };
        const char *labels[] = { "Coupons", "Customers", "Invoices", "Payouts", "Refunds" };
        struct profile_row required[] = { { "selgeo", 0, LEVEL_WRITE },
                                          { "selgeo", 1, LEVEL_READ },
                                          { "other", 3, LEVEL_WRITE } };
        struct query_filter of_key = { .key = "acme" };
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();
        unsigned slots[5];

        assert_int_equal(store_permissions_sync(w->store, names, labels, 5, slots), 0);
        assert_int_equal(store_profiles_sync(w->store, required, 3), 0);
        grants_put(&key->grants, slots[0], GRANT_NONE);
        grants_put(&key->grants, slots[2], GRANT_WRITE);
        grants_put(&key->grants, slots[4], GRANT_NOT_WRITE);
        batch_key(batch, key);
        batch_permission(batch, key->id, slots[0], GRANT_WRITE, GRANT_NONE, NOW + 60);
        commit(w, batch);
        EXPECT(w->store, QUERY_PERMISSIONS, &of_key,
               "key=acme permission=coupon label=Coupons required=write granted=none "
               "since=2026-11-18T11:07:40Z unprobed=-\n",
               "permission=customer label=Customers required=read granted=unknown since=- unprobed=-\n",
               "permission=invoice label=Invoices required=- granted=write since=2026-11-18T11:06:40Z "
               "unprobed=-\n",
               "permission=refund label=Refunds required=- granted=not write since=2026-11-18T11:06:40Z "
               "unprobed=-\n");
        assert_int_equal(world_lines(w->store, QUERY_PERMISSIONS, &of_key), 4);

        /* What cannot be asked about is not none, and half of it is told beside what is known. */
        struct permission_probes probes[] = { { slots[2], 3, 1, 3 },
                                              { slots[3], 3, 0, 3 },
                                              { slots[1], 1, 1, 1 } };
        assert_int_equal(store_permissions_probes(w->store, probes, 3), 0);
        EXPECT(w->store, QUERY_PERMISSIONS, &of_key,
               "permission=customer label=Customers required=read granted=unknown since=- unprobed=-\n",
               "permission=invoice label=Invoices required=- granted=write since=2026-11-18T11:06:40Z "
               "unprobed=write\n",
               "permission=payout label=Payouts required=- granted=cannot be probed since=- unprobed=read, "
               "write\n");
        probes[1].live = 3;
        assert_int_equal(store_permissions_probes(w->store, probes, 2), 0);
        assert_int_equal(world_lines(w->store, QUERY_PERMISSIONS, &of_key), 4);
        EXPECT(w->store, QUERY_HISTORY, &of_key,
               "permission=coupon label=Coupons change=lost before=write after=none\n");
        batch_permission(batch, key->id, slots[0], GRANT_NONE, GRANT_READ, NOW + 120);
        grants_put(&key->grants, slots[0], GRANT_READ);
        key->secret_since = NOW + 90; /* of what changed before, the new secret knows nothing */
        batch_permission(batch, key->id, slots[2], GRANT_NONE, GRANT_WRITE, NOW + 60);
        batch_key(batch, key);
        commit(w, batch);
        EXPECT(w->store, QUERY_HISTORY, &of_key,
               "permission=coupon label=Coupons change=gained before=none after=read\n");
        EXPECT(w->store, QUERY_PERMISSIONS, &of_key,
               "permission=coupon label=Coupons required=write granted=read since=2026-11-18T11:08:40Z "
               "unprobed=-\n",
               "permission=customer label=Customers required=read granted=unknown since=- unprobed=-\n",
               "permission=invoice label=Invoices required=- granted=write since=2026-11-18T11:08:10Z "
               "unprobed=write\n");
        assert_int_equal(store_profiles_sync(w->store, required + 2, 1), 0);
        assert_int_equal(world_lines(w->store, QUERY_PERMISSIONS, &of_key), 3);
        batch_free(batch);
        free(key);
}

static void a_hundred_answers_are_kept(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *other = world_add(w, "other", 2);
        struct query_filter of_key = { .key = "acme" };
        struct batch *batch = batch_make();

        for (int i = 0; i < 250; i++) {
                char text[32];
                struct answer_row row = { .key_id = key->id,
                                          .at_wall = NOW + i,
                                          .answer = "unclear",
                                          .probe = "POST /v1/coupons/{absent}",
                                          .status = 500,
                                          .code = i % 2 ? "api_error" : NULL,
                                          .request_id = "req_1",
                                          .text = text,
                                          .duration_usec = 1234 };

                snprintf(text, sizeof(text), "answer %d", i);
                batch_answer(batch, &row);
        }
        batch_answer(batch, &(struct answer_row){ .key_id = other->id, .answer = "unclear" });
        commit(w, batch);
        assert_int_equal(world_lines(w->store, QUERY_ANSWERS, &of_key), 100);
        EXPECT(w->store, QUERY_ANSWERS, &of_key,
               "at=2026-11-18T11:10:49Z answer=unclear probe=POST /v1/coupons/{absent} status=500 "
               "code=api_error request_id=req_1 text=answer 249 duration_usec=1234\n",
               "code=- request_id=req_1 text=answer 150 ");
        of_key.key = "other";
        assert_int_equal(world_lines(w->store, QUERY_ANSWERS, &of_key), 1);
        batch_free(batch);
        free(key);
        free(other);
}

static int take_incident(struct incident *incident, void *userdata)
{
        struct incident **last = userdata;

        incident->next = *last;
        *last = incident;
        return 0;
}

static void incidents_are_opened_changed_and_cleared(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();
        struct incident *last = NULL;
        struct incident incident = { .id = 5,
                                     .kind = INCIDENT_KEY_REVOKED,
                                     .key_id = key->id,
                                     .account_id = 9,
                                     .parent = 4,
                                     .opened = NOW,
                                     .reminded = NOW + 1,
                                     .reminders = 2,
                                     .acknowledged = NOW + 2,
                                     .acknowledged_until = INT64_MAX,
                                     .acknowledged_uid = 1000,
                                     .priority = 2,
                                     .count = 3,
                                     .event_id = "0123456789abcdef0123456789abcdef",
                                     .reason = (char *) "expired-code",
                                     .detail = (char *) "coupon_write",
                                     .message = (char *) "Key acme was revoked",
                                     .acknowledgement = (char *) "known" };
        struct query_filter filter = { .open_only = true };

        batch_incident(batch, &incident);
        commit(w, batch);
        assert_int_equal(store_load_incidents(w->store, take_incident, &last), 0);
        assert_non_null(last);
        assert_null(last->next);
        assert_int_equal(last->id, 5);
        assert_int_equal(last->kind, INCIDENT_KEY_REVOKED);
        assert_int_equal(last->key_id, key->id);
        assert_int_equal(last->account_id, 9);
        assert_int_equal(last->parent, 4);
        assert_int_equal(last->opened, NOW);
        assert_int_equal(last->reminded, NOW + 1);
        assert_int_equal(last->reminders, 2);
        assert_int_equal(last->acknowledged, NOW + 2);
        assert_int_equal(last->acknowledged_until, INT64_MAX);
        assert_int_equal(last->acknowledged_uid, 1000);
        assert_int_equal(last->priority, 2);
        assert_int_equal(last->count, 3);
        assert_string_equal(last->event_id, incident.event_id);
        assert_string_equal(last->reason, "expired-code");
        assert_string_equal(last->detail, "coupon_write");
        assert_null(last->message); /* stays where it is */
        assert_null(last->acknowledgement);
        batch_incident(batch, last);
        commit(w, batch);
        incident_free(last);

        EXPECT(w->store, QUERY_INCIDENTS, &filter,
               "id=5 parent=4 kind=key-revoked key=acme severity=crit opened=2026-11-18T11:06:40Z cleared=- "
               "acknowledged=2026-11-18T11:06:42Z message=Key acme was revoked");
        EXPECT(w->store, QUERY_INCIDENT_KEYS, &(struct query_filter){ .id = 4 }, "id=5 ");
        EXPECT(w->store, QUERY_COUNTS, NULL, "incidents=1 critical=1 errors=0");
        incident.cleared = NOW + 100;
        incident.id = 5;
        batch_incident(batch, &incident);
        incident.id = 6;
        incident.key_id = 0;
        incident.kind = INCIDENT_STRIPE_OUTAGE;
        batch_incident(batch, &incident);
        commit(w, batch);
        assert_int_equal(world_lines(w->store, QUERY_INCIDENTS, &filter), 0);
        assert_int_equal(world_lines(w->store, QUERY_INCIDENTS, NULL), 2);
        filter = (struct query_filter){ .id = 6 };
        EXPECT(w->store, QUERY_INCIDENTS, &filter, "id=6 parent=4 kind=stripe-outage key=- ");
        filter = (struct query_filter){ .key = "acme" };
        EXPECT(w->store, QUERY_INCIDENTS, &filter, "id=5 ", "cleared=2026-11-18T11:08:20Z");
        assert_int_equal(world_lines(w->store, QUERY_INCIDENTS, &filter), 1);
        batch_free(batch);
        free(key);
}

struct seqs {
        char text[128];
        struct event *last;
};

static int take_event(struct event *event, void *userdata)
{
        struct seqs *seqs = userdata;
        size_t have = strlen(seqs->text);

        snprintf(seqs->text + have, sizeof(seqs->text) - have, "%d ", (int) event->seq);
        event_free(seqs->last);
        seqs->last = event;
        return 0;
}

static struct event *event_make(int64_t seq, int priority)
{
        struct event *event = calloc(1, sizeof(*event));

        *event = (struct event){ .seq = seq,
                                 .incident = 5,
                                 .at_wall = NOW + seq,
                                 .kind = INCIDENT_KEY_EXPIRED,
                                 .priority = priority,
                                 .id = "fedcba9876543210fedcba9876543210",
                                 .fields = strdup("MESSAGE=a\nPRIORITY=2\n") };
        return event;
}

static void events_are_sent_once_by_priority(void **state)
{
        struct world *w = *state;
        struct batch *batch = batch_make();
        struct seqs seqs = { 0 };
        int64_t incident = 0, event = 0;

        assert_int_equal(store_last_ids(w->store, &incident, &event), 0);
        assert_int_equal(incident + event, 0);
        batch_event(batch, event_make(1, 5));
        batch_event(batch, event_make(2, 2));
        batch_event(batch, event_make(3, 4));
        batch_event(batch, event_make(4, 2));
        commit(w, batch);
        assert_int_equal(store_load_unsent(w->store, 10, take_event, &seqs), 0);
        assert_string_equal(seqs.text, "2 4 3 1 ");
        assert_string_equal(seqs.last->fields, "MESSAGE=a\nPRIORITY=2\n");
        assert_string_equal(seqs.last->id, "fedcba9876543210fedcba9876543210");
        assert_int_equal(seqs.last->kind, INCIDENT_KEY_EXPIRED);
        assert_int_equal(seqs.last->incident, 5);
        assert_int_equal(seqs.last->at_wall, NOW + 1);
        batch_event_state(batch, 2, SEND_SENT);
        batch_event_state(batch, 1, SEND_SUMMARISED);
        commit(w, batch);
        seqs.text[0] = '\0';
        assert_int_equal(store_load_unsent(w->store, 1, take_event, &seqs), 0);
        assert_string_equal(seqs.text, "4 ");
        seqs.text[0] = '\0';
        assert_int_equal(store_load_events(w->store, NOW + 2, 2, 10, take_event, &seqs), 0);
        assert_string_equal(seqs.text, "3 4 ");
        assert_int_equal(store_last_ids(w->store, &incident, &event), 0);
        assert_int_equal(event, 4);
        event_free(seqs.last);
        batch_free(batch);
}

static void only_what_is_over_and_told_expires(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch = batch_make();
        struct incident open = { .id = 1, .kind = INCIDENT_KEY_REVOKED, .opened = NOW };
        struct incident cleared = {
                .id = 2, .kind = INCIDENT_KEY_REVOKED, .opened = NOW, .cleared = NOW + 1
        };
        struct event *sent = event_make(1, 2), *unsent = event_make(2, 2);
        struct seqs seqs = { 0 };
        unsigned deleted = 0, all = 0;
        int64_t incident, event;

        sent->send_state = SEND_SENT;
        batch_event(batch, sent);
        batch_event(batch, unsent);
        batch_incident(batch, &open);
        batch_incident(batch, &cleared);
        for (int i = 0; i < 20; i++)
                batch_span(batch, key->id, i % 2 ? STATE_HEALTHY : STATE_BLOCKED, NOW + i, 1);
        batch_permission(batch, key->id, 1, GRANT_NONE, GRANT_READ, NOW);
        batch_answer(batch, &(struct answer_row){ .key_id = key->id, .at_wall = NOW, .answer = "unclear" });
        commit(w, batch);
        assert_int_equal(store_expire(w->store, NOW, 100, &deleted), 0);
        assert_int_equal(deleted, 0);
        do {
                assert_int_equal(store_expire(w->store, NOW + 1000, 5, &deleted), 0);
                all += deleted;
        } while (deleted == 5);
        assert_int_equal(all, 20 + 1 + 1 + 1 + 1);
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &(struct query_filter){ .key = "acme" }), 1);
        EXPECT(w->store, QUERY_INCIDENTS, NULL, "id=1 ");
        assert_int_equal(store_load_events(w->store, 0, 0, 10, take_event, &seqs), 0);
        assert_string_equal(seqs.text, "2 ");
        assert_int_equal(store_last_ids(w->store, &incident, &event), 0);
        assert_int_equal(incident, 2);
        event_free(seqs.last);
        batch_free(batch);
        free(key);
}

static void keys_are_found_by_state_and_label(void **state)
{
        struct world *w = *state;
        struct key *one = world_add(w, "one", 1), *two = world_add(w, "two", 2);
        struct batch *batch = batch_make();
        struct query_filter filter = { .state = "healthy" };

        two->belief.life = LIFE_ALIVE;
        two->state = STATE_HEALTHY;
        batch_key(batch, two);
        commit(w, batch);
        EXPECT(w->store, QUERY_KEYS, &filter, "name=two ");
        assert_int_equal(world_lines(w->store, QUERY_KEYS, &filter), 1);
        assert_int_equal(store_key_label(w->store, one->id, "team", "red"), 0);
        filter = (struct query_filter){ .label_name = "team", .label_value = "red" };
        EXPECT(w->store, QUERY_KEYS, &filter, "name=one ");
        assert_int_equal(world_lines(w->store, QUERY_KEYS, &filter), 1);
        filter = (struct query_filter){ .key = "two", .state = "unverified" };
        assert_int_equal(world_lines(w->store, QUERY_KEYS, &filter), 0);
        filter = (struct query_filter){ .key = "two" };
        assert_int_equal(world_lines(w->store, QUERY_KEYS, &filter), 1);
        filter = (struct query_filter){ .limit = 1 };
        EXPECT(w->store, QUERY_KEYS, &filter, "name=one ");
        assert_int_equal(world_lines(w->store, QUERY_KEYS, &filter), 1);
        EXPECT(w->store, QUERY_COUNTS, NULL, "keys=2 unverified=1 healthy=1 degraded=0");
        batch_free(batch);
        free(one);
        free(two);
}

static int stop(const struct column *columns, size_t n, void *userdata)
{
        (void) columns;
        (void) n;
        ++*(int *) userdata;
        return -ECANCELED;
}

static void a_reader_may_stop(void **state)
{
        struct world *w = *state;
        int calls = 0;

        free(world_add(w, "one", 1));
        free(world_add(w, "two", 2));
        assert_int_equal(store_query(w->store, QUERY_KEYS, NULL, stop, &calls), -ECANCELED);
        assert_int_equal(calls, 1);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 2);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
                TEST(a_steady_key_is_one_row),
                TEST(one_span_is_open_even_if_the_clock_goes_back),
                TEST(the_view_agrees_with_the_model),
                TEST(findings_are_shown),
                TEST(permissions_keep_their_slots),
                TEST(permissions_are_shown_by_what_is_known_and_required),
                TEST(a_hundred_answers_are_kept),
                TEST(incidents_are_opened_changed_and_cleared),
                TEST(events_are_sent_once_by_priority),
                TEST(only_what_is_over_and_told_expires),
                TEST(keys_are_found_by_state_and_label),
                TEST(a_reader_may_stop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
