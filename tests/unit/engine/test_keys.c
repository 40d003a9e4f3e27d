/* All keys, and the open incidents of each. */
#include <errno.h>
#include <string.h>

#include "room.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

static void keys_are_found_by_id(void **state)
{
        struct room *room = *state;
        struct key *keys[300];

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                keys[i] = room_key(room, 0);
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                assert_ptr_equal(keys_find(room->engine, keys[i]->id), keys[i]);
                assert_int_equal(keys_place(room->engine, keys[i]), i);
        }
        assert_null(keys_find(room->engine, 0));
        assert_null(keys_find(room->engine, 301));
}

static void a_removed_key_is_gone(void **state)
{
        struct room *room = *state;
        struct key *first = room_key(room, 0), *second = room_key(room, 0), *third = room_key(room, 0);
        int64_t id = second->id;

        keys_remove(room->engine, &second, 1);
        assert_null(keys_find(room->engine, id));
        assert_int_equal(room->engine->n_keys, 2);
        assert_ptr_equal(keys_find(room->engine, first->id), first);
        assert_int_equal(keys_place(room->engine, third), 1);
}

static void many_leave_at_once(void **state)
{
        struct room *room = *state;
        struct key *all[20], *leaving[8];
        int64_t ids[20];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(all); i++) {
                all[i] = room_key(room, 0);
                ids[i] = all[i]->id;
        }
        /* The ends, neighbours, others. */
        for (size_t i = 19; n < ELEMENTSOF(leaving); i -= i == 19 ? 1 : 3)
                leaving[n++] = all[i];
        keys_remove(room->engine, leaving, n);
        assert_int_equal(room->engine->n_keys, ELEMENTSOF(all) - n);
        for (size_t i = 0, place = 0; i < ELEMENTSOF(all); i++) {
                bool left = i == 19 || i == 18 || i == 15 || i == 12 || i == 9 || i == 6 || i == 3 || i == 0;
                struct key *found = keys_find(room->engine, ids[i]);

                assert_int_equal(found == NULL, left);
                if (!left)
                        assert_int_equal(keys_place(room->engine, found), place++);
        }
}

static void a_name_leads_to_the_stored_key(void **state)
{
        struct room *room = *state;
        struct key *key = room_stored_key(room, "acme");

        assert_ptr_equal(engine_named(room->engine, "acme"), key);
        assert_null(engine_named(room->engine, "Acme"));
}

static void work_goes_when_nothing_goes_on(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 0);
        struct work *work = key_work(key);

        assert_ptr_equal(key_work(key), work);
        work->again = 1;
        key_rest(key);
        assert_non_null(key->work);
        work->again = 0;
        key_rest(key);
        assert_null(key->work);
}

static void the_dead_are_asked_more_seldom(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 0);
        usec_t pulse = key_pulse(room->engine, key);

        assert_int_equal(key_period(room->engine, key), pulse);
        key->belief.life = LIFE_DEAD;
        assert_int_equal(key_period(room->engine, key), schedule_dead_period(pulse));
}

/* --- incidents of a key --- */

static struct incident *linked(struct room *room, struct key *key, enum incident_kind kind, int64_t id)
{
        struct incident *incident = calloc(1, sizeof(*incident));

        assert_non_null(incident);
        incident->kind = kind;
        incident->id = id;
        incident->key_id = key ? key->id : 0;
        incident_link(room->engine, key, incident);
        return incident;
}

static void an_incident_is_in_the_list_of_its_key(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 0), *other = room_key(room, 0);
        struct incident *incident = linked(room, key, INCIDENT_KEY_REVOKED, 1);

        assert_ptr_equal(incident_find(room->engine, key, INCIDENT_KEY_REVOKED), incident);
        assert_null(incident_find(room->engine, key, INCIDENT_KEY_EXPIRED));
        assert_null(incident_find(room->engine, other, INCIDENT_KEY_REVOKED));
        assert_null(incident_find(room->engine, NULL, INCIDENT_KEY_REVOKED));
        assert_int_equal(room->engine->n_incidents, 1);
}

static void what_is_nobodys_is_the_engines(void **state)
{
        struct room *room = *state;
        struct incident *incident = linked(room, NULL, INCIDENT_STORE_TROUBLE, 1);

        assert_ptr_equal(incident_find(room->engine, NULL, INCIDENT_STORE_TROUBLE), incident);
}

