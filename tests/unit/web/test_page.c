#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "model/incident.h"
#include "web/page.h"
#include "web/remedy.h"

static void test_paths(void **state)
{
        static const struct {
                const char *path;
                int result;
        } cases[] = {
                { "/", 0 },
                { "/keys", 0 },
                { "/keys/acme:eu", 0 },
                { "/incidents/17", 0 },
                { "/keys/", -EINVAL },
                { "/keys/..", -EINVAL },
                { "/keys/../status", -EINVAL },
                { "/keys/a?b", -EINVAL },
                { "/keys/a b", -EINVAL },
                { "/incidents/", -EINVAL },
                { "/incidents/1x", -EINVAL },
                { "/incidents/-1", -EINVAL },
                { "/metrics", -ENOENT },
                { "/v1/keys", -ENOENT },
                { "//", -ENOENT },
        };
        const struct page_words words = { 0 };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct page page = { 0 };
                int r = page_find(cases[i].path, &words, &page);

                if (r != cases[i].result)
                        fail_msg("%s: %d", cases[i].path, r);
                page_clear(&page);
        }
}

static void test_words(void **state)
{
        struct page page;
        const struct page_words good = { .list = { { "state", "revoked,expired" },
                                                   { "after", "acme:eu" },
                                                   { "label", "a=b&limit=1" },
                                                   { "not_well", NULL } },
                                         .n = 4 };
        const struct page_words others[] = {
                { .list = { { "limit", "1000000" } }, .n = 1 },
                { .list = { { "columns", "name" } }, .n = 1 },
                { .list = { { "after", "a&limit=9" } }, .n = 1 },
                { .list = { { "after", "" } }, .n = 1 },
                { .too_many = true },
        };

        (void) state;
        assert_int_equal(page_find("/keys", &good, &page), 0);
        assert_string_equal(page.sources[0],
                            "/v1/keys?columns=name,state,mode,profile,since&limit=201&after=acme:eu"
                            "&state=revoked%2Cexpired&label=a%3Db%26limit%3D1&not_well=1");
        assert_string_equal(page.query, "state=revoked%2Cexpired&label=a%3Db%26limit%3D1&not_well=1");
        assert_string_equal(page.shown, "state revoked,expired, label a=b&limit=1, not_well 1");
        assert_true(page.later);
        page_clear(&page);
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                assert_int_equal(page_find("/keys", &others[i], &page), -EINVAL);
}

/* A daemon that says strange things makes a strange page, but a page. */
static void test_strange_answers(void **state)
{
        static const char *const texts[] = {
                "{}", "[]",
                "{\"keys\":[{}],\"incidents\":[{}],\"states\":{\"x\":\"y\"},\"days\":-1,"
                "\"outages\":[{}],\"coupons\":[{}],\"history\":[{\"state\":\"x\"}]}",
                "{\"keys\":{},\"incidents\":7,\"states\":[1],\"outages\":\"x\","
                "\"permissions\":[7],\"labels\":[\"a\"]}"
        };
        static const char *const paths[] = { "/", "/keys", "/keys/a", "/incidents/1" };
        const struct page_words words = { 0 };

        (void) state;
        for (size_t t = 0; t < ELEMENTSOF(texts); t++) {
                json_t *answer = json_loads(texts[t], 0, NULL);
                const json_t *all[PAGE_SOURCES_MAX] = { answer, answer, answer, answer, answer };

                for (size_t p = 0; p < ELEMENTSOF(paths); p++) {
                        struct page page;
                        char *text;

                        assert_int_equal(page_find(paths[p], &words, &page), 0);
                        assert_int_equal(page.write(&page, all, 1795262400, &text), 0);
                        assert_non_null(strstr(text, "</html>"));
                        free(text);
                        page_clear(&page);
                }
                json_decref(answer);
        }
}

/* Whatever can be wrong for a while has something to be done about it. */
static void test_remedies(void **state)
{
        static const char *const without[] = {
                "key-rolled",       "probe-coupon-found", "probe-coupon-deleted",
                "incident-cleared", "incident-reminder",  "round-completed",
                "journal-summary",  "operator-action",    "test-alert"
        };

        (void) state;
        for (int kind = 0; kind < _INCIDENT_KIND_MAX; kind++) {
                const char *name = incident_kind_name((enum incident_kind) kind);
                bool expected = true;

                for (size_t i = 0; i < ELEMENTSOF(without); i++)
                        expected = expected && strcmp(without[i], name) != 0;
                if ((kind_remedy(name) != NULL) != expected)
                        fail_msg("%s", name);
        }
        assert_null(kind_remedy("nonsense"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_paths),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_strange_answers),
                cmocka_unit_test(test_remedies),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
