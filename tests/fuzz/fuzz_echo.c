/* A key in an answer: whatever stands around and between, no eight characters of it are left as they are,
 * what is JSON stays JSON, and nothing beside it is touched. */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/echo.h"
#include "base/macros.h"
#include "base/text.h"
#include "fuzz.h"

#define BODY                                                                                                 \
        "1PqVk2LmZx8RtYwEvT3bN8qRzXc5LmW2kYp7HsJd4FgA9uEiO1rKxMjQhB6nVtCwZyUaGfPlSoIeDq3T8R5k2X7vL9mNb4Jc"
#define KEY "rk_live_Zq7" BODY

const struct seed fuzz_seeds[] = {
        SEED("{\"error\":{\"message\":\"No such '" KEY "'\"}}"),
        SEED("{\"a\":\"acct_PqVk2LmZx8RtYwEvT3bN8\",\"b\":[\"cJ4bNm9Lv7X2k5R8T3qDeI\",17]}"),
        SEED("{\"a\":\"\\u0031\\u0050\\u0071\\u0056\\u006b\\u0032\\u004c\\u006d\\u005a%78%38%"
             "2552tYwEvT3b\"}"),
        SEED("cmtfbGl2ZV9acTcxUHFWazJMbVp4OFJ0WXdFdlQzYk44cVJ6WGM1TG1XMmtZcDdIc0pkNEZnQTl1RWlPMXJL"),
        SEED("316a507156-6b324c6d5a3878-1PqV_k2Lm.Zx8R tYwE"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = { "rk_live_", "1PqVk2Lm", "mL2kVqP1", "\\u0031", "%31", "%2531", "\\",
                                   "Zx8RtYwE", "EwYtR8xZ", "-",        "acct_",   "%",   "\\u00" };
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

/* Within an escape a letter is none of the text. */
static bool is_escaped(const char *text, const char *at)
{
        for (size_t back = 1; back <= 6 && at - text >= (ptrdiff_t) back; back++)
                if (at[-(ptrdiff_t) back] == '%' || at[-(ptrdiff_t) back] == '\\')
                        return true;
        return false;
}

static void hold_no(const char *text, size_t size, const char piece[8])
{
        const char *at = memmem(text, size, piece, 8);

        HOLD(!at || is_escaped(text, at));
}

static void hold_gone(const char *text, size_t size)
{
        char piece[8], turned[8];

        for (size_t i = 0; i + 8 < sizeof(BODY); i++) {
                for (size_t k = 0; k < 8; k++)
                        turned[7 - k] = piece[k] = BODY[i + k];
                hold_no(text, size, piece);
                hold_no(text, size, turned);
        }
}

/* What was changed became '*'. */
static bool hold_rest(const char *before, const char *after, size_t size)
{
        bool changed = false;

        for (size_t i = 0; i < size; i++) {
                HOLD(after[i] == before[i] || after[i] == '*');
                changed = changed || after[i] != before[i];
        }
        return changed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *before = fuzz_text(data, size), *after = fuzz_text(data, size);
        struct echo echo;

        echo_init(&echo, KEY, strlen(KEY));
        bool found = echo_blank(&echo, after, size);
        HOLD(found || !hold_rest(before, after, size));
        (void) hold_rest(before, after, size);
        HOLD(after[size] == '\0');
        hold_gone(after, size);
        (void) echo_blank(&echo, after, size); /* what is left may form a run: it is not looked for again */
        echo_clear(&echo);
        free(text_scrub(before));
        free(after);
        return 0;
}
