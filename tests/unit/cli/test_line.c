#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "cli/line.h"

static const struct {
        const char *line; /* words behind "keyvigil", a blank between; the last one is being typed */
        enum line_what what;
        const char *before, *prefix;
} cases[] = {
        { "", LINE_COMMANDS, "", "" },
        { "li", LINE_COMMANDS, "", "li" },
        { "--co", LINE_COMMANDS, "", "--co" },
        { "--config ", LINE_FILES, "", "" },
        { "--config=/et", LINE_FILES, "--config=", "/et" },
        { "--config /x list ac", LINE_KEYS, "", "ac" },
        { "nonsense x", LINE_NOTHING, "", "x" },
        { "list ac", LINE_KEYS, "", "ac" },
        { "list acme b:", LINE_KEYS, "", "b:" },
        { "list --", LINE_OPTIONS, "", "--" },
        { "list --state ", LINE_STATES, "", "" },
        { "list --state=", LINE_STATES, "--state=", "" },
        { "list --state healthy,re", LINE_STATES, "healthy,", "re" },
        { "list --state=healthy,re", LINE_STATES, "--state=healthy,", "re" },
        { "list --state healthy ac", LINE_KEYS, "", "ac" },
        { "list --not-well ac", LINE_KEYS, "", "ac" },
        { "list --label a=b ac", LINE_KEYS, "", "ac" },
        { "list --limit 5", LINE_NOTHING, "", "5" },
        { "list --columns name,st", LINE_COLUMNS, "name,", "st" },
        { "list --missing cou", LINE_PERMISSIONS, "", "cou" },
        { "show a", LINE_KEYS, "", "a" },
        { "show a b", LINE_NOTHING, "", "b" },
        { "check --excess a", LINE_KEYS, "", "a" },
        { "check --full --json a", LINE_KEYS, "", "a" },
        { "add acme --profile s", LINE_PROFILES, "", "s" },
        { "set acme --of-profile s", LINE_PROFILES, "", "s" },
        { "set --account acct_1 a", LINE_KEYS, "", "a" },
        { "events --kind key-revoked,k", LINE_KINDS, "key-revoked,", "k" },
        { "incidents --key a", LINE_KEYS, "", "a" },
        { "ack 1 2", LINE_INCIDENTS, "", "2" },
        { "ack --reason because 1", LINE_INCIDENTS, "", "1" },
        { "coupons sw", LINE_COUPON_VERBS, "", "sw" },
        { "coupons sweep a", LINE_KEYS, "", "a" },
        { "link ", LINE_PROFILES, "", "" },
        { "import ", LINE_FILES, "", "" },
        { "notify --state /v", LINE_FILES, "", "/v" },
        { "list -- -x", LINE_KEYS, "", "-x" },
        { "status x", LINE_NOTHING, "", "x" },
};

static void test_what_is_wanted(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char copy[128], *rest = copy, *argv[16], *word;
                struct line line;
                int argc = 0;

                snprintf(copy, sizeof(copy), "%s", cases[i].line);
                while ((word = strsep(&rest, " ")))
                        argv[argc++] = word;
                line_read(argc, argv, &line);
                if (line.what != cases[i].what || strcmp(line.prefix, cases[i].prefix) != 0 ||
                    strncmp(line.before, cases[i].before, line.before_size) != 0 ||
                    line.before_size != strlen(cases[i].before))
                        fail_msg("\"%s\": %d, %zu bytes, then \"%s\"", cases[i].line, (int) line.what,
                                 line.before_size, line.prefix);
        }
}

/* Each option of a help is found, and once its end is reached there is an end. */
static void test_options(void **state)
{
        static const char *const wanted[] = { "--sync", "--scope", "--prune", "--max-remove",
                                              "--max-replace" };
        const struct command *commands;
        size_t n, found = 0;

        (void) state;
        commands = commands_all(&n);
        for (size_t i = 0; i < n; i++) {
                const char *at = NULL, *option;
                size_t size, turns = 0;

                while ((option = line_option(&commands[i], &at, &size))) {
                        assert_true(size > 2 && turns++ < 100);
                        if (strcmp(commands[i].name, "import") == 0)
                                for (size_t k = 0; k < ELEMENTSOF(wanted); k++)
                                        found += size == strlen(wanted[k]) &&
                                                 memcmp(option, wanted[k], size) == 0;
                }
        }
        assert_true(found >= ELEMENTSOF(wanted));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_wanted),
                cmocka_unit_test(test_options),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
