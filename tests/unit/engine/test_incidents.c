/* The room of incidents: recorder, outbox, reminders. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "room.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

static struct incident *open_for(struct room *room, struct key *key, enum incident_kind kind)
{
        struct notice notice = { .kind = kind, .reason = "expired-code", .missing = "", .excess = "" };

        return incident_open(room->engine, key, &notice, engine_wall(room->engine));
}

static size_t sent_of(const struct room *room, enum incident_kind kind)
{
        size_t n = 0;

        for (size_t i = 0; i < room->n_sent; i++)
                n += strcmp(room->sent[i].message_id, incident_kind_message_id(kind)) == 0;
        return n;
}

/* Somebody else writes to the database, for as long as the test likes. */
static sqlite3 *keep_it_busy(const struct room *room)
{
        char path[96];
        sqlite3 *db = NULL;

        snprintf(path, sizeof(path), "%s/keyvigil.db", room->dir);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        return db;
}

/* --- recorder --- */

static void what_changed_is_written_within_a_second(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        room_pass(room, USEC_PER_MINUTE);
        batch_key(recorder_batch(room->engine), key);
        recorder_changed(room->engine, false);
        assert_true(batch_size(recorder_batch(room->engine)) > 0);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(batch_size(recorder_batch(room->engine)), 0);
}

static void what_is_announced_is_written_on_the_next_turn(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        room_pass(room, USEC_PER_MINUTE);
        batch_key(recorder_batch(room->engine), key);
        recorder_changed(room->engine, true);
        room_pass(room, 1);
        assert_int_equal(batch_size(recorder_batch(room->engine)), 0);
}

static void a_database_that_cannot_be_written_loses_nothing(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");
        _cleanup_free_ char *why = NULL;

        room_pass(room, USEC_PER_MINUTE);
        assert_int_equal(recorder_writable(room->engine, &why), 0);
        sqlite3 *other = keep_it_busy(room);
        batch_key(recorder_batch(room->engine), key);
        assert_true(recorder_flush(room->engine) < 0);
        assert_true(recorder_in_trouble(room->engine));
        assert_int_equal(recorder_writable(room->engine, &why), -EBUSY);
        assert_non_null(why);
        assert_true(batch_size(recorder_batch(room->engine)) > 0);
        sqlite3_close(other);
        room_pass(room, 6 * USEC_PER_SEC);
        assert_false(recorder_in_trouble(room->engine));
        assert_int_equal(batch_size(recorder_batch(room->engine)), 0);
}

static void trouble_of_a_minute_is_told_and_cleared(void **state)
{
        struct room *room = *state;

        batch_key(recorder_batch(room->engine), room_stored_key(room, "acme"));
        sqlite3 *other = keep_it_busy(room);
        (void) recorder_flush(room->engine);
        room_pass(room, 50 * USEC_PER_SEC);
        assert_int_equal(sent_of(room, INCIDENT_STORE_TROUBLE), 0);
        room_pass(room, 20 * USEC_PER_SEC);
        assert_int_equal(sent_of(room, INCIDENT_STORE_TROUBLE), 1);
        sqlite3_close(other);
        room_pass(room, USEC_PER_MINUTE);
        assert_null(incident_find(room->engine, NULL, INCIDENT_STORE_TROUBLE));
        assert_int_equal(sent_of(room, INCIDENT_INCIDENT_CLEARED), 1);
        assert_int_equal(outbox_unsent(room->engine), 0);
}

/* --- outbox --- */

static void nothing_is_told_before_it_is_committed(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        room_pass(room, USEC_PER_MINUTE);
        sqlite3 *other = keep_it_busy(room);
        assert_non_null(open_for(room, key, INCIDENT_KEY_REVOKED));
        room_pass(room, 30 * USEC_PER_SEC);
        assert_int_equal(room->n_sent, 0);
        sqlite3_close(other);
        room_pass(room, 30 * USEC_PER_SEC);
        assert_int_equal(sent_of(room, INCIDENT_KEY_REVOKED), 1);
}

/* The first waits for the journal, the second for the database: only the first may go when the journal comes
 * back. */
static void what_is_committed_does_not_take_others_along(void **state)
{
        struct room *room = *state;
        struct key *first = room_stored_key(room, "one"), *second = room_stored_key(room, "two");

        room->send_error = -EAGAIN;
        (void) open_for(room, first, INCIDENT_KEY_REVOKED);
        room_pass(room, USEC_PER_SEC);
        sqlite3 *other = keep_it_busy(room);
        (void) open_for(room, second, INCIDENT_KEY_REVOKED);
        room->send_error = 0;
        room_pass(room, 20 * USEC_PER_SEC);
        assert_int_equal(sent_of(room, INCIDENT_KEY_REVOKED), 1);
        sqlite3_close(other);
        room_pass(room, 20 * USEC_PER_SEC);
        assert_int_equal(sent_of(room, INCIDENT_KEY_REVOKED), 2);
}

