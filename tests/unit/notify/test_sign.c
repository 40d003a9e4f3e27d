#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "notify/sign.h"

#define KEY "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct sign_keys keys_of(const char *text)
{
        struct sign_keys keys;
        const char *why;

        assert_int_equal(sign_keys_read(text, &keys, &why), 0);
        return keys;
}

/* Made with the specification's own library. */
static void a_signature_is_that_of_the_specification(void **state)
{
        struct sign_keys keys = keys_of(KEY "\n");
        _cleanup_free_ char *signature = sign_message(
                &keys, "evt_1", 1795262400,
                "{\"type\":\"key.revoked\",\"timestamp\":\"2026-11-21T12:00:00Z\",\"data\":{\"key\":"
                "\"acme\"}}");

        (void) state;
        assert_string_equal(signature, "v1,GKuBWgeJnyBboUAP6NhdPHGBrECuxUhwkvDsBjmmw1M=");
        sign_keys_clear(&keys);
}

static void two_secrets_give_two_signatures_with_a_blank_between(void **state)
{
        struct sign_keys keys = keys_of(KEY "  \n\n" KEY "\r\n");
        _cleanup_free_ char *signature = sign_message(&keys, "a", 1, "");

        (void) state;
        assert_int_equal(keys.n, 2);
        char *blank = strchr(signature, ' ');
        assert_non_null(blank);
        assert_int_equal(strlen(blank + 1), 47);
        assert_memory_equal(signature, blank + 1, 47);
        sign_keys_clear(&keys);
}

static void what_is_no_secret_is_refused(void **state)
{
        static const char *const bad[] = {
                "",
                "\n",
                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "whsec_",
                "whsec_AAEC",
                "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
                "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh_=",
                "whsec_ AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                KEY "\n" KEY "\n" KEY "\n" KEY "\n" KEY "\n",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                struct sign_keys keys = { 0 };
                const char *why = NULL;

                if (sign_keys_read(bad[i], &keys, &why) != -EINVAL)
                        fail_msg("%s", bad[i]);
                assert_non_null(why);
                assert_int_equal(keys.n, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_signature_is_that_of_the_specification),
                cmocka_unit_test(two_secrets_give_two_signatures_with_a_blank_between),
                cmocka_unit_test(what_is_no_secret_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
