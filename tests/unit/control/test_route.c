#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "control/route.h"

static void serve_a(struct visit *visit)
{
        (void) visit;
}

static void serve_b(struct visit *visit)
{
        (void) visit;
}

static const struct route routes[] = {
        { "GET", "/v1/keys", "state label", BODY_NONE, serve_a },
        { "POST", "/v1/keys", NULL, BODY_SECRET, serve_b },
        { "GET", "/v1/keys/*", NULL, BODY_NONE, serve_a },
        { "GET", "/v1/keys/*/history", NULL, BODY_NONE, serve_b },
        { "POST", "/v1/incidents/replay", NULL, BODY_NONE, serve_a },
        { "GET", "/v1/incidents/*", NULL, BODY_NONE, serve_b },
};

static void a_route_is_found_by_method_and_path(void **state)
{
        static const struct {
                const char *method, *path;
                int result;
                int row;
                const char *argument;
        } cases[] = {
                { "GET", "/v1/keys", 0, 0, "" },
                { "POST", "/v1/keys", 0, 1, "" },
                { "GET", "/v1/keys/acme", 0, 2, "acme" },
                { "GET", "/v1/keys/history", 0, 2, "history" },
                { "GET", "/v1/keys/acme/history", 0, 3, "acme" },
                { "POST", "/v1/incidents/replay", 0, 4, "" },
                { "GET", "/v1/incidents/replay", 0, 5, "replay" },
                { "DELETE", "/v1/keys", -EOPNOTSUPP, 0, NULL },
                { "get", "/v1/keys", -EOPNOTSUPP, 0, NULL },
                { "POST", "/v1/keys/acme/history", -EOPNOTSUPP, 0, NULL },
                { "GET", "", -ENOENT, 0, NULL },
                { "GET", "/", -ENOENT, 0, NULL },
                { "GET", "/v1", -ENOENT, 0, NULL },
                { "GET", "/v1/key", -ENOENT, 0, NULL },
                { "GET", "/v1/keyss", -ENOENT, 0, NULL },
                { "GET", "/v1/keys/", -ENOENT, 0, NULL },
                { "GET", "/v1//keys", -ENOENT, 0, NULL },
                { "GET", "/v1/keys/acme/", -ENOENT, 0, NULL },
                { "GET", "/v1/keys//history", -ENOENT, 0, NULL },
                { "GET", "/v1/keys/a/b/history", -ENOENT, 0, NULL },
                { "GET", "v1/keys", -ENOENT, 0, NULL },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char argument[ROUTE_ARGUMENT_MAX] = "untouched";
                const struct route *route = NULL;
                int r = route_find(routes, ELEMENTSOF(routes), cases[i].method, cases[i].path, &route,
                                   argument);

                if (r != cases[i].result)
                        fail_msg("%s %s: %d", cases[i].method, cases[i].path, r);
                if (r < 0) {
                        assert_null(route);
                        assert_string_equal(argument, "untouched");
                } else {
                        assert_ptr_equal(route, &routes[cases[i].row]);
                        assert_string_equal(argument, cases[i].argument);
                }
        }
}

static void an_argument_has_a_bound(void **state)
{
        char path[ROUTE_ARGUMENT_MAX + 32] = "/v1/keys/", argument[ROUTE_ARGUMENT_MAX];
        const struct route *route;
        size_t start = strlen(path);

        (void) state;
        memset(path + start, 'a', ROUTE_ARGUMENT_MAX - 1);
        assert_int_equal(route_find(routes, ELEMENTSOF(routes), "GET", path, &route, argument), 0);
        assert_int_equal(strlen(argument), ROUTE_ARGUMENT_MAX - 1);
        path[start + ROUTE_ARGUMENT_MAX - 1] = 'a';
        assert_int_equal(route_find(routes, ELEMENTSOF(routes), "GET", path, &route, argument), -ENOENT);
}

static void the_methods_of_a_path_are_named(void **state)
{
        char methods[80], few[6];

        (void) state;
        route_methods(routes, ELEMENTSOF(routes), "/v1/keys", methods, sizeof(methods));
        assert_string_equal(methods, "GET, POST");
        route_methods(routes, ELEMENTSOF(routes), "/v1/incidents/replay", methods, sizeof(methods));
        assert_string_equal(methods, "POST, GET");
        route_methods(routes, ELEMENTSOF(routes), "/nowhere", methods, sizeof(methods));
        assert_string_equal(methods, "");
        route_methods(routes, ELEMENTSOF(routes), "/v1/keys", few, sizeof(few));
        assert_string_equal(few, "GET, ");
}

static void a_parameter_is_known_as_a_whole_word(void **state)
{
        (void) state;
        assert_true(route_knows(&routes[0], "state"));
        assert_true(route_knows(&routes[0], "label"));
        assert_false(route_knows(&routes[0], "stat"));
        assert_false(route_knows(&routes[0], "states"));
        assert_false(route_knows(&routes[0], ""));
        assert_false(route_knows(&routes[0], "state label"));
        assert_false(route_knows(&routes[1], "state"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_route_is_found_by_method_and_path),
                cmocka_unit_test(an_argument_has_a_bound),
                cmocka_unit_test(the_methods_of_a_path_are_named),
                cmocka_unit_test(a_parameter_is_known_as_a_whole_word),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
