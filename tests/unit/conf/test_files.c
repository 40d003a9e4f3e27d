/* How files come together, which of them are read, and bytes that no editor writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "desk.h"

static int setup(void **state)
{
        static struct desk desk;

        desk_open(&desk);
        desk_write(&desk, "keyvigil.yaml", "");
        *state = &desk;
        return 0;
}

static int teardown(void **state)
{
        desk_close(*state);
        return 0;
}

static void load_well(struct desk *desk)
{
        int r = desk_load(desk);

        assert_string_equal(desk->said, "");
        assert_int_equal(r, 0);
}

static void load_badly(struct desk *desk, const char *said)
{
        int r = desk_load(desk);

        assert_string_equal(desk->said, said);
        assert_int_equal(r, -EINVAL);
        assert_null(desk->conf);
}

static void test_later_files_win(void **state)
{
        struct desk *desk = *state;

        desk_write(desk, "keyvigil.yaml",
                   "stripe: {rate: 1, concurrency: 11}\nchecks: {confirm: [1s, 2s, 3s]}\n");
        desk_write(desk, "keyvigil.yaml.d/20-b.yaml", "stripe: {rate: 3}\nchecks: {confirm: [9s]}\n");
        desk_write(desk, "keyvigil.yaml.d/10-a.yaml", "stripe: {rate: 2, timeout: 7s}\n");
        desk_write(desk, "keyvigil.yaml.d/30-c.yml", "stripe: {rate: 4}\n");
        desk_write(desk, "keyvigil.yaml.d/.40-d.yaml", "stripe: {rate: 5}\n");
        desk_write(desk, "keyvigil.yaml.d/50-e.yaml~", "stripe: {rate: 6}\n");
        load_well(desk);
        const struct settings *s = &desk->conf->settings;
        assert_int_equal(s->stripe.rate, 3);
        assert_int_equal(s->stripe.concurrency, 11);
        assert_int_equal(s->stripe.timeout, 7 * USEC_PER_SEC);
        assert_int_equal(s->checks.n_confirm, 1);
        assert_int_equal(s->checks.confirm[0], 9 * USEC_PER_SEC);
        assert_int_equal(s->checks.confirm[1], 0);
}

static void test_accepted(void **state)
{
        static const char *const texts[] = {
                "stripe: {api_base: 'https://[2001:db8::1]:8443'}\n",
                "stripe: {api_base: 'https://stripe.internal.example:65535'}\n",
                "stripe: {api_base: 'http://[::1]:1'}\n",
                "stripe: {api_base: 'http://localhost'}\n",
                "stripe: {api_base: 'http://127.255.0.9:8080'}\n",
                "stripe: {proxy: 'socks5h://proxy.example:1080', ca_file: /etc/ssl/our.pem}\n",
                "stripe: {proxy: ''}\n",
                "stripe: {api_version: 2025-09-30.clover, timeout: 5m, rate: 100000}\n",
                "checks: {pulse: 10s, full: 1m, excess: 365d, confirm: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 10m]}\n",
                "coupons: {cleanup: off}\nrotation: {due: 36500d}\nhistory: {keep: 1d}\n",
                "state_dir: \"/srv/k\\xEByvigil\"\n",
                "control: {socket: "
                "'/run/0123456789012345678901234567890123456789012345678901234567890123456789"
                "012345678901234567890123456789_'}\n",
                "? state_dir\n: /x\n",
                "stripe:\n  rate:\n    '7'\n...\n",
        };
        struct desk *desk = *state;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                desk_write(desk, "keyvigil.yaml", texts[i]);
                load_well(desk);
        }
        assert_int_equal(desk->conf->settings.stripe.rate, 7);
}

/* By file in the order of reading, then by place; a file that is no YAML does not hide the others. */
static void test_problems_of_all_files(void **state)
{
        struct desk *desk = *state;

        desk_write(desk, "keyvigil.yaml", "x: [\n");
        desk_write(desk, "keyvigil.yaml.d/1.yaml", "history: {keep: 1s}\nstate_dir: a\n");
        desk_write(desk, "keyvigil.yaml.d/2.yaml", "y: 1\n");
        desk_write(desk, "permissions.yaml", "version: x\n");
        load_badly(
                desk,
                "keyvigil.yaml:2:1: not valid YAML (did not find expected node content); look at the "
                "indentation, colons and quotes here and in the line above\n"
                "keyvigil.yaml.d/1.yaml:1:17: “keep”: “1s” is out of range; from 1d to 36500d is possible\n"
                "keyvigil.yaml.d/1.yaml:2:12: “state_dir” cannot be “a”: it must be absolute, that is "
                "start with a slash\n"
                "keyvigil.yaml.d/2.yaml:1:1: unknown setting “y”; take it out\n"
                "permissions.yaml:1:1: “permissions” is missing; add it\n"
                "permissions.yaml:1:10: “version” cannot be “x”: it must have the form YYYY-MM-DD.N\n");
}

