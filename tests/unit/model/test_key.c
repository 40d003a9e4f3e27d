/* Keys, profiles and incident kinds. */
#include "model/key.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "model/incident.h"
#include "model/profile.h"

#define NOW 1795230000

static const struct {
        enum life life, former;
        bool missing;
        enum end end;
        int64_t paused_until;
        enum state state;
} states[] = {
        { LIFE_UNVERIFIED, LIFE_UNVERIFIED, false, END_NONE, 0, STATE_UNVERIFIED },
        { LIFE_UNVERIFIED, LIFE_UNVERIFIED, true, END_NONE, 0, STATE_UNVERIFIED },
        { LIFE_ALIVE, LIFE_UNVERIFIED, false, END_NONE, 0, STATE_HEALTHY },
        { LIFE_ALIVE, LIFE_UNVERIFIED, true, END_NONE, 0, STATE_DEGRADED },
        { LIFE_BLOCKED, LIFE_UNVERIFIED, false, END_NONE, 0, STATE_BLOCKED },
        { LIFE_BLOCKED, LIFE_UNVERIFIED, true, END_NONE, 0, STATE_BLOCKED },
        { LIFE_DEAD, LIFE_ALIVE, true, END_EXPIRED, 0, STATE_EXPIRED },
        { LIFE_DEAD, LIFE_ALIVE, false, END_REVOKED, 0, STATE_REVOKED },
        { LIFE_DEAD, LIFE_ALIVE, false, END_ROLLED, 0, STATE_ROLLED },
        { LIFE_DEAD, LIFE_ALIVE, false, END_INVALID, 0, STATE_INVALID },
        { LIFE_DEAD, LIFE_ALIVE, false, END_NONE, 0, STATE_REVOKED },
        /* A suspect shows what it was before. */
        { LIFE_SUSPECT, LIFE_ALIVE, false, END_NONE, 0, STATE_HEALTHY },
        { LIFE_SUSPECT, LIFE_ALIVE, true, END_NONE, 0, STATE_DEGRADED },
        { LIFE_SUSPECT, LIFE_UNVERIFIED, false, END_NONE, 0, STATE_UNVERIFIED },
        { LIFE_HELD, LIFE_BLOCKED, false, END_NONE, 0, STATE_BLOCKED },
        { LIFE_HELD, LIFE_ALIVE, false, END_NONE, 0, STATE_HEALTHY },
        /* A pause hides everything, while it lasts. */
        { LIFE_DEAD, LIFE_ALIVE, false, END_REVOKED, NOW + 1, STATE_PAUSED },
        { LIFE_ALIVE, LIFE_ALIVE, true, END_NONE, INT64_MAX, STATE_PAUSED },
        { LIFE_ALIVE, LIFE_ALIVE, false, END_NONE, NOW, STATE_HEALTHY },
        { LIFE_DEAD, LIFE_ALIVE, false, END_REVOKED, NOW - 1, STATE_REVOKED },
};

static void what_people_see(void **state)
{
        struct key *key = key_new("acme");

        (void) state;
        assert_non_null(key);
        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                key->belief.life = (uint8_t) states[i].life;
                key->belief.former = (uint8_t) states[i].former;
                key->missing = states[i].missing;
                key->end = (uint8_t) states[i].end;
                key->paused_until = states[i].paused_until;
                if (key_state(key, NOW) != states[i].state)
                        fail_msg("row %zu: %s", i, state_name(key_state(key, NOW)));
                assert_int_equal(key_is_suspect(key),
                                 states[i].life == LIFE_SUSPECT || states[i].life == LIFE_HELD);
        }
        free(key);
}

static void new_keys_are_blank(void **state)
{
        struct key *key = key_new("shop.example:17@eu_west");

        (void) state;
        assert_non_null(key);
        assert_string_equal(key->name, "shop.example:17@eu_west");
        assert_int_equal(key_state(key, NOW), STATE_UNVERIFIED);
        assert_false(alarm_waits(&key->due));
        assert_null(key->work);
        assert_int_equal(grants_get(&key->grants, 0), GRANT_UNKNOWN);
        assert_true(key_is_live_mode(key));
        free(key);
}

