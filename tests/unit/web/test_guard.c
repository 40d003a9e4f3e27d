#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "web/guard.h"

static void only_our_hosts_are_answered(void **state)
{
        char *hosts[] = { (char *) "localhost", (char *) "127.0.0.1", (char *) "[::1]" };
        const struct settings settings = { .web = { .hosts = hosts, .n_hosts = ELEMENTSOF(hosts) } };
        static const char *const ours[] = { "localhost", "LOCALHOST:8080", "127.0.0.1:9840",
                                            "[::1]",     "[::1]:80",       "localhost:" };
        static const char *const others[] = {
                "",           "evil.example", "localhost.evil.example", "127.0.0.10",
                "[::1",       "[::1]x",       "localhost:80:80",        "localhost@evil",
                "localhost ", "[::2]",        "127.0.0.1:80/../x",      ":80"
        };

        (void) state;
        assert_false(guard_host(&settings, NULL));
        for (size_t i = 0; i < ELEMENTSOF(ours); i++)
                if (!guard_host(&settings, ours[i]))
                        fail_msg("refused: %s", ours[i]);
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (guard_host(&settings, others[i]))
                        fail_msg("let in: %s", others[i]);
}

static void only_the_whole_password_is_right(void **state)
{
        _cleanup_(secret_freep) struct secret *password = secret_copy("correct-horse", 13);

        (void) state;
        assert_true(guard_password(password, "correct-horse"));
        assert_false(guard_password(password, ""));
        assert_false(guard_password(password, "correct-hors"));
        assert_false(guard_password(password, "correct-horse "));
        assert_false(guard_password(password, "correct-horsf"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_our_hosts_are_answered),
                cmocka_unit_test(only_the_whole_password_is_right),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
