#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"

static int nothing(struct cli *cli, const struct command *command, int argc, char **argv)
{
        (void) cli;
        (void) command;
        (void) argc;
        (void) argv;
        return 0;
}

static const struct command command = { "try", "[NAME]", "Try it", NULL, nothing };

struct values {
        bool force, json;
        const char *profile, *until;
        struct texts labels, rest;
        char said[512]; /* on standard error */
};

/* What went to standard error while `line`, split at blanks, was parsed. */
static int parse(const char *line, struct values *ret)
{
        struct cli cli = { 0 };
        char program[] = "try", copy[256], *argv[16] = { program }, *state = NULL;
        int argc = 1, tube[2], before = dup(STDERR_FILENO);
        const struct option options[] = { { "force", OPTION_FLAG, &ret->force },
                                          { "profile", OPTION_TEXT, &ret->profile },
                                          { "until", OPTION_DATE, &ret->until },
                                          { "label", OPTION_LIST, &ret->labels } };
        static char kept[1024];
        static size_t used;

        memset(ret, 0, sizeof(*ret));
        used = 0;
        snprintf(copy, sizeof(copy), "%s", line);
        for (char *word = strtok_r(copy, " ", &state); word && argc < 15;
             word = strtok_r(NULL, " ", &state)) {
                argv[argc++] = kept + used;
                used += (size_t) snprintf(kept + used, sizeof(kept) - used, "%s", word) + 1;
        }
        assert_int_equal(pipe(tube), 0);
        fflush(stderr);
        dup2(tube[1], STDERR_FILENO);
        close(tube[1]);
        int r = options_parse(&cli, &command, argc, argv, options, ELEMENTSOF(options), 0, 2, &ret->rest);
        fflush(stderr);
        dup2(before, STDERR_FILENO);
        close(before);
        ssize_t n = read(tube[0], ret->said, sizeof(ret->said) - 1);
        ret->said[MAX(n, 0)] = '\0';
        close(tube[0]);
        ret->json = cli.json;
        return r;
}

static void options_stand_anywhere(void **state)
{
        struct values values;

        (void) state;
        assert_int_equal(parse("one --force --profile p two --label=a=b --label c=d --json", &values), 0);
        assert_true(values.force);
        assert_true(values.json);
        assert_string_equal(values.profile, "p");
        assert_int_equal(values.rest.n, 2);
        assert_string_equal(values.rest.list[0], "one");
        assert_string_equal(values.rest.list[1], "two");
        assert_int_equal(values.labels.n, 2);
        assert_string_equal(values.labels.list[0], "a=b");
        assert_string_equal(values.labels.list[1], "c=d");
        assert_string_equal(values.said, "");
}

static void two_dashes_end_them(void **state)
{
        struct values values;

        (void) state;
        assert_int_equal(parse("-- --force -", &values), 0);
        assert_false(values.force);
        assert_int_equal(values.rest.n, 2);
        assert_string_equal(values.rest.list[0], "--force");
        assert_string_equal(values.rest.list[1], "-");
}

static void misuse_is_said_in_one_line(void **state)
{
        static const char *const lines[] = {
                "--nothing", "--forc", "--profile",    "--force=1",
                "a b c",     "-x",     "--until soon", "--until 2026-02-30",
        };
        struct values values;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                if (parse(lines[i], &values) != -EINVAL)
                        fail_msg("taken: %s", lines[i]);
                const char *newline = strchr(values.said, '\n');
                assert_non_null(newline);
                assert_string_equal(newline, "\n");
        }
}

static void dates_are_dates_or_times_from_now(void **state)
{
        static const char *const lines[] = { "--until 2026-12-01", "--until=2h", "--until 1d12h",
                                             "--until=" };
        struct values values;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                if (parse(lines[i], &values) != 0)
                        fail_msg("refused: %s", lines[i]);
                assert_non_null(values.until);
        }
}

static void a_key_on_the_command_line_is_refused_without_an_echo(void **state)
{
        char key[64], line[128];
        static const char *const forms[] = { "%s", "--profile %s", "--label=%s", "--%s", "--profile=%s" };
        struct values values;

        (void) state;
        snprintf(key, sizeof(key), "%s_%s_%s", "rk", "live", "AbCdEfGhIjKlMnOpQrStUvWx");
        for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                snprintf(line, sizeof(line), forms[i], key);
#pragma GCC diagnostic pop
                if (parse(line, &values) != -EINVAL)
                        fail_msg("taken in form %zu", i);
                assert_null(strstr(values.said, "AbCdEf"));
                assert_non_null(strstr(values.said, "leaked"));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options_stand_anywhere),
                cmocka_unit_test(two_dashes_end_them),
                cmocka_unit_test(misuse_is_said_in_one_line),
                cmocka_unit_test(dates_are_dates_or_times_from_now),
                cmocka_unit_test(a_key_on_the_command_line_is_refused_without_an_echo),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
