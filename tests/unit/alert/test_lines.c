#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "alert/lines.h"

static void an_entry_is_one_line(void **state)
{
        const char *const fields[] = { "MESSAGE=Key \"a\\b\" died", "PRIORITY=2" };
        struct journal *journal;
        char line[200] = "";
        int ends[2];

        (void) state;
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(lines_new(ends[1], &journal), 0);
        assert_int_equal(journal->send(journal, fields, 2), 0);
        assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
        assert_string_equal(line, "{\"MESSAGE\":\"Key \\\"a\\\\b\\\" died\",\"PRIORITY\":\"2\"}\n");
        lines_free(journal);
        close(ends[0]);
        close(ends[1]);
}

/* A reader that does not read keeps nobody waiting, and finds whole lines when it reads again. */
static void a_full_pipe_takes_no_more(void **state)
{
        char field[3000] = "MESSAGE=", *text = calloc(1, 1 << 20);
        const char *const fields[] = { field };
        struct journal *journal;
        size_t size = 0, sent = 0;
        int ends[2];

        (void) state;
        memset(field + 8, 'x', sizeof(field) - 9);
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(lines_new(ends[1], &journal), 0);
        while (journal->send(journal, fields, 1) == 0)
                assert_true(++sent < 1000);
        assert_int_equal(journal->send(journal, fields, 1), -EAGAIN);
        (void) fcntl(ends[0], F_SETFL, O_NONBLOCK);
        for (ssize_t n; (n = read(ends[0], text + size, 4096)) > 0;)
                size += (size_t) n;
        assert_int_equal(journal->send(journal, fields, 1), 0);
        for (ssize_t n; (n = read(ends[0], text + size, 4096)) > 0;)
                size += (size_t) n;
        assert_int_equal(size, (sent + 1) * (sizeof(field) - 1 + strlen("{\"\":\"\"}\n") - 1));
        lines_free(journal);
        close(ends[0]);
        signal(SIGPIPE, SIG_IGN); /* lint-ok: banned */
        assert_int_equal(lines_new(ends[1], &journal), 0);
        assert_int_equal(journal->send(journal, fields, 1), -EAGAIN);
        lines_free(journal);
        close(ends[1]);
        free(text);
}

static void a_field_that_is_none_is_refused(void **state)
{
        const char *const bad[] = { "MESSAGE", "A=b\nC=d" };
        struct journal *journal;

        (void) state;
        assert_int_equal(lines_new(STDERR_FILENO, &journal), 0);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(journal->send(journal, &bad[i], 1), -EINVAL);
        lines_free(journal);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_entry_is_one_line),
                cmocka_unit_test(a_full_pipe_takes_no_more),
                cmocka_unit_test(a_field_that_is_none_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