static void an_incident_is_found_by_its_number(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 0), *owner = NULL;
        struct incident *first = linked(room, key, INCIDENT_KEY_REVOKED, 11),
                        *second = linked(room, NULL, INCIDENT_STORE_TROUBLE, 12);

        assert_ptr_equal(incident_by_id(room->engine, 11, &owner), first);
        assert_ptr_equal(owner, key);
        assert_ptr_equal(incident_by_id(room->engine, 12, &owner), second);
        assert_null(owner);
        assert_null(incident_by_id(room->engine, 13, &owner));
}

static void unlinking_leaves_the_others(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 0);
        struct incident *first = linked(room, key, INCIDENT_KEY_REVOKED, 1),
                        *second = linked(room, key, INCIDENT_KEY_BLOCKED, 2),
                        *third = linked(room, key, INCIDENT_KEY_UNVERIFIED, 3);

        incident_unlink(room->engine, key, second);
        incident_free(second);
        assert_ptr_equal(incident_find(room->engine, key, INCIDENT_KEY_REVOKED), first);
        assert_null(incident_find(room->engine, key, INCIDENT_KEY_BLOCKED));
        assert_ptr_equal(incident_find(room->engine, key, INCIDENT_KEY_UNVERIFIED), third);
        assert_int_equal(room->engine->n_incidents, 2);
}

static void incidents_go_with_their_key(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 0);

        (void) linked(room, key, INCIDENT_KEY_REVOKED, 1);
        (void) linked(room, key, INCIDENT_KEY_BLOCKED, 2);
        incidents_forget(room->engine, key);
        assert_int_equal(room->engine->n_incidents, 0);
        assert_null(key->incidents);
}

static void the_keys_of_an_account_are_a_chain(void **state)
{
        struct engine *e = ((struct room *) *state)->engine;
        struct key *first = room_key(*state, 7), *second = room_key(*state, 7), *other = room_key(*state, 0);

        assert_ptr_equal(keys_of_account(e, 7), second);
        assert_ptr_equal(second->same_account, first);
        assert_null(first->same_account);
        assert_null(keys_of_account(e, 0));
        assert_null(keys_of_account(e, 1000000));
        assert_int_equal(key_set_account(e, other, INT64_MAX), -EUCLEAN);
        assert_int_equal(other->account_id, 0);
        assert_int_equal(key_set_account(e, other, 5000), 0);
        assert_ptr_equal(keys_of_account(e, 5000), other);
        assert_int_equal(key_set_account(e, second, 0), 0);
        assert_ptr_equal(keys_of_account(e, 7), first);
        keys_remove(e, &first, 1);
        assert_null(keys_of_account(e, 7));
}

static size_t visited;

static void visit(struct engine *e, struct key *key)
{
        (void) e;
        (void) key;
        visited++;
}

/* Whoever has something else to do has a turn in between. */
static void a_walk_goes_in_slices(void **state)
{
        struct room *room = *state;
        struct engine *e = room->engine;

        for (size_t i = 0; i < 1200; i++)
                (void) room_key(room, 0);
        keys_walk_begin(e, &e->replan, visit);
        e->replan.alarm.ring(&e->replan.alarm, e);
        assert_in_range(visited, 1, 1199);
        while (keys_walk_goes_on(&e->replan)) {
                agenda_clear(e->agenda, &e->replan.alarm);
                e->replan.alarm.ring(&e->replan.alarm, e);
        }
        assert_int_equal(visited, 1200);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_keys_of_an_account_are_a_chain),
                TEST(a_walk_goes_in_slices),
                TEST(keys_are_found_by_id),
                TEST(a_removed_key_is_gone),
                TEST(many_leave_at_once),
                TEST(a_name_leads_to_the_stored_key),
                TEST(work_goes_when_nothing_goes_on),
                TEST(the_dead_are_asked_more_seldom),
                TEST(an_incident_is_in_the_list_of_its_key),
                TEST(what_is_nobodys_is_the_engines),
                TEST(an_incident_is_found_by_its_number),
                TEST(unlinking_leaves_the_others),
                TEST(incidents_go_with_their_key),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