static void what_was_told_unsaved_is_not_told_twice(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        room_pass(room, USEC_PER_MINUTE);
        sqlite3 *other = keep_it_busy(room);
        assert_non_null(open_for(room, key, INCIDENT_KEY_REVOKED));
        room_pass(room, 10 * USEC_PER_MINUTE);
        assert_int_equal(sent_of(room, INCIDENT_KEY_REVOKED), 1);
        sqlite3_close(other);
        room_pass(room, USEC_PER_MINUTE);
        assert_int_equal(sent_of(room, INCIDENT_KEY_REVOKED), 1);
        assert_int_equal(outbox_unsent(room->engine), 0);
}

static void the_worst_is_told_first(void **state)
{
        struct room *room = *state;

        (void) open_for(room, room_stored_key(room, "one"), INCIDENT_KEY_ROTATION_DUE);
        (void) open_for(room, room_stored_key(room, "two"), INCIDENT_KEY_PERMISSIONS_MISSING);
        (void) open_for(room, room_stored_key(room, "three"), INCIDENT_KEY_REVOKED);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room->n_sent, 3);
        for (size_t i = 1; i < room->n_sent; i++)
                assert_true(room->sent[i - 1].priority <= room->sent[i].priority);
        assert_int_equal(room->sent[0].priority, 2);
}

static void a_journal_that_takes_nothing_is_asked_again(void **state)
{
        struct room *room = *state;

        room->send_error = -EAGAIN;
        (void) open_for(room, room_stored_key(room, "acme"), INCIDENT_KEY_REVOKED);
        room_pass(room, USEC_PER_HOUR);
        assert_int_equal(room->n_sent, 0);
        assert_int_equal(outbox_unsent(room->engine), 1);
        room->send_error = 0;
        room_pass(room, 5 * USEC_PER_SEC);
        assert_int_equal(sent_of(room, INCIDENT_KEY_REVOKED), 1);
        assert_int_equal(outbox_unsent(room->engine), 0);
}

static void a_storm_is_summarised_and_its_worst_have_room(void **state)
{
        struct room *room = *state;
        char name[16];

        for (int i = 0; i < 90; i++) {
                snprintf(name, sizeof(name), "storm-%d", i);
                (void) open_for(room, room_stored_key(room, name), INCIDENT_KEY_ROTATION_DUE);
        }
        (void) open_for(room, room_stored_key(room, "late"), INCIDENT_KEY_REVOKED);
        room_pass(room, 50 * USEC_PER_SEC);
        assert_in_range(sent_of(room, INCIDENT_KEY_ROTATION_DUE), 50, 60);
        assert_int_equal(sent_of(room, INCIDENT_KEY_REVOKED), 1);
        room_pass(room, 2 * USEC_PER_MINUTE);
        assert_int_equal(sent_of(room, INCIDENT_JOURNAL_SUMMARY), 1);
        assert_int_equal(outbox_unsent(room->engine), 0);
}

/* --- an incident --- */

static void one_cause_is_one_incident(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        assert_non_null(open_for(room, key, INCIDENT_KEY_REVOKED));
        assert_null(open_for(room, key, INCIDENT_KEY_REVOKED));
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room->n_sent, 1);
        assert_int_equal(room->engine->n_incidents, 1);
}

static void each_event_has_an_id_of_its_own(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        for (int i = 0; i < 2; i++) {
                struct incident *incident = open_for(room, key, INCIDENT_KEY_BLOCKED);

                room_pass(room, USEC_PER_MINUTE);
                incident_clear(room->engine, key, incident, "accepted");
                room_pass(room, USEC_PER_MINUTE);
        }
        assert_int_equal(room->n_sent, 4);
        for (size_t i = 0; i < 4; i++)
                for (size_t k = 0; k < i; k++)
                        assert_string_not_equal(room->sent[i].event_id, room->sent[k].event_id);
}

/* After a fail-over the other machine may tell as one of a group what the first one told alone. */
static void one_of_a_group_has_the_id_that_it_has_alone(void **state)
{
        struct room *room = *state;
        char name[16], wanted[EVENT_ID_MAX];
        bool listed = false, alone = false;

        for (int i = 0; i < 12; i++) {
                snprintf(name, sizeof(name), "key-%d", i);
                struct key *key = room_stored_key(room, name);
                struct notice notice = { .kind = INCIDENT_KEY_BLOCKED };

                key->account_id = 100 + i;
                const struct incident *incident =
                        incident_open(room->engine, key, &notice, engine_wall(room->engine));
                vault_event_id(room->vault, "key-blocked/0", key->id, 1, wanted);
                assert_string_equal(incident->event_id, wanted);
                listed = listed || incident->quiet;
                alone = alone || !incident->quiet;
        }
        assert_true(listed && alone);
}

