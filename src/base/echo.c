#include "base/echo.h"

#include <string.h>

#include "base/macros.h"

#define GRAM 8 /* characters; they fill one uint64_t */

/* Longer than any key; what is longer is searched for by its beginning. */
#define KEY_MAX 256

#define MODERN_BODY 99
#define MODERN_OPEN 18 /* 51 and what seems to be the account's own id */

enum kind {
        FORWARDS,
        BACKWARDS,
        ENCODED,
};

/* --- what to look for */

static bool is_word(char c)
{
        return (unsigned char) (c - '0') < 10 || (unsigned char) ((c | ' ') - 'a') < 26;
}

/* Capitals as small letters; of no other letters and digits the bit says anything. */
static uint64_t push(uint64_t window, char c)
{
        return window << 8 | (unsigned char) (c | ' ');
}

static size_t slot_of(uint64_t text)
{
        return (size_t) (text * UINT64_C(0x9e3779b97f4a7c15) >> 54) % ECHO_SLOTS;
}

static const struct echo_gram *find(const struct echo *echo, uint64_t text)
{
        size_t slot = slot_of(text);

        while (echo->grams[slot].text != 0) {
                if (echo->grams[slot].text == text)
                        return &echo->grams[slot];
                slot = (slot + 1) % ECHO_SLOTS;
        }
        return NULL;
}

/* The first one of a text stays. */
static void insert(struct echo *echo, uint64_t text, size_t newest, enum kind kind)
{
        size_t slot = slot_of(text);

        while (echo->grams[slot].text != 0 && echo->grams[slot].text != text)
                slot = (slot + 1) % ECHO_SLOTS;
        if (echo->grams[slot].text == text || echo->used > ECHO_SLOTS * 3 / 4)
                return;
        echo->grams[slot] = (struct echo_gram){ text, (uint16_t) newest, (uint8_t) kind };
        echo->used++;
}

static void insert_run(struct echo *echo, const char *word, size_t from, size_t to, enum kind kind)
{
        uint64_t window = 0;

        for (size_t i = from; i < to; i++) {
                window = push(window, word[kind == FORWARDS ? i : to - 1 - (i - from)]);
                if (i - from + 1 >= GRAM)
                        insert(echo, window, kind == FORWARDS ? i : to - 1 - (i - from), kind);
        }
}

/* Every eighth run of it will do: it is looked for as a whole. */
static void insert_encoded(struct echo *echo, const char *word, size_t size)
{
        uint64_t window = 0;

        for (size_t i = 0; i < size; i++) {
                window = push(window, word[i]);
                if (i % GRAM == GRAM - 1)
                        insert(echo, window, 0, ENCODED);
        }
}

/* The key in base64 where `shift` bytes stand in front of it, without the characters that hold a part of
 * those, and of what follows. Letters, digits and _ have no + and no / there. */
static void insert_base64(struct echo *echo, const char *key, size_t size, size_t shift)
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        char word[KEY_MAX * 4 / 3 + 4];
        size_t n = 0;

        for (size_t bit = (shift * 8 + 5) / 6 * 6 - shift * 8; bit + 6 <= size * 8; bit += 6) {
                unsigned pair = (unsigned) (unsigned char) key[bit / 8] << 8;

                if (bit / 8 + 1 < size)
                        pair |= (unsigned char) key[bit / 8 + 1];
                word[n++] = digits[pair >> (10 - bit % 8) & 63];
        }
        insert_encoded(echo, word, n);
        explicit_bzero(word, sizeof(word));
}

static void insert_hex(struct echo *echo, const char *key, size_t size)
{
        char word[2 * KEY_MAX];

        for (size_t i = 0; i < 2 * size; i++)
                word[i] = "0123456789abcdef"[(unsigned char) key[i / 2] >> (i % 2 ? 0 : 4) & 15];
        insert_encoded(echo, word, 2 * size);
        explicit_bzero(word, sizeof(word));
}

void echo_init(struct echo *ret, const char *key, size_t size)
{
        const char *last = memrchr(key, '_', size);
        size_t prefix = last ? (size_t) (last + 1 - key) : 0, n = 0;
        char word[KEY_MAX];

        memset(ret, 0, sizeof(*ret));
        size = MIN(size, sizeof(word));
        for (size_t i = 0; i < size; i++)
                if (is_word(key[i])) {
                        ret->prefix += i < prefix;
                        word[n++] = key[i];
                }
        if (size == prefix + MODERN_BODY && memcmp(key + prefix, "51", 2) == 0)
                ret->open = ret->prefix + MODERN_OPEN;
        for (int kind = FORWARDS; kind <= BACKWARDS; kind++)
                insert_run(ret, word, 0, ret->open, (enum kind) kind);
        for (int kind = FORWARDS; kind <= BACKWARDS; kind++)
                insert_run(ret, word, 0, n, (enum kind) kind);
        for (size_t shift = 0; shift < 3; shift++)
                insert_base64(ret, key, size, shift);
        insert_hex(ret, key, size);
        explicit_bzero(word, sizeof(word));
}

void echo_clear(struct echo *echo)
{
        explicit_bzero(echo, sizeof(*echo));
}

