#include "prove/blank.h"

#include <stdbool.h>
#include <string.h>

#include "base/macros.h"

#define WORD_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define BLANK      "[id]"

/* A shorter piece of a word is a part of a name, whatever it is made of: "v2_account_storer_read". */
#define PIECE_MIN 4

/* In small letters alone, what follows an object's prefix is an id from here on: "in_progress" is none. */
#define SMALL_ID_MIN 10

static bool has_any(const char *at, size_t n, const char *bytes)
{
        size_t without = strcspn(at, bytes);

        return without < n;
}

/* Between underscores, letters that no name has: names are in small letters. */
static bool has_odd_piece(const char *word, size_t n)
{
        bool joined = memchr(word, '_', n) != NULL;

        for (size_t at = 0; at < n;) {
                size_t piece = MIN(strcspn(word + at, "_"), n - at);

                if (piece >= PIECE_MIN &&
                    (has_any(word + at, piece, "0123456789") ||
                     (joined && has_any(word + at, piece, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))))
                        return true;
                at += piece + 1;
        }
        return false;
}

/* acct_1AbC, mk_1XyZ, keyvigil_absent_…, and what any other object is called, if it is long or of a mode. */
static bool is_prefixed(const char *word, size_t n)
{
        static const char *const always[] = { "acct_", "mk_", "req_", "keyvigil_absent_" };
        static const char *const objects[] = {
                "ba_",    "cn_",  "ch_", "cs_",  "cus_", "dp_",    "du_",   "evt_", "fee_",   "ic_",
                "ich_",   "ii_",  "il_", "in_",  "pi_",  "plink_", "pm_",   "po_",  "price_", "prod_",
                "promo_", "prv_", "py_", "pyr_", "qt_",  "re_",    "seti_", "si_",  "src_",   "sub_",
                "tok_",   "tr_",  "tu_", "txn_", "txr_", "vs_",    "we_",
        };

        for (size_t i = 0; i < ELEMENTSOF(always); i++)
                if (n > strlen(always[i]) && strncmp(word, always[i], strlen(always[i])) == 0)
                        return true;
        for (size_t i = 0; i < ELEMENTSOF(objects); i++) {
                const char *rest = word + strlen(objects[i]);

                if (n > strlen(objects[i]) && strncmp(word, objects[i], strlen(objects[i])) == 0 &&
                    (strncmp(rest, "test_", 5) == 0 || strncmp(rest, "live_", 5) == 0 ||
                     MIN(strcspn(rest, "_"), (size_t) (word + n - rest)) >= SMALL_ID_MIN))
                        return true;
        }
        return false;
}

/* "2026" is no object's. */
static bool is_year(const char *at, size_t n)
{
        return n == 4 && strspn(at, "0123456789") == 4;
}

static bool is_id(const char *word, size_t n, bool masked)
{
        return n > 0 && (masked || is_prefixed(word, n) || (!is_year(word, n) && has_odd_piece(word, n)));
}

void blank(const char *text, char *to, size_t size)
{
        size_t used = 0;
        char before = ' ';

        while (*text != '\0' && used + 1 < size) {
                size_t n = strspn(text, WORD_BYTES);
                bool id = is_id(text, n, before == '*'); /* what a mask leaves to be seen */
                const char *put = id ? BLANK : text;
                size_t length = id ? strlen(BLANK) : MAX(n, (size_t) 1);

                length = MIN(length, size - 1 - used);
                memcpy(to + used, put, length);
                used += length;
                before = *text;
                text += MAX(n, (size_t) 1);
        }
        to[used] = '\0';
}