static void names_of_key_things(void **state)
{
        enum end end = END_NONE;
        enum state is = STATE_PAUSED;

        (void) state;
        assert_string_equal(key_kind_name(KIND_RESTRICTED), "restricted");
        assert_string_equal(key_kind_name(KIND_SECRET), "secret");
        assert_string_equal(key_mode_name(MODE_LIVE), "live");
        assert_string_equal(key_mode_name(MODE_TEST), "test");
        for (int i = 0; i < _END_MAX; i++) {
                assert_int_equal(end_parse(end_name((enum end) i), &end), 0);
                assert_int_equal(end, i);
        }
        for (int i = 0; i < _STATE_MAX; i++) {
                assert_int_equal(state_parse(state_name((enum state) i), &is), 0);
                assert_int_equal(is, i);
        }
        assert_int_equal(end_parse("gone", &end), -EINVAL);
        assert_int_equal(state_parse("", &is), -EINVAL);
}

static void profiles(void **state)
{
        struct requirement lines[] = {
                { .row = 3, .level = LEVEL_READ },
                { .row = 5, .level = LEVEL_WRITE },
                { .row = 3, .level = LEVEL_WRITE },
                { .row = 5, .level = LEVEL_READ },
        };
        char first[] = "a", second[] = "b";
        struct profile a = { .name = first, .required = lines, .n_required = 4 }, b = { .name = second };
        struct profile *list[] = { &a, &b };
        struct profiles both = { .list = list, .n = 2 };
        size_t index = 9;

        (void) state;
        assert_int_equal(profile_requires(&a, 3), LEVEL_WRITE); /* the higher of two lines */
        assert_int_equal(profile_requires(&a, 5), LEVEL_WRITE);
        assert_int_equal(profile_requires(&a, 4), LEVEL_NONE);
        assert_int_equal(profile_requires(&b, 3), LEVEL_NONE);
        assert_int_equal(profiles_find(&both, "c", &index), -ENOENT);
        assert_int_equal(index, 9);
        assert_int_equal(profiles_find(&both, "b", &index), 0);
        assert_int_equal(index, 1);
        assert_null(profile_free(NULL));
        assert_null(profiles_free(NULL));
}

static void incident_kinds(void **state)
{
        (void) state;
        for (int i = 0; i < _INCIDENT_KIND_MAX; i++) {
                const char *id = incident_kind_message_id((enum incident_kind) i);
                const char *name = incident_kind_name((enum incident_kind) i);
                enum incident_kind kind = INCIDENT_JOURNAL_SUMMARY;

                assert_int_equal(strlen(id), 32);
                assert_int_equal(strspn(id, "0123456789abcdef"), 32);
                for (int k = 0; k < i; k++) {
                        assert_string_not_equal(id, incident_kind_message_id((enum incident_kind) k));
                        assert_string_not_equal(name, incident_kind_name((enum incident_kind) k));
                }
                assert_int_equal(incident_kind_parse(name, &kind), 0);
                assert_int_equal(kind, i);
                /* What concerns a test key is never more urgent than the same of a live one. */
                int live = incident_kind_priority(kind, true), test = incident_kind_priority(kind, false);
                assert_in_range(live, 1, 6);
                assert_in_range(test, live, 6);
        }

        enum incident_kind untouched = INCIDENT_STRIPE_OUTAGE;
        assert_int_equal(incident_kind_parse("key-lost", &untouched), -EINVAL);
        assert_int_equal(untouched, INCIDENT_STRIPE_OUTAGE);
        assert_int_equal(incident_kind_priority(INCIDENT_KEY_REVOKED, true), 2);
        assert_int_equal(incident_kind_priority(INCIDENT_KEY_REVOKED, false), 4);
        assert_int_equal(incident_kind_priority(INCIDENT_MASS_REVOCATION, true), 1);
        assert_int_equal(incident_kind_priority(INCIDENT_MASS_REVOCATION, false), 4);
        assert_true(incident_kind_is_group(INCIDENT_PERMISSION_CHANGED));
        assert_false(incident_kind_is_group(INCIDENT_KEY_REVOKED));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_people_see),     cmocka_unit_test(new_keys_are_blank),
                cmocka_unit_test(names_of_key_things), cmocka_unit_test(profiles),
                cmocka_unit_test(incident_kinds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