static void test_missing_file(void **state)
{
        struct desk *desk = *state;

        desk_remove(desk, "keyvigil.yaml");
        load_badly(desk, "keyvigil.yaml: there is no such file; name one that is there\n");
}

static void test_directory_instead_of_file(void **state)
{
        struct desk *desk = *state;

        desk_write(desk, "keyvigil.yaml.d/x", "");
        desk_write(desk, "keyvigil.yaml.d/y.yaml", "");
        desk_remove(desk, "keyvigil.yaml");
        desk_write(desk, "keyvigil.yaml/x", "");
        load_badly(desk, "keyvigil.yaml: cannot be read (Is a directory)\n");
}

static void test_fifo_instead_of_file(void **state)
{
        struct desk *desk = *state;
        char path[128];

        snprintf(path, sizeof(path), "%s/permissions.yaml", desk->directory);
        assert_int_equal(mkfifo(path, 0600), 0);
        load_badly(desk, "permissions.yaml: not a regular file; put one here\n");
}

static void test_empty_files(void **state)
{
        struct desk *desk = *state;

        desk_write(desk, "keyvigil.yaml", "---\n# nothing\n");
        desk_write(desk, "keyvigil.yaml.d/1.yaml", "\xEF\xBB\xBF# nothing either\nstripe:\n");
        load_well(desk);
        desk_write(desk, "permissions.yaml", "\n");
        load_badly(desk, "permissions.yaml: the file is empty; fill it or take it away\n");
}

static void test_profile_of_the_same_name_wins(void **state)
{
        struct desk *desk = *state;
        size_t index;

        desk_write(desk, "profiles.d/selgeo.yaml",
                   "profile: selgeo\ntitle: Ours\nrequire: {Coupons: read, coupons: write}\nexcess: allow\n");
        desk_write(desk, "profiles.d/aaa.yaml",
                   "profile: aaa\ntitle: A\nmodes: [test]\nrequire: {Test clocks: write}\n");
        load_well(desk);
        const struct profiles *profiles = desk->conf->profiles;
        assert_int_equal(profiles->n, 8);
        assert_string_equal(profiles->list[0]->name, "aaa");
        assert_false(profiles->list[0]->live);
        assert_int_equal(profiles->list[0]->pulse, 0);
        assert_int_equal(profiles->list[0]->rotation_due, 0);
        assert_string_equal(profiles->list[0]->key_name, "");
        for (size_t i = 1; i < profiles->n; i++)
                assert_true(strcmp(profiles->list[i - 1]->name, profiles->list[i]->name) < 0);
        assert_int_equal(profiles_find(profiles, "selgeo", &index), 0);
        assert_string_equal(profiles->list[index]->title, "Ours");
        assert_int_equal(profiles->list[index]->n_required, 2); /* two lines of one permission */
        assert_int_equal(profile_requires(profiles->list[index], profiles->list[index]->required[0].row),
                         LEVEL_WRITE);
}

