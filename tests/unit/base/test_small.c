/* Secrets, hashes, log lines, the names of transport errors. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/secret.h"
#include "base/transport.h"

static void secrets(void **state)
{
        static const char zeros[17];
        _cleanup_(secret_freep) struct secret *blank = secret_new(16);
        _cleanup_(secret_freep) struct secret *copy = secret_copy("ab\0cd", 5);
        _cleanup_(secret_freep) struct secret *empty = secret_copy("", 0);

        (void) state;
        assert_non_null(blank);
        assert_int_equal(blank->size, 16);
        assert_memory_equal(blank->bytes, zeros, 17); /* the NUL behind it too */
        assert_non_null(copy);
        assert_int_equal(copy->size, 5);
        assert_memory_equal(copy->bytes, "ab\0cd", 6);
        assert_non_null(empty);
        assert_int_equal(empty->size, 0);
        assert_int_equal(empty->bytes[0], '\0');
        assert_null(secret_free(NULL));
}

/* Every key's place in the schedule follows from these: changing them moves all keys at once. */
static void hashes_stay(void **state)
{
        (void) state;
        assert_true(hash_text("") == UINT64_C(0xefd01f60ba992926));
        assert_true(hash_text("a") == UINT64_C(0x82a2a958a9bece5b));
        assert_true(hash_text("acme-prod") == UINT64_C(0x71948ad75079db7b));
        assert_true(hash_text("\xc3\xbc") != hash_text("\xc3"));
}

static void hashes_spread(void **state)
{
        unsigned low[256] = { 0 }, high[256] = { 0 };
        const unsigned n = 256 * 400;

        (void) state;
        for (unsigned i = 0; i < n; i++) {
                char name[32];

                snprintf(name, sizeof(name), "merchant-%06u", i);
                low[hash_text(name) & 0xff]++;
                high[hash_text(name) >> 56]++;
        }
        for (unsigned i = 0; i < 256; i++) { /* 400 expected; +-25 % is five standard deviations */
                assert_in_range(low[i], 300, 500);
                assert_in_range(high[i], 300, 500);
        }
}

/* What log_full() writes to standard error. */
static int logged(int level, int error, const char *text, char *ret, size_t size)
{
        int ends[2], saved = dup(STDERR_FILENO);

        assert_true(saved >= 0);
        assert_int_equal(pipe(ends), 0);
        assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
        int r = log_full(level, error, "%s: %m", text);
        assert_true(dup2(saved, STDERR_FILENO) >= 0);
        close(saved);
        close(ends[1]);
        ssize_t n = read(ends[0], ret, size - 1);
        close(ends[0]);
        assert_true(n >= 0);
        ret[n] = '\0';
        return r;
}

static void log_lines(void **state)
{
        char line[256];

        (void) state;
        assert_int_equal(logged(LOG_ERR, -ENOENT, "x", line, sizeof(line)), -ENOENT);
        assert_string_equal(line, "<3>x: No such file or directory\n");
        assert_int_equal(logged(LOG_WARNING, ENOENT, "x", line, sizeof(line)), -ENOENT);
        assert_string_equal(line, "<4>x: No such file or directory\n");
        assert_int_equal(logged(LOG_DEBUG, -EIO, "x", line, sizeof(line)), -EIO); /* not said, yet returned */
        assert_string_equal(line, "");
        log_set_level(LOG_DEBUG);
        assert_int_equal(logged(LOG_DEBUG, 0, "x", line, sizeof(line)), 0);
        assert_string_equal(line, "<7>x: Success\n");
        log_set_level(LOG_ERR);
        logged(LOG_WARNING, 0, "x", line, sizeof(line));
        assert_string_equal(line, "");
        log_set_level(LOG_INFO);
}

static void transport_errors_have_texts(void **state)
{
        (void) state;
        assert_string_equal(transport_error_text(TRANSPORT_RESOLVE), "name lookup failed");
        for (int i = 0; i < _TRANSPORT_ERROR_MAX; i++)
                assert_true(transport_error_text((enum transport_error) i)[0] != '\0');
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(secrets),
                cmocka_unit_test(hashes_stay),
                cmocka_unit_test(hashes_spread),
                cmocka_unit_test(log_lines),
                cmocka_unit_test(transport_errors_have_texts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
