/* Files that were broken at random: they are read or refused, with a place and on one line, and nothing
 * worse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../random.h"
#include "conf/permissions.h"
#include "conf/profile_file.h"
#include "conf/settings.h"
#include "conf/yaml.h"

#define SIZE_LIMIT 65536

struct sample {
        char bytes[SIZE_LIMIT];
        size_t size;
};

static const char *const bricks[] = {
        "{",
        "}",
        "[",
        "]",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\t",
        "&a ",
        "*a",
        "!!str ",
        "'",
        "\"",
        "\"\\0\"",
        "|\n",
        ">-\n",
        "? ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "#",
        ",",
        "<<: ",
        "\\x41",
        "\xFF",
        "\xC3\xA4",
        "{absent}",
        "../",
        "GET ",
        "POST /v1/",
        "?limit=1",
        "~",
        "null",
        "-1",
        "99999999999999999999d",
        "1h30m",
        "[[[[[[[[[[[[[[[[[[",
        "{a: {a: {a: ",
        "coupon",
        "read",
        "write",
        "implied_by: [coupon]",
        "(((((",
        "{1000}{1000}",
};

static void splice(struct sample *s, size_t at, size_t remove, const char *insert, size_t n)
{
        if (s->size - remove + n > SIZE_LIMIT)
                return;
        memmove(s->bytes + at + n, s->bytes + at + remove, s->size - at - remove);
        memcpy(s->bytes + at, insert, n);
        s->size += n - remove;
}

static void damage(struct random *random, struct sample *s)
{
        size_t at = random_below(random, s->size + 1), left = s->size - at;
        const char *brick = bricks[random_below(random, ELEMENTSOF(bricks))];
        char chunk[256], byte = (char) random_below(random, 256);

        switch (random_below(random, 5)) {
        case 0:
                splice(s, at, 0, brick, strlen(brick));
                break;
        case 1:
                splice(s, at, MIN(left, 1u), &byte, 1);
                break;
        case 2:
                splice(s, at, random_below(random, MIN(left, 40u) + 1), "", 0);
                break;
        case 3: { /* something from elsewhere in the file */
                size_t from = random_below(random, s->size + 1), n = MIN(s->size - from, sizeof(chunk));

                memcpy(chunk, s->bytes + from, n);
                splice(s, at, 0, chunk, n);
                break;
        }
        default:
                splice(s, at, MIN(left, strlen(brick)), brick, strlen(brick));
        }
}

static void sample_load(struct sample *s, const char *name)
{
        char path[4096];

        snprintf(path, sizeof(path), "%s/conf/%s", getenv("srcdir") ? getenv("srcdir") : ".", name);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        s->size = fread(s->bytes, 1, sizeof(s->bytes), file);
        assert_true(s->size > 0 && s->size < sizeof(s->bytes));
        fclose(file);
}

static int settings_try(const struct node *root, const struct catalogue *catalogue, struct problems *problems)
{
        _cleanup_(settings_clearp) struct settings settings = { .state_dir = NULL };

        (void) catalogue;
        assert_int_equal(settings_default("/etc", &settings), 0);
        return settings_read(root, &settings, problems);
}

static int permissions_try(const struct node *root, const struct catalogue *catalogue,
                           struct problems *problems)
{
        _cleanup_(catalogue_freep) struct catalogue *read = NULL;

        (void) catalogue;
        return permissions_read(root, problems, &read);
}

static int profile_try(const struct node *root, const struct catalogue *catalogue, struct problems *problems)
{
        _cleanup_(profile_freep) struct profile *profile = NULL;

        return profile_read(root, "selgeo", catalogue, problems, &profile);
}

typedef int (*try_fn)(const struct node *root, const struct catalogue *catalogue, struct problems *problems);

static void problems_check(const struct problems *problems)
{
        for (size_t i = 0; i < problems->n; i++) {
                assert_int_equal(strncmp(problems->list[i].text, "file:", 5), 0);
                assert_null(strpbrk(problems->list[i].text, "\n\r\x1B"));
                assert_true(problems->list[i].line > 0 && problems->list[i].column > 0);
                if (i > 0)
                        assert_true(problems->list[i - 1].line <= problems->list[i].line);
        }
}

static bool sample_try(const struct sample *s, try_fn try, const struct catalogue *catalogue)
{
        const struct place place = { .file = "file" };
        _cleanup_(problems_clearp) struct problems problems = { .n = 0 };
        _cleanup_(node_freep) struct node *root = NULL;
        /* In memory of exactly this size, so that reading beyond it is seen. */
        _cleanup_free_ char *bytes = malloc(s->size + !s->size);

        assert_non_null(bytes);
        memcpy(bytes, s->bytes, s->size);
        int r = tree_parse(bytes, s->size, &place, &problems, &root);
        if (r == 0 && root)
                r = try(root, catalogue, &problems);
        assert_true(r == 0 || r == -EBADMSG);
        if (r < 0)
                assert_true(problems.n_errors > 0);
        problems_check(&problems);
        return problems.n_errors == 0;
}

static struct catalogue *catalogue_read(void)
{
        static struct sample s;
        const struct place place = { .file = "file" };
        struct problems problems = { .n = 0 };
        struct catalogue *catalogue = NULL;
        struct node *root = NULL;

        sample_load(&s, "permissions.yaml");
        assert_int_equal(tree_parse(s.bytes, s.size, &place, &problems, &root), 0);
        assert_int_equal(permissions_read(root, &problems, &catalogue), 0);
        node_free(root);
        return catalogue;
}

static void test_damaged(void **state)
{
        static const struct {
                const char *name;
                try_fn try;
                size_t rounds;
        } kinds[] = {
                { "keyvigil.yaml", settings_try, 1500 },
                { "profiles/selgeo.yaml", profile_try, 1500 },
                { "permissions.yaml", permissions_try, 150 },
        };
        struct random random = random_new("test_damaged");
        _cleanup_(catalogue_freep) struct catalogue *catalogue = catalogue_read();
        static struct sample whole, damaged;

        (void) state;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds); kind++) {
                size_t refused = 0;

                sample_load(&whole, kinds[kind].name);
                assert_true(sample_try(&whole, kinds[kind].try, catalogue));
                for (size_t round = 0; round < kinds[kind].rounds; round++) {
                        damaged = whole;
                        for (size_t n = 1 + random_below(&random, 6); n > 0; n--)
                                damage(&random, &damaged);
                        refused += !sample_try(&damaged, kinds[kind].try, catalogue);
                }
                assert_in_range(refused, 1, kinds[kind].rounds);
        }
}

/* No structure at all. */
static void test_noise(void **state)
{
        struct random random = random_new("test_noise");
        static struct sample s;

        (void) state;
        for (size_t round = 0; round < 2000; round++) {
                s.size = 0;
                for (size_t n = random_below(&random, 60); n > 0; n--) {
                        const char *brick = bricks[random_below(&random, ELEMENTSOF(bricks))];

                        splice(&s, s.size, 0, brick, strlen(brick));
                }
                sample_try(&s, settings_try, NULL);
                sample_try(&s, permissions_try, NULL);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_damaged),
                cmocka_unit_test(test_noise),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
