#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "notify/message.h"

static json_t *parse(const char *text)
{
        json_t *json = json_loads(text, 0, NULL);

        assert_non_null(json);
        return json;
}

#define REVOKED                                                                                              \
        "{\"id\":\"e1\",\"seq\":7,\"cursor\":\"x-7\",\"kind\":\"key-revoked\",\"priority\":2,\"at\":"        \
        "\"2026-11-21T12:00:00Z\",\"key\":\"acme\",\"account\":null,\"mode\":\"live\",\"labels\":{\"team\":" \
        "\"pay\"},\"incident\":17,\"parent\":null,\"cleared\":null,\"message\":\"Key \\\"acme\\\" "          \
        "died.\",\"remedy\":"                                                                                \
        "null,\"fields\":{\"KEYVIGIL_STATE\":\"revoked\",\"MESSAGE\":\"m\"}}"
#define CLEARED                                                                                              \
        "{\"id\":\"e2\",\"kind\":\"incident-cleared\",\"priority\":5,\"at\":\"2026-11-21T13:00:00Z\","       \
        "\"key\":"                                                                                           \
        "\"acme\",\"mode\":\"live\",\"labels\":{},\"incident\":17,\"parent\":null,\"cleared\":\"key-"        \
        "revoked\","                                                                                         \
        "\"message\":\"over\"}"
#define MEMBER                                                                                               \
        "{\"id\":\"e3\",\"kind\":\"key-revoked\",\"priority\":6,\"mode\":\"live\",\"labels\":{},"            \
        "\"incident\":18,"                                                                                   \
        "\"parent\":16}"
#define REMINDER                                                                                             \
        "{\"id\":\"e4\",\"kind\":\"incident-reminder\",\"priority\":2,\"mode\":\"live\",\"labels\":{"        \
        "\"team\":"                                                                                          \
        "\"pay\"},\"incident\":17,\"parent\":null,\"cleared\":null,\"fields\":{\"KEYVIGIL_KIND\":\"key-"     \
        "revoked\"}}"

static void a_receiver_gets_what_it_wants(void **state)
{
        char *const kinds[] = { (char *) "key-expired", (char *) "key-revoked" };
        struct receiver_label label = { (char *) "team", (char *) "pay" };
        const struct {
                struct receiver receiver;
                const char *event;
                bool wanted;
        } cases[] = {
                { { .min_priority = 5 }, REVOKED, true },
                { { .min_priority = 1 }, REVOKED, false },
                { { .min_priority = 5 }, MEMBER, false },
                { { .min_priority = 6 }, MEMBER, true },
                { { .min_priority = 2 }, CLEARED, true }, /* as urgent as what it ends */
                { { .min_priority = 1 }, CLEARED, false },
                { { .min_priority = 5, .kinds = (char **) kinds, .n_kinds = 1 }, REVOKED, false },
                { { .min_priority = 5, .kinds = (char **) kinds, .n_kinds = 2 }, REVOKED, true },
                { { .min_priority = 5, .kinds = (char **) kinds, .n_kinds = 2 }, CLEARED, true },
                { { .min_priority = 5, .kinds = (char **) kinds, .n_kinds = 2 }, REMINDER, true },
                { { .min_priority = 5, .labels = &label, .n_labels = 1 }, REVOKED, true },
                { { .min_priority = 5, .labels = &label, .n_labels = 1 }, MEMBER, false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                json_t *event = parse(cases[i].event);

                if (message_wanted(&cases[i].receiver, event) != cases[i].wanted)
                        fail_msg("case %zu", i);
                json_decref(event);
        }
}

static void a_webhook_is_thin_and_typed(void **state)
{
        json_t *event = parse(REVOKED);
        _cleanup_free_ char *text = message_webhook(event);
        json_t *body = parse(text), *data = json_object_get(body, "data");

        (void) state;
        assert_string_equal(event_text(body, "type"), "key.revoked");
        assert_string_equal(event_text(body, "timestamp"), "2026-11-21T12:00:00Z");
        assert_string_equal(event_text(data, "key"), "acme");
        assert_string_equal(event_text(data, "state"), "revoked");
        assert_int_equal(json_integer_value(json_object_get(data, "incident")), 17);
        assert_null(json_object_get(data, "fields"));
        assert_null(json_object_get(data, "account"));
        json_decref(body);
        json_decref(event);
}

static void an_alert_is_known_by_labels_that_are_texts(void **state)
{
        json_t *event = parse(REVOKED), *alert = message_alert(event),
               *labels = json_object_get(alert, "labels");
        json_t *wanted =
                parse("{\"alertname\":\"KeyRevoked\",\"service\":\"keyvigil\",\"severity\":\"critical\","
                      "\"incident\":\"17\",\"mode\":\"live\",\"key\":\"acme\",\"label_team\":\"pay\"}");

        (void) state;
        assert_true(json_equal(labels, wanted));
        assert_string_equal(event_text(alert, "startsAt"), "2026-11-21T12:00:00Z");
        assert_string_equal(event_text(json_object_get(alert, "annotations"), "summary"),
                            "Key \"acme\" died.");
        json_decref(wanted);
        json_decref(alert);
        json_decref(event);
}

static void a_mail_has_no_header_that_an_event_could_add(void **state)
{
        json_t *events =
                parse("[{\"id\":\"e\",\"kind\":\"key-revoked\",\"priority\":2,\"at\":\"now\",\"message\":"
                      "\"a\\nBcc: x@example.org\\n\\n.\",\"incident\":3}]");
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);

        (void) state;
        message_mail(to, "ops@example.net", events);
        fclose(to);
        assert_null(strstr(text, "\nBcc"));
        assert_non_null(strstr(text, "To: ops@example.net\nSubject: keyvigil: a Bcc: x@example.org"));
        assert_non_null(strstr(text, "keyvigil incidents 3"));
        json_decref(events);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_receiver_gets_what_it_wants),
                cmocka_unit_test(a_webhook_is_thin_and_typed),
                cmocka_unit_test(an_alert_is_known_by_labels_that_are_texts),
                cmocka_unit_test(a_mail_has_no_header_that_an_event_could_add),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
