/* What a key was seen to be allowed, one place ("slot") per permission. The store gives every permission of
 * the catalogue a slot for life, so the text of one key stays readable when the catalogue grows. */
#ifndef MODEL_GRANTS_H
#define MODEL_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most permissions a catalogue may ever have had. */
#define SLOTS_MAX 160

enum level {
        LEVEL_NONE,
        LEVEL_READ,
        LEVEL_WRITE, /* includes read */
};

/* "none", "read", "write". */
const char *level_name(enum level level);

/* -EINVAL: no such level. */

/* What is known of one permission. The letters are those of the store's text. */
#define GRANTS(X)                                                                                            \
        X(UNKNOWN, '?')     /* never asked */                                                                \
        X(NONE, '-')        /* read was refused, so write is too */                                          \
        X(NOT_WRITE, 'x')   /* write was refused, read never asked */                                        \
        X(READ, 'r')        /* read granted, write refused */                                                \
        X(READ_ONWARD, 'R') /* read granted, write never asked */                                            \
        X(WRITE, 'w')                                                                                        \
        X(OFF, 'o') /* asked, but the account lacks the product: nothing is known */

enum grant {
#define X(name, letter) GRANT_##name,
        GRANTS(X)
#undef X
                _GRANT_MAX
};

/* Is `level` (not NONE) granted? 1 yes, 0 no, -1 not known. */
int grant_has(enum grant grant, enum level level);

/* What is known after `level` was seen granted or refused. A later answer is believed over an earlier one. */
enum grant grant_seen(enum grant before, enum level level, bool granted);

/* The highest level known to be granted. */
enum level grant_level(enum grant grant);

/* Four bits a slot: 80 bytes a key. Zeroed memory is "all unknown". */
struct grants {
        uint8_t nibbles[SLOTS_MAX / 2];
};

enum grant grants_get(const struct grants *grants, unsigned slot);
void grants_put(struct grants *grants, unsigned slot, enum grant grant);

/* The text form, `n` letters and a NUL; n <= SLOTS_MAX. */
void grants_format(const struct grants *grants, size_t n, char text[static SLOTS_MAX + 1]);

/* Letters beyond SLOTS_MAX and letters that are none of ours are unknown: this text comes from a file. */
void grants_parse(const char *text, struct grants *ret);

#endif
