/* Files that are refused, with the very words. bad-*.txt hold them: a file, then what is said about it behind
 * "> ", then "----". @KEY@ stands for a key, which nothing that is said may hold a part of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../random.h"
#include "desk.h"

#define CASE_MAX 8192

struct text {
        char bytes[CASE_MAX];
        size_t size;
};

static void text_add(struct text *text, const char *bytes, size_t size)
{
        assert_true(text->size + size < CASE_MAX);
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
        text->bytes[text->size] = '\0';
}

/* A line of the file, with `key` for @KEY@. */
static void line_add(struct text *text, const char *line, const char *key)
{
        for (const char *mark; (mark = strstr(line, "@KEY@")); line = mark + strlen("@KEY@")) {
                text_add(text, line, (size_t) (mark - line));
                text_add(text, key, strlen(key));
        }
        text_add(text, line, strlen(line));
}

struct bad {
        const char *name; /* of the file to write */
        struct text text, said;
        size_t n; /* cases so far */
};

/* "2:3: text" -> "NAME:2:3: text"; of a file as a whole "the file is …" -> "NAME: the file is …" */
static void said_add(struct bad *bad, const char *line)
{
        if (strncmp(line, "warning: ", strlen("warning: ")) == 0) {
                text_add(&bad->said, line, strlen("warning: "));
                line += strlen("warning: ");
        }
        text_add(&bad->said, bad->name, strlen(bad->name));
        text_add(&bad->said, ": ", *line >= '0' && *line <= '9' ? 1 : 2);
        text_add(&bad->said, line, strlen(line));
}

/* No run of 12 characters of the key's body. */
static void assert_no_key(const char *said, const char *key)
{
        const char *body = strrchr(key, '_') + 1;

        for (size_t i = 0; i + 12 <= strlen(body); i++) {
                char run[13] = { 0 };

                memcpy(run, body + i, 12);
                assert_null(strstr(said, run));
        }
}

static void case_try(struct desk *desk, struct bad *bad, const char *key)
{
        bool error = strncmp(bad->said.bytes, "warning", strlen("warning")) != 0;

        desk_write(desk, bad->name, bad->text.bytes);
        int r = desk_load(desk);
        if (strcmp(desk->said, bad->said.bytes) != 0)
                print_error("case %zu of %s:\n%s", bad->n, bad->name, bad->text.bytes);
        assert_string_equal(desk->said, bad->said.bytes);
        assert_int_equal(r, error ? -EINVAL : 0);
        assert_int_equal(desk->conf != NULL, !error);
        assert_no_key(desk->said, key);
        bad->text.size = bad->said.size = 0;
        bad->text.bytes[0] = bad->said.bytes[0] = '\0';
        bad->n++;
}

static void cases_try(const char *cases, const char *name, size_t at_least)
{
        struct random random = random_new(cases);
        static struct bad bad;
        static struct desk desk;
        char path[4096], line[CASE_MAX], key[128] = "rk_live_";

        random_alnum(&random, key + strlen(key), 99);
        snprintf(path, sizeof(path), "%s/tests/unit/conf/%s", getenv("srcdir") ? getenv("srcdir") : ".",
                 cases);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        bad = (struct bad){ .name = name };
        desk_open(&desk);
        desk_write(&desk, "keyvigil.yaml", "");
        while (fgets(line, sizeof(line), file)) {
                if (strcmp(line, "----\n") == 0)
                        case_try(&desk, &bad, key);
                else if (strncmp(line, "> ", 2) == 0)
                        said_add(&bad, line + 2);
                else
                        line_add(&bad.text, line, key);
        }
        case_try(&desk, &bad, key);
        fclose(file);
        desk_close(&desk);
        assert_in_range(bad.n, at_least, SIZE_MAX);
}

static void test_settings(void **state)
{
        (void) state;
        cases_try("bad-settings.txt", "keyvigil.yaml", 70);
}

static void test_profiles(void **state)
{
        (void) state;
        cases_try("bad-profiles.txt", "profiles.d/mine.yaml", 20);
}

static void test_permissions(void **state)
{
        (void) state;
        cases_try("bad-permissions.txt", "permissions.yaml", 10);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_settings),
                cmocka_unit_test(test_profiles),
                cmocka_unit_test(test_permissions),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
