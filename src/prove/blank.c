#include "prove/blank.h"

#include <stdbool.h>
#include <string.h>

#include "base/macros.h"

#define WORD_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define BLANK      "[id]"

/* Shorter than this, what follows the prefix is a part of a name: "v2_account_storer_read". */
#define ID_MIN 4

/* acct_1AbC, mk_1XyZ, keyvigil_absent_…: a prefix, and letters that no name has. Names are in small letters.
 */
static bool is_id(const char *word, size_t n)
{
        static const char *const always[] = { "acct_", "mk_", "req_", "keyvigil_absent_" };
        const char *last = memrchr(word, '_', n);
        size_t rest = last ? (size_t) (word + n - last - 1) : n;

        for (size_t i = 0; i < ELEMENTSOF(always); i++)
                if (n > strlen(always[i]) && strncmp(word, always[i], strlen(always[i])) == 0)
                        return true;
        for (size_t i = n - rest; rest >= ID_MIN && i < n; i++)
                if ((last && word[i] >= 'A' && word[i] <= 'Z') || (word[i] >= '0' && word[i] <= '9'))
                        return true;
        return false;
}

/* "2026" is no object's. */
static bool is_year(const char *at, size_t n)
{
        return n == 4 && strspn(at, "0123456789") == 4;
}

void blank(const char *text, char *to, size_t size)
{
        size_t used = 0;

        while (*text != '\0' && used + 1 < size) {
                size_t n = strspn(text, WORD_BYTES);
                bool id = n > 0 && !is_year(text, n) && is_id(text, n);
                const char *put = id ? BLANK : text;
                size_t length = id ? strlen(BLANK) : MAX(n, (size_t) 1);

                length = MIN(length, size - 1 - used);
                memcpy(to + used, put, length);
                used += length;
                text += MAX(n, (size_t) 1);
        }
        to[used] = '\0';
}