/* --- reading through escapes */

struct text {
        char *bytes;
        size_t size;
};

static int hex_digit(char c)
{
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
}

/* The character at *pos, which is moved behind it; escapes of JSON are resolved. Not at the end. */
static char read_json(const struct text *text, size_t *pos)
{
        const char *at = text->bytes + *pos;
        size_t left = text->size - *pos;
        int high, low;

        if (*at != '\\' || left < 2 || !strchr("\"\\/bfnrtu", at[1])) {
                ++*pos;
                return *at;
        }
        if (at[1] != 'u' || left < 6 || at[2] != '0' || at[3] != '0' || (high = hex_digit(at[4])) < 0 ||
            (low = hex_digit(at[5])) < 0) {
                *pos += 2;
                return '\0'; /* \n, \": between words, as what is beyond ASCII */
        }
        *pos += 6;
        return (char) (high << 4 | low);
}

/* The same, percent escapes resolved `depth` times. */
static char read_text(const struct text *text, unsigned depth, size_t *pos)
{
        char c = depth == 0 ? read_json(text, pos) : read_text(text, depth - 1, pos);
        size_t ahead = *pos;
        int high, low;

        if (c != '%' || depth == 0 || ahead >= text->size)
                return c;
        high = hex_digit(read_text(text, depth - 1, &ahead));
        if (high < 0 || ahead >= text->size)
                return c;
        low = hex_digit(read_text(text, depth - 1, &ahead));
        if (low < 0)
                return c;
        *pos = ahead;
        return (char) (high << 4 | low);
}

/* --- the search */

/* As many characters as may have to be blanked when a run turns out to go beyond what is let be. */
#define SEEN 32

_Static_assert(SEEN >= sizeof("rklive") + MODERN_OPEN, "a run that is let be can be remembered whole");

struct search {
        const struct echo *echo;
        struct text text;
        uint64_t window;
        size_t n; /* letters and digits so far */
        struct {
                size_t from, to; /* the bytes of the text that each of the last ones is */
        } seen[SEEN];

        /* The run that the last character belonged to. */
        enum kind kind;
        size_t last, newest, length;
        bool blanked, found;
};

/* The last `n` characters, the very last being `newest` of the key. */
static void blank_last(struct search *search, size_t n)
{
        for (size_t k = 0; k < n; k++) {
                size_t at = (search->n - 1 - k) % SEEN;
                size_t index = search->kind == FORWARDS ? search->newest - k : search->newest + k;

                if (index >= search->echo->prefix)
                        memset(search->text.bytes + search->seen[at].from, '*',
                               search->seen[at].to - search->seen[at].from);
        }
        search->found = true;
}

static bool is_encoded_byte(char c)
{
        return is_word(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_' || c == '%';
}

static void blank_encoded(struct search *search)
{
        char *bytes = search->text.bytes;
        size_t from = search->seen[(search->n - GRAM) % SEEN].from;
        size_t to = search->seen[(search->n - 1) % SEEN].to;

        while (from > 0 && is_encoded_byte(bytes[from - 1]))
                from--;
        while (to < search->text.size && is_encoded_byte(bytes[to]))
                to++;
        memset(bytes + from, '*', to - from);
        search->found = true;
}

static void follow_run(struct search *search, const struct echo_gram *gram)
{
        size_t step = gram->kind == FORWARDS ? 1 : (size_t) -1;
        size_t end = gram->kind == FORWARDS ? gram->newest + (size_t) 1 : gram->newest + (size_t) GRAM;
        bool goes_on = search->length > 0 && search->kind == gram->kind && search->last + 1 == search->n &&
                       search->newest + step == gram->newest;
        bool known = goes_on && search->blanked;

        search->length = goes_on ? MIN(search->length + 1, (size_t) SEEN) : GRAM;
        search->kind = gram->kind;
        search->newest = gram->newest;
        search->last = search->n;
        search->blanked = known || end > search->echo->open;
        if (search->blanked)
                blank_last(search, known ? 1 : search->length);
}

/* For most answers this is most of the work: all but the last test goes on without a jump. */
static inline void take(struct search *search, char c, size_t from, size_t to)
{
        bool word = is_word(c);
        const struct echo_gram *gram;

        search->window = word ? push(search->window, c) : search->window;
        search->seen[search->n % SEEN].from = from;
        search->seen[search->n % SEEN].to = to;
        search->n += word;
        gram = find(search->echo, search->window);
        if (!gram || !word)
                return;
        if (gram->kind == ENCODED)
                blank_encoded(search);
        else
                follow_run(search, gram);
}

bool echo_blank(const struct echo *echo, char *bytes, size_t size)
{
        struct search search = { .echo = echo, .text = { bytes, size } };

        for (size_t pos = 0; pos < size;) {
                size_t from = pos;
                char c = bytes[pos];

                if (c == '\\' || c == '%')
                        c = read_text(&search.text, 2, &pos);
                else
                        pos++;
                take(&search, c, from, pos);
        }
        explicit_bzero(&search.window, sizeof(search.window));
        return search.found;
}