static void test_profiles_dir(void **state)
{
        struct desk *desk = *state;
        char text[256];

        snprintf(text, sizeof(text), "profiles_dir: %s/other\n", desk->directory);
        desk_write(desk, "keyvigil.yaml", text);
        desk_write(desk, "other/mine.yaml", "profile: mine\ntitle: M\nrequire: {}\n");
        desk_write(desk, "profiles.d/unread.yaml", "profile: unread\ntitle: U\nrequire: {}\n");
        load_well(desk);
        assert_int_equal(desk->conf->profiles->n, 8);
        assert_string_equal(desk->conf->profiles->list[6]->name, "selgeo");
        assert_string_equal(desk->conf->profiles->list[5]->name, "mine");
}

static const char small[] = "version: 2026-11-21.7\n"
                            "permissions:\n"
                            "  coupon:\n"
                            "    group: Billing\n"
                            "    labels: [Coupons]\n"
                            "    read:\n"
                            "      request: \"GET /v1/coupons?limit=1\"\n"
                            "      granted: [some_code]\n"
                            "      modes: [test]\n"
                            "    write:\n"
                            "      why_not: reasons\n"
                            "    risk: personal\n"
                            "    sure: inferred\n"
                            "    implied_by: [plan]\n"
                            "    implied_write: yes\n"
                            "  plan:\n"
                            "    group: Billing\n"
                            "    labels: [Prices]\n"
                            "    read: GET /v1/prices/{absent}\n"
                            "    risk: low\n"
                            "    sure: seen\n";

static void test_catalogue_beside_the_file_wins(void **state)
{
        struct desk *desk = *state;

        desk_write(desk, "permissions.yaml", small);
        setenv(CONF_DATADIR_VARIABLE, desk->directory, 1); /* and no built-in profiles */
        load_well(desk);
        const struct catalogue *catalogue = desk->conf->catalogue;
        const struct permission *coupon = &catalogue->rows[0];
        assert_string_equal(catalogue->version, "2026-11-21.7");
        assert_int_equal(catalogue->n, 2);
        assert_int_equal(desk->conf->profiles->n, 0);
        assert_string_equal(coupon->group, "Billing");
        assert_string_equal(coupon->read.path, "/v1/coupons?limit=1");
        assert_string_equal(coupon->read.granted_codes[0], "some_code");
        assert_true(coupon->read.mode_test && !coupon->read.mode_live);
        assert_null(coupon->write.path);
        assert_string_equal(coupon->write.why_not, "reasons");
        assert_int_equal(coupon->risk, RISK_PERSONAL);
        assert_true(!coupon->sure && coupon->implied_write);
        assert_int_equal(coupon->n_implied_by, 1);
        assert_int_equal(coupon->implied_by[0], 1);
        assert_string_equal(catalogue->rows[1].write.why_not, "there is no such level of this permission");
        assert_true(catalogue->rows[1].sure && !catalogue->rows[1].implied_write);
        assert_int_equal(catalogue->rows[1].slot, 1);
}

static void test_no_data(void **state)
{
        struct desk *desk = *state;

        setenv(CONF_DATADIR_VARIABLE, "/nonexistent", 1);
        load_badly(desk,
                   "/nonexistent/permissions.yaml: there is no such file; install keyvigil anew, or set "
                   "KEYVIGIL_DATADIR\n");
}

