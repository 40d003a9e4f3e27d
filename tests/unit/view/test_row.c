/* Rows as JSON: what is a list or a boolean is one, times are RFC 3339. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "view/row.h"

static void expect(json_t *json, const char *wanted)
{
        char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);

        assert_non_null(text);
        assert_string_equal(text, wanted);
        free(text);
        json_decref(json);
}

static void columns_have_types(void **state)
{
        const struct column columns[] = {
                { .name = "name", .type = COLUMN_TEXT, .text = "acme" },
                { .name = "account", .type = COLUMN_NULL },
                { .name = "checks", .type = COLUMN_INTEGER, .integer = 7 },
                { .name = "unwitnessed", .type = COLUMN_INTEGER, .integer = 1 },
                { .name = "ours", .type = COLUMN_INTEGER, .integer = 0 },
                { .name = "missing", .type = COLUMN_TEXT, .text = "" },
                { .name = "excess", .type = COLUMN_TEXT, .text = "coupon_write invoice_read" },
                { .name = "unprobed", .type = COLUMN_TEXT, .text = "read, write" },
        };

        (void) state;
        expect(row_json(columns, sizeof(columns) / sizeof(*columns)),
               "{\"name\":\"acme\",\"account\":null,\"checks\":7,\"unwitnessed\":true,\"ours\":false,"
               "\"missing\":[],\"excess\":[\"coupon_write\",\"invoice_read\"],\"unprobed\":[\"read\","
               "\"write\"]}");
}

static void what_is_no_utf8_is_not_repeated(void **state)
{
        const struct column column = { .name = "name", .type = COLUMN_TEXT, .text = "\xff\xfe" };

        (void) state;
        expect(row_json(&column, 1), "{\"name\":\"?\"}");
}

static void labels_may_hold_commas(void **state)
{
        (void) state;
        expect(labels_json("Coupons: Write, Accounts v2, Recipient configuration: Read"),
               "[\"Coupons: Write\",\"Accounts v2, Recipient configuration: Read\"]");
        expect(labels_json(""), "[]");
        expect(labels_json("no level"), "[\"no level\"]");
}

static void times_are_rfc3339(void **state)
{
        (void) state;
        expect(time_json(1795000000), "\"2026-11-18T11:06:40Z\"");
        expect(time_json(0), "null");
        expect(time_json(INT64_MAX), "null");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(columns_have_types),
                cmocka_unit_test(what_is_no_utf8_is_not_repeated),
                cmocka_unit_test(labels_may_hold_commas),
                cmocka_unit_test(times_are_rfc3339),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