/* Whatever else happened on the machine that tells it. */
static void a_change_of_an_incident_has_an_id_by_its_key_alone(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");
        struct notice notice = { .kind = INCIDENT_KEY_PERMISSIONS_MISSING, .missing = "coupon" };
        struct incident *incident = incident_open(room->engine, key, &notice, engine_wall(room->engine));
        static const char *const grown[] = { "coupon customer", "coupon customer invoice" };

        for (int i = 0; i < 2; i++) {
                struct notice more = { .kind = INCIDENT_KEY_PERMISSIONS_MISSING, .missing = grown[i] };
                char what[64], wanted[EVENT_ID_MAX];

                (void) open_for(room, room_stored_key(room, i ? "other" : "another"), INCIDENT_KEY_BLOCKED);
                if (i == 0) /* written, and not */
                        room_pass(room, USEC_PER_MINUTE);
                incident_update(room->engine, key, incident, &more);
                snprintf(what, sizeof(what), "key-permissions-missing/0/update %d", i + 1);
                vault_event_id(room->vault, what, key->id, 1, wanted);
                room_pass(room, USEC_PER_SEC);
                assert_string_equal(room->sent[room->n_sent - 1].event_id, wanted);
        }
}

static void a_cleared_incident_is_gone(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        incident_clear(room->engine, key, open_for(room, key, INCIDENT_KEY_BLOCKED), "accepted");
        incident_clear(room->engine, key, NULL, "nothing happens");
        room_pass(room, USEC_PER_SEC);
        assert_null(key->incidents);
        assert_int_equal(room->engine->n_incidents, 0);
        assert_int_equal(sent_of(room, INCIDENT_INCIDENT_CLEARED), 1);
}

/* --- reminders --- */

/* How many reminders of this kind there have been after so long. */
static size_t reminders_after(struct room *room, enum incident_kind kind, usec_t span)
{
        reminder_start(room->engine);
        (void) open_for(room, room_stored_key(room, "acme"), kind);
        room_pass(room, span);
        return sent_of(room, INCIDENT_INCIDENT_REMINDER);
}

static void the_critical_is_repeated_every_four_hours_three_times(void **state)
{
        assert_int_equal(reminders_after(*state, INCIDENT_KEY_REVOKED, 13 * USEC_PER_HOUR), 3);
}

static void then_daily_for_a_week_then_weekly(void **state)
{
        struct room *room = *state;

        assert_int_equal(reminders_after(room, INCIDENT_KEY_REVOKED, 12 * USEC_PER_HOUR + 8 * USEC_PER_DAY),
                         3 + 7);
        room_pass(room, 22 * USEC_PER_DAY);
        assert_int_equal(sent_of(room, INCIDENT_INCIDENT_REMINDER), 3 + 7 + 3);
}

static void the_rest_is_repeated_daily(void **state)
{
        assert_int_equal(
                reminders_after(*state, INCIDENT_KEY_PERMISSIONS_MISSING, 3 * USEC_PER_DAY + USEC_PER_HOUR),
                3);
}

static void what_is_acknowledged_is_not_repeated(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");
        _cleanup_free_ char *why = NULL;

        reminder_start(room->engine);
        struct incident *incident = open_for(room, key, INCIDENT_KEY_REVOKED);
        assert_int_equal(engine_acknowledge(room->engine, incident->id, "known", INT64_MAX, 0, &why), 0);
        room_pass(room, 3 * USEC_PER_DAY);
        assert_int_equal(sent_of(room, INCIDENT_INCIDENT_REMINDER), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_changed_is_written_within_a_second),
                TEST(what_is_announced_is_written_on_the_next_turn),
                TEST(a_database_that_cannot_be_written_loses_nothing),
                TEST(trouble_of_a_minute_is_told_and_cleared),
                TEST(nothing_is_told_before_it_is_committed),
                TEST(what_is_committed_does_not_take_others_along),
                TEST(what_was_told_unsaved_is_not_told_twice),
                TEST(the_worst_is_told_first),
                TEST(a_journal_that_takes_nothing_is_asked_again),
                TEST(a_storm_is_summarised_and_its_worst_have_room),
                TEST(one_cause_is_one_incident),
                TEST(each_event_has_an_id_of_its_own),
                TEST(one_of_a_group_has_the_id_that_it_has_alone),
                TEST(a_change_of_an_incident_has_an_id_by_its_key_alone),
                TEST(a_cleared_incident_is_gone),
                TEST(the_critical_is_repeated_every_four_hours_three_times),
                TEST(then_daily_for_a_week_then_weekly),
                TEST(the_rest_is_repeated_daily),
                TEST(what_is_acknowledged_is_not_repeated),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
