#include "stripe/redact.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/text.h"

static const char *const prefixes[] = { "sk_", "rk_", "rkcs_", "pk_", "ek_", "pss_", "whsec_" };
static const char *const modes[] = { "live_", "test_", "prod_", "org_" };

/* So much after "sk_live_" is a key even where another word is glued to its front; less of it if it begins
 * with a mask. */
#define GLUED_BODY_MIN 8

/* A bare run shorter than this is no body of a key: the oldest have 24 characters. */
#define BARE_BODY_MIN 20

#define REPLACEMENT "[key]"

static bool is_upper(char c)
{
        return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
        return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
        return is_upper(c) || is_lower(c) || is_digit(c);
}

/* Part of a key, of its mask, or a byte with which somebody could hope to split a key in two. */
static bool is_key_byte(char c)
{
        unsigned char byte = (unsigned char) c;

        return is_alnum(c) || c == '_' || c == '*' || c == '.' || c == '-' || c == '#' || byte >= 0x7f ||
               (byte < 0x20 && byte != '\0');
}

static size_t key_bytes(const char *text)
{
        size_t n = 0;

        while (is_key_byte(text[n]))
                n++;
        return n;
}

/* The length of the one of `list`, all in lower case, that `text` starts with in any case; 0 for none. Asked
 * at every byte of every answer, so most are let go by their first letter. */
static size_t starts_with_any(const char *text, const char *const *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if ((*text | ' ') == *list[i] && strncasecmp(text, list[i], strlen(list[i])) == 0)
                        return strlen(list[i]);
        return 0;
}

/* The bytes from `at` (somewhere in `text`) that are a key with its prefix; 0: none starts here. */
static size_t prefixed_key(const char *text, const char *at)
{
        size_t prefix = starts_with_any(at, prefixes, ELEMENTSOF(prefixes));

        if (prefix == 0)
                return 0;

        bool glued = at > text && is_alnum(at[-1]);
        size_t mode = glued ? starts_with_any(at + prefix, modes, ELEMENTSOF(modes)) : 0;
        if (glued && mode == 0 && prefix < strlen("rkcs_")) /* "task_", "book_" */
                return 0;
        size_t rest = key_bytes(at + prefix);
        size_t least = !glued ? 1 : mode + (is_alnum(at[prefix + mode]) ? GLUED_BODY_MIN : 1);
        return rest >= least ? prefix + rest : 0;
}

/* Does an object's id start at `at`, its prefix being right before? What follows a mode is no id. */
static bool is_object_id(const char *text, const char *at)
{
        if (at == text || at[-1] != '_')
                return false;
        return at - text < 5 || starts_with_any(at - 5, modes, 2) == 0;
}

/* The bytes from `at` that are the body of a key which lost its prefix; 0: none starts here. */
static size_t bare_key(const char *text, const char *at)
{
        bool upper = false, lower = false, digit = false;
        size_t n = 0;

        if ((at > text && is_alnum(at[-1])) || is_object_id(text, at))
                return 0;
        for (; is_alnum(at[n]); n++) {
                upper = upper || is_upper(at[n]);
                lower = lower || is_lower(at[n]);
                digit = digit || is_digit(at[n]);
        }
        return n >= BARE_BODY_MIN && upper && lower && digit ? n : 0;
}

void redact(const char *text, char *to, size_t size)
{
        size_t used = 0;

        if (size == 0)
                return;
        for (const char *at = text; *at != '\0';) {
                uint32_t c = 0;
                size_t key = prefixed_key(text, at);
                if (key == 0)
                        key = bare_key(text, at);
                size_t taken = key > 0 ? key : text_character(at, &c);
                bool verbatim = key == 0 && taken > 0 && text_is_printable(c);
                const char *put = verbatim ? at : key > 0 ? REPLACEMENT : "?";
                size_t n = verbatim ? taken : strlen(put);

                if (used + n >= size)
                        break;
                memcpy(to + used, put, n);
                used += n;
                at += MAX(taken, (size_t) 1);
        }
        to[used] = '\0';
}

bool looks_like_key(const char *text)
{
        for (const char *at = text; *at != '\0'; at++)
                if (prefixed_key(text, at) > 0)
                        return true;
        return false;
}
