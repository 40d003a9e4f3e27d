#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "control/import_line.h"

static void a_full_line_is_understood(void **state)
{
        static const char text[] = "{\"name\":\"acme\",\"key\":\"not-a-real-one\",\"profile\":\"selgeo\","
                                   "\"account\":\"acct_1\",\"created\":\"2026-11-01\",\"expires\":1893456000,"
                                   "\"labels\":{\"team\":\"a\",\"empty\":\"\"}}";
        struct import_line line;
        const char *why;

        (void) state;
        assert_int_equal(import_line_parse(text, strlen(text), &line, &why), 0);
        assert_string_equal(line.said.request.name, "acme");
        assert_string_equal(line.said.request.profile, "selgeo");
        assert_string_equal(line.said.request.account, "acct_1");
        assert_int_equal(line.said.request.created, 1793491200);
        assert_int_equal(line.said.request.expires, 1893456000);
        assert_int_equal(line.said.request.n_labels, 2);
        assert_string_equal(line.said.request.labels[0].name, "team");
        assert_string_equal(line.said.request.labels[0].value, "a");
        assert_string_equal(line.secret->bytes, "not-a-real-one");
        assert_int_equal(line.secret->size, strlen("not-a-real-one"));
        import_line_clear(&line);
        assert_null(line.secret);
        assert_null(line.json);
}

static void what_may_be_left_out_may_be_null_too(void **state)
{
        static const char text[] =
                "{\"name\":\"a\",\"key\":\"k\",\"profile\":\"p\",\"account\":null,\"labels\":null}";
        struct import_line line;
        const char *why;

        (void) state;
        assert_int_equal(import_line_parse(text, strlen(text), &line, &why), 0);
        assert_null(line.said.request.account);
        assert_int_equal(line.said.request.created, 0);
        assert_int_equal(line.said.request.n_labels, 0);
        import_line_clear(&line);
}

static void a_bad_line_is_refused_without_an_echo(void **state)
{
        static const char *const lines[] = {
                "SESAME",
                "\"SESAME\"",
                "[\"SESAME\"]",
                "{\"key\":\"SESAME\"",
                "{\"key\":\"SESAME\"} SESAME",
                "{\"key\":\"SESAME\"}",
                "{\"name\":\"a\",\"profile\":\"p\"}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":null}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":17}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":[\"SESAME\"]}",
                "{\"name\":7,\"profile\":\"p\",\"key\":\"SESAME\"}",
                "{\"name\":\"a\",\"profile\":[],\"key\":\"SESAME\"}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"SESAME\",\"SESAME\":1}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"SESAME\",\"key\":\"SESAME\"}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"SESAME\",\"created\":\"SESAME\"}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"SESAME\",\"expires\":-5}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"SESAME\",\"expires\":1.5}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"SESAME\",\"labels\":[]}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"SESAME\",\"labels\":{\"x\":1}}",
                "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"\xff\xfe\"}",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                struct import_line line;
                const char *why = NULL;

                if (import_line_parse(lines[i], strlen(lines[i]), &line, &why) != -EINVAL)
                        fail_msg("taken: %s", lines[i]);
                assert_non_null(why);
                assert_null(strstr(why, "SESAME"));
                assert_null(line.secret);
        }
}

static void labels_have_a_bound(void **state)
{
        char text[4096];
        struct import_line line;
        const char *why;

        (void) state;
        for (int n = LABELS_MAX; n <= LABELS_MAX + 1; n++) {
                size_t used = (size_t) snprintf(
                        text, sizeof(text), "{\"name\":\"a\",\"profile\":\"p\",\"key\":\"k\",\"labels\":{");

                for (int i = 0; i < n; i++)
                        used += (size_t) snprintf(text + used, sizeof(text) - used, "%s\"l%d\":\"v\"",
                                                  i ? "," : "", i);
                used += (size_t) snprintf(text + used, sizeof(text) - used, "}}");
                assert_int_equal(import_line_parse(text, used, &line, &why), n > LABELS_MAX ? -EINVAL : 0);
                if (n <= LABELS_MAX)
                        import_line_clear(&line);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_full_line_is_understood),
                cmocka_unit_test(what_may_be_left_out_may_be_null_too),
                cmocka_unit_test(a_bad_line_is_refused_without_an_echo),
                cmocka_unit_test(labels_have_a_bound),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
