#include "base/text.h"

#include <errno.h>
#include <string.h>

#include "base/macros.h"

/* So many consecutive characters of a key's body are part of a key. */
#define PART 12

#define MODERN_BODY 99
#define MODERN_OPEN 18

size_t text_character(const char *text, uint32_t *ret)
{
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        unsigned char first = (unsigned char) text[0];
        size_t n = first < 0x80   ? 1
                   : first < 0xc0 ? 0
                   : first < 0xe0 ? 2
                   : first < 0xf0 ? 3
                   : first < 0xf8 ? 4
                                  : 0;
        uint32_t c = n <= 1 ? first : first & (0xffu >> (n + 1));

        for (size_t i = 1; i < n; i++) {
                unsigned char byte = (unsigned char) text[i]; /* a NUL ends the loop: it is no continuation */
                if ((byte & 0xc0) != 0x80)
                        return 0;
                c = c << 6 | (byte & 0x3f);
        }
        if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 0;
        *ret = c;
        return n;
}

/* Categories Cc, Cf, Zl, Zp and Cn's noncharacters of Unicode 15; ordered. */
static const struct {
        uint32_t first, last;
} unprintable[] = {
        { 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },   { 0x0600, 0x0605 },
        { 0x061c, 0x061c },   { 0x06dd, 0x06dd },   { 0x070f, 0x070f },   { 0x0890, 0x0891 },
        { 0x08e2, 0x08e2 },   { 0x180e, 0x180e },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
        { 0x2060, 0x206f },   { 0xd800, 0xdfff },   { 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },
        { 0xfff0, 0xfffb },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
        { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

bool text_is_printable(uint32_t character)
{
        if (character > 0x10ffff || (character & 0xfffe) == 0xfffe)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(unprintable) && unprintable[i].first <= character; i++)
                if (character <= unprintable[i].last)
                        return false;
        return true;
}

/* The bytes at `text` that can be shown as they are; 0: none. */
static size_t printable(const char *text)
{
        uint32_t character;
        size_t n = text_character(text, &character);

        return n > 0 && text_is_printable(character) ? n : 0;
}

static bool holds_part(const char *text, const char *body, size_t from, size_t to, size_t least)
{
        for (size_t i = from; i + least <= to; i++)
                if (memmem(text, strlen(text), body + i, least))
                        return true;
        return false;
}

/* Does the text hold 12 or more consecutive characters of the secret's body? The first 18 of a modern body
 * (99 characters that begin with 51) seem to be the account's, and count only with what follows them. */
static bool text_holds_secret(const char *text, const struct secret *secret)
{
        const char *last = memrchr(secret->bytes, '_', secret->size);
        const char *body = last ? last + 1 : secret->bytes;
        size_t size = secret->size - (size_t) (body - secret->bytes);
        bool modern = size == MODERN_BODY && memcmp(body, "51", 2) == 0;

        return size > 0 &&
               holds_part(text, body, modern ? MODERN_OPEN - PART + 1 : 0, size, MIN(size, (size_t) PART));
}

int text_check(const char *text, size_t max, const struct secret *secret, const char **ret_why)
{
        const char *wrong = NULL;

        if (strlen(text) > max)
                wrong = "is longer than allowed";
        for (const char *at = text; *at != '\0' && !wrong;) {
                uint32_t character;
                size_t n = text_character(at, &character);

                if (n == 0)
                        wrong = "is not UTF-8";
                else if (!text_is_printable(character))
                        wrong = "holds a control or format character, which nobody would see";
                at += n;
        }
        if (!wrong && secret && text_holds_secret(text, secret))
                wrong = "holds part of the key itself";
        if (!wrong)
                return 0;
        *ret_why = wrong;
        return -EINVAL;
}

bool text_is_label_name(const char *name)
{
        static const char small[] = "abcdefghijklmnopqrstuvwxyz",
                          rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
        size_t n = strlen(name);

        return n >= 1 && n <= TEXT_LABEL_NAME_MAX && strchr(small, name[0]) && strspn(name, rest) == n;
}

char *text_scrub(char *text)
{
        char *to = text;

        for (const char *at = text; at && *at != '\0';) {
                size_t n = *at == '\n' ? 1 : printable(at);
                uint32_t character;

                if (n > 0) {
                        memmove(to, at, n);
                        to += n;
                        at += n;
                } else {
                        at += MAX(text_character(at, &character), (size_t) 1);
                        *to++ = '?';
                }
        }
        if (to)
                *to = '\0';
        return text;
}

bool text_is_clean(const char *text)
{
        while (*text != '\0') {
                size_t n = *text == '\n' ? 1 : printable(text);

                if (n == 0)
                        return false;
                text += n;
        }
        return true;
}

void text_straighten(const char *text, char *to, size_t size)
{
        size_t used = 0;

        for (; *text != '\0' && used + 1 < size; text++) {
                int pair = strncmp(text, "\xe2\x80", 2) == 0 ? text[2] & 0xfe
                                                             : 0; /* the left or the right one */

                to[used++] = pair == 0x98 ? '\'' : pair == 0x9c ? '"' : *text;
                text += pair == 0x98 || pair == 0x9c ? 2 : 0;
        }
        to[used] = '\0';
}
