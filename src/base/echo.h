/* Blanking a key in the answer to the request that carried it, before anybody reads that answer. */
#ifndef BASE_ECHO_H
#define BASE_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECHO_SLOTS 1024

/* Eight characters in a row that give the key away. */
struct echo_gram {
        uint64_t text;
        uint16_t newest; /* index in the key of the last of them */
        uint8_t kind;
};

/* What to look for. Holds pieces of the key: echo_clear() it. */
struct echo {
        struct echo_gram grams[ECHO_SLOTS];
        size_t used;
        size_t prefix; /* so many letters and digits in front of the body: rk_live_ has six */
        size_t open;   /* a run that ends before this index is let be */
};

/* `key` has the shape PREFIX_MODE_BODY; of another shape, all of it is body. Nothing is allocated. */
void echo_init(struct echo *ret, const char *key, size_t size);

/* Replace each byte of every run of eight or more letters and digits of the key by '*'; the prefix stays. A
 * run is found forwards and backwards, in capitals or not, through JSON's \u and percent escapes (once or
 * twice), and whatever stands between its characters; and all of a run of base64 or hexadecimal digits that
 * encodes the key. JSON stays JSON.
 *
 * A modern body, 99 characters that begin with 51, seems to go on with the 16 characters of the account's id
 * (source: samples). A run that lies wholly within these 18 is none, so that the account can be learned.
 *
 * Was there anything? */
bool echo_blank(const struct echo *echo, char *bytes, size_t size);

/* Wipe. */
void echo_clear(struct echo *echo);

#endif