static void test_bytes(void **state)
{
        static const struct {
                const char *bytes;
                size_t size;
                const char *said;
        } cases[] = {
#define BYTES(text) text, sizeof(text) - 1
                { BYTES("state_dir: /a\0b\n"), "1:14: a NUL byte; the file must be plain UTF-8 text" },
                { BYTES("# ä\n# \xC3(\n"), "2:4: not UTF-8; save the file in that encoding" },
                { BYTES("# ä\n# ö\xFF"), "2:4: not UTF-8; save the file in that encoding" },
                { BYTES("\xEF\xBB\xBF# \xED\xA0\x80"), "1:3: not UTF-8; save the file in that encoding" },
                { BYTES("\xFF\xFEs\0t\0"), "1:1: not UTF-8; save the file in that encoding" },
                { BYTES("# \xE2\x82"), "1:3: not UTF-8; save the file in that encoding" },
                { BYTES("#\n#\n# \x1B[0m"), "3:3: the control character U+001B; take it out" },
#undef BYTES
        };
        struct desk *desk = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char said[256];

                desk_write_bytes(desk, "keyvigil.yaml", cases[i].bytes, cases[i].size);
                snprintf(said, sizeof(said), "keyvigil.yaml:%s\n", cases[i].said);
                load_badly(desk, said);
        }
}

/* `n` times `line`, in which %zu is the number of the line. */
static char *lines(const char *head, const char *before, const char *after, size_t n)
{
        size_t room = strlen(head) + n * (strlen(before) + strlen(after) + 32) + 1;
        char *text = malloc(room);

        assert_non_null(text);
        size_t used = (size_t) snprintf(text, room, "%s", head);
        for (size_t i = 0; i < n; i++)
                used += (size_t) snprintf(text + used, room - used, "%s%zu%s", before, i, after);
        return text;
}

static void test_many_rows(void **state)
{
        struct desk *desk = *state;
        _cleanup_free_ char *text = lines(
                "version: 2026-11-21.1\npermissions:\n", "  p",
                ": {group: G, labels: [L], read: 'GET /v1/x/{absent}', risk: low, sure: seen}\n", 10000);

        desk_write(desk, "permissions.yaml", text);
        load_badly(desk, "permissions.yaml:3:3: 10000 permissions; 1 to 160 are possible\n");
}

static void test_too_large(void **state)
{
        struct desk *desk = *state;
        _cleanup_free_ char *text =
                lines("", "# a rather long line of nothing but a comment, number ", "\n", 20000);

        desk_write(desk, "keyvigil.yaml", text);
        load_badly(desk, "keyvigil.yaml: larger than 1048576 bytes; split it\n");
}

static void test_too_many_values(void **state)
{
        struct desk *desk = *state;
        _cleanup_free_ char *text = lines("x:\n", "- ", "\n", 110000);

        desk_write(desk, "keyvigil.yaml", text);
        load_badly(desk,
                   "keyvigil.yaml:100000:3: more values than a configuration may have; split the file\n");
}

static void test_too_many_problems(void **state)
{
        struct desk *desk = *state;
        _cleanup_free_ char *text = lines("", "nonsense", ": 1\n", 5000);

        desk_write(desk, "keyvigil.yaml", text);
        assert_int_equal(desk_load(desk), -EINVAL);
        assert_non_null(strstr(desk->said, "keyvigil.yaml:100:1: unknown setting “nonsense99”; take it out\n"
                                           "and 4900 more\n"));
}

static void test_doubled_among_many(void **state)
{
        struct desk *desk = *state;
        _cleanup_free_ char *text = lines("", "n", ": 1\nsame: 2\n", 90);

        desk_write(desk, "keyvigil.yaml", text);
        assert_int_equal(desk_load(desk), -EINVAL);
        assert_non_null(strstr(
                desk->said,
                "keyvigil.yaml:4:1: “same” is there twice, first in line 2, column 1; keep one of them\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_later_files_win),
                TEST(test_accepted),
                TEST(test_problems_of_all_files),
                TEST(test_missing_file),
                TEST(test_directory_instead_of_file),
                TEST(test_fifo_instead_of_file),
                TEST(test_empty_files),
                TEST(test_profile_of_the_same_name_wins),
                TEST(test_profiles_dir),
                TEST(test_catalogue_beside_the_file_wins),
                TEST(test_no_data),
                TEST(test_bytes),
                TEST(test_many_rows),
                TEST(test_too_large),
                TEST(test_too_many_values),
                TEST(test_too_many_problems),
                TEST(test_doubled_among_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
