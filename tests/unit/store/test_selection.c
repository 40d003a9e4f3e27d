/* A selection says of a key what v_key says. */
#include "base/datetime.h"
#include "model/key.h"
#include "store/selector.h"
#include "world.h"

struct said {
        char names[40][32], texts[40][64];
        size_t n, rows;
};

static int take(const struct column *columns, size_t n, void *userdata)
{
        struct said *said = userdata;
        char text[DATETIME_MAX];

        said->rows++;
        said->n = n;
        for (size_t i = 0; i < n; i++) {
                const struct column *c = &columns[i];
                bool never = c->type == COLUMN_NULL || (c->type == COLUMN_TIME && c->integer <= 0);

                snprintf(said->names[i], sizeof(said->names[i]), "%s", c->name);
                if (never || (c->type == COLUMN_TIME && c->integer > WALL_LAST))
                        snprintf(said->texts[i], sizeof(said->texts[i]), "NULL");
                else if (c->type == COLUMN_INTEGER)
                        snprintf(said->texts[i], sizeof(said->texts[i]), "%lld", (long long) c->integer);
                else
                        snprintf(said->texts[i], sizeof(said->texts[i]), "%s",
                                 c->type == COLUMN_TIME ? datetime_format(c->integer, text) : c->text);
        }
        return 0;
}

static void compare(struct world *w, const char *name)
{
        const struct query_filter filter = { .key = name };
        const struct key_selector selector = { .patterns = { name }, .n_patterns = 1 };
        struct selection *selection;
        struct said view = { 0 }, selected = { 0 };

        assert_int_equal(store_query(w->store, QUERY_KEYS, &filter, take, &view), 0);
        assert_int_equal(selection_new(w->store, &selector, NULL, &selection), 0);
        assert_int_equal(selection_read(selection, 0, INT64_MAX, take, &selected), 0);
        selection_free(selection);
        assert_int_equal(view.rows, 1);
        assert_int_equal(selected.rows, 1);
        assert_int_equal(selected.n, view.n); /* the id goes first; one key has its remedy_url behind all */
        for (size_t i = 0; i + 1 < view.n; i++) {
                assert_string_equal(selected.names[i + 1], view.names[i]);
                assert_string_equal(selected.texts[i + 1], view.texts[i]);
        }
}

static void stored(struct world *w, const char *name, enum life life, int64_t paused_until, unsigned n)
{
        struct key *key = world_key(name);

        key->belief.life = (uint8_t) life;
        key->end = life == LIFE_DEAD ? END_REVOKED : END_NONE;
        key->life_since = NOW + 1;
        key->last_checked = NOW + 2;
        key->last_full = NOW + 3;
        key->last_excess[0] = NOW + 4;
        key->expires = NOW + 5;
        key->created = NOW - 5;
        key->paused_until = paused_until;
        assert_int_equal(world_try_add(w, key, "selgeo", n, NULL), 0);
        free(key);
}

static void a_selection_says_what_the_view_says(void **state)
{
        struct world *w = *state;

        stored(w, "living", LIFE_ALIVE, 0, 1);
        stored(w, "dead", LIFE_DEAD, 0, 2);
        stored(w, "paused", LIFE_ALIVE, INT64_MAX, 3);
        stored(w, "new", LIFE_UNVERIFIED, NOW + 1, 4);
        compare(w, "living");
        compare(w, "dead");
        compare(w, "paused");
        compare(w, "new");
}

static void what_is_no_column_is_refused(void **state)
{
        static const char *const columns[] = { "", "name,,state", "nam", "names", "secret", "name state" };
        struct world *w = *state;
        const struct key_selector selector = { 0 };
        struct selection *selection = NULL;

        for (size_t i = 0; i < ELEMENTSOF(columns); i++)
                assert_int_equal(selection_new(w->store, &selector, columns[i], &selection), -EINVAL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_selection_says_what_the_view_says, world_setup,
                                                world_teardown),
                cmocka_unit_test_setup_teardown(what_is_no_column_is_refused, world_setup, world_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
