#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

/* So many allocations until one is denied; 0: none is. */
static int denied_in;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static int is_denied(void)
{
        return denied_in > 0 && --denied_in == 0;
}

void *malloc(size_t size)
{
        return is_denied() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
        return is_denied() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
        return is_denied() ? NULL : __libc_realloc(memory, size);
}

#define PIECES 3000

static int write_text(char **ret, size_t *ret_size)
{
        FILE *to = memory_stream(ret, ret_size);

        if (!to)
                return -1;
        for (int i = 0; i < PIECES; i++)
                fprintf(to, "%04d ", i);
        return fclose(to);
}

static void a_text_is_whole(void **state)
{
        char *text, piece[8];
        size_t size;

        (void) state;
        assert_int_equal(write_text(&text, &size), 0);
        assert_int_equal(size, PIECES * 5);
        assert_int_equal(strlen(text), size);
        for (int i = 0; i < PIECES; i++) {
                snprintf(piece, sizeof(piece), "%04d ", i);
                assert_memory_equal(text + (size_t) i * 5, piece, 5);
        }
        free(text);
}

static void nothing_is_a_text_too(void **state)
{
        char *text;
        size_t size;
        FILE *to = memory_stream(&text, &size);

        (void) state;
        assert_int_equal(ftell(to), 0);
        fputc('a', to);
        assert_int_equal(ftell(to), 1);
        assert_int_equal(fclose(to), 0);
        assert_string_equal(text, "a");
        free(text);
        to = memory_stream(&text, &size);
        assert_int_equal(fclose(to), 0);
        assert_string_equal(text, "");
        assert_int_equal(size, 0);
        free(text);
}

/* Whichever allocation is denied: a whole text, or none and an error. */
static void without_memory_there_is_no_half_of_it(void **state)
{
        int failed = 0, whole = 0;

        (void) state;
        for (int n = 1; whole < 3; n++) {
                char *text = NULL;
                size_t size = 0;

                denied_in = n;
                int r = write_text(&text, &size);
                bool denied = denied_in == 0;
                denied_in = 0;
                if (r == 0)
                        assert_int_equal(strlen(text), PIECES * 5);
                else
                        assert_null(text);
                failed += r != 0;
                whole += r == 0 && !denied;
                free(text);
        }
        assert_true(failed >= 3); /* of ours; the buffer of stdio is a matter of its own */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_text_is_whole),
                cmocka_unit_test(nothing_is_a_text_too),
                cmocka_unit_test(without_memory_there_is_no_half_of_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
