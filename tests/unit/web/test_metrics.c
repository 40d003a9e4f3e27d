#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "web/metrics.h"

static void the_form_is_what_the_reader_likes_best(void **state)
{
        static const struct {
                const char *accept;
                enum metrics_form form;
        } cases[] = {
                { NULL, METRICS_TEXT },
                { "", METRICS_TEXT },
                { "*/*", METRICS_TEXT },
                { "text/plain", METRICS_TEXT },
                { "application/json", METRICS_TEXT },
                { "application/openmetrics-text", METRICS_OPEN },
                { "application/openmetrics-text;version=1.0.0,application/"
                  "openmetrics-text;version=0.0.1;q=0.75,"
                  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                  METRICS_OPEN },
                { "text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.3", METRICS_TEXT },
                { "application/openmetrics-text;q=0", METRICS_TEXT },
                { "APPLICATION/OPENMETRICS-TEXT;q=0.5", METRICS_OPEN },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                if (metrics_choose(cases[i].accept) != cases[i].form)
                        fail_msg("%s", cases[i].accept);
}

static char *render(const char *families, enum metrics_form form)
{
        _cleanup_free_ char *whole = NULL;
        char *text = NULL;

        assert_true(asprintf(&whole, "{\"families\":[%s]}", families) > 0);
        json_t *page = json_loads(whole, 0, NULL);
        assert_non_null(page);
        assert_int_equal(metrics_render(page, form, &text), 0);
        json_decref(page);
        return text;
}

static void check(const char *families, enum metrics_form form, const char *wanted)
{
        _cleanup_free_ char *text = render(families, form);

        assert_string_equal(text, wanted);
}

#define COUNTER                                                                                              \
        "{\"name\":\"a_wait_seconds\",\"type\":\"counter\",\"help\":\"Say \\\"a\\\\b\\\".\",\"samples\":["   \
        "{\"labels\":{\"x\":\"1\\\"\\\\\\n\"},\"value\":0.25}]}"

static void a_counter_has_its_suffix_where_the_form_wants_it(void **state)
{
        (void) state;
        check(COUNTER, METRICS_TEXT,
              "# HELP a_wait_seconds_total Say \"a\\\\b\".\n# TYPE a_wait_seconds_total counter\n"
              "a_wait_seconds_total{x=\"1\\\"\\\\\\n\"} 0.25\n");
        check(COUNTER, METRICS_OPEN,
              "# HELP a_wait_seconds Say \\\"a\\\\b\\\".\n# TYPE a_wait_seconds counter\n"
              "# UNIT a_wait_seconds seconds\na_wait_seconds_total{x=\"1\\\"\\\\\\n\"} 0.25\n# EOF\n");
}

#define INFO                                                                                                 \
        "{\"name\":\"a_build\",\"type\":\"info\",\"help\":\"B.\",\"samples\":[{\"labels\":{\"v\":\"1\"},"    \
        "\"value\":1}]}"

static void an_info_is_a_gauge_to_the_old_form(void **state)
{
        (void) state;
        check(INFO, METRICS_TEXT,
              "# HELP a_build_info B.\n# TYPE a_build_info gauge\na_build_info{v=\"1\"} 1\n");
        check(INFO, METRICS_OPEN, "# HELP a_build B.\n# TYPE a_build info\na_build_info{v=\"1\"} 1\n# EOF\n");
}

#define HISTOGRAM                                                                                            \
        "{\"name\":\"h_seconds\",\"type\":\"histogram\",\"help\":\"H.\",\"samples\":[{\"labels\":{},"        \
        "\"buckets\":[[0.1,1],[1,3],[2.5,3]],\"sum\":1.75,\"count\":4}]}"

static void buckets_are_named_with_a_point_and_the_last_is_the_count(void **state)
{
        (void) state;
        check(HISTOGRAM, METRICS_TEXT,
              "# HELP h_seconds H.\n# TYPE h_seconds histogram\nh_seconds_bucket{le=\"0.1\"} 1\n"
              "h_seconds_bucket{le=\"1.0\"} 3\nh_seconds_bucket{le=\"2.5\"} 3\nh_seconds_bucket{le=\"+Inf\"} "
              "4\n"
              "h_seconds_sum 1.75\nh_seconds_count 4\n");
}

static void the_old_form_for_a_file_leaves_out_the_process(void **state)
{
        static const char family[] = "{\"name\":\"process_open_fds\",\"type\":\"gauge\",\"help\":\"F.\","
                                     "\"samples\":[{\"labels\":{},\"value\":9}]}";

        (void) state;
        check(family, METRICS_TEXTFILE, "");
        check(family, METRICS_TEXT,
              "# HELP process_open_fds F.\n# TYPE process_open_fds gauge\nprocess_open_fds 9\n");
}

static void a_locale_changes_no_number(void **state)
{
        (void) state;
        if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "de_DE"))
                skip();
        check(COUNTER, METRICS_TEXT,
              "# HELP a_wait_seconds_total Say \"a\\\\b\".\n# TYPE a_wait_seconds_total counter\n"
              "a_wait_seconds_total{x=\"1\\\"\\\\\\n\"} 0.25\n");
        setlocale(LC_ALL, "C");
}

static void what_is_no_such_answer_is_refused(void **state)
{
        static const char *const bad[] = { "{}", "[]", "{\"families\":1}", "{\"families\":[1]}",
                                           "{\"families\":[{\"name\":\"a\"}]}" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                json_t *page = json_loads(bad[i], 0, NULL);
                char *text = NULL;

                assert_int_equal(metrics_render(page, METRICS_OPEN, &text), -EINVAL);
                assert_null(text);
                json_decref(page);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_form_is_what_the_reader_likes_best),
                cmocka_unit_test(a_counter_has_its_suffix_where_the_form_wants_it),
                cmocka_unit_test(an_info_is_a_gauge_to_the_old_form),
                cmocka_unit_test(buckets_are_named_with_a_point_and_the_last_is_the_count),
                cmocka_unit_test(the_old_form_for_a_file_leaves_out_the_process),
                cmocka_unit_test(a_locale_changes_no_number),
                cmocka_unit_test(what_is_no_such_answer_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
