/* Text that somebody else wrote: what may be stored, and how the rest is shown. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

/* Bytes, without the NUL. */
#define TEXT_NAME_MAX        64
#define TEXT_LABEL_NAME_MAX  48
#define TEXT_LABEL_VALUE_MAX 256
#define TEXT_REASON_MAX      500

/* The length of the valid UTF-8 sequence at `text` and its character; 0: not valid. A NUL is a character. */
size_t text_character(const char *text, uint32_t *ret);

/* No control, no line separator, no surrogate or noncharacter, and nothing of Unicode's format characters
 * (category Cf), which are not seen, or turn or hide what stands beside them. */
bool text_is_printable(uint32_t character);

/* May this be stored? 0, or -EINVAL with the reason for people in *ret_why (static, without any byte of the
 * text, e.g. "is longer than allowed"): more than `max` bytes, not UTF-8, a character that is not printable,
 * or part of `secret` (NULL: of none). Empty text is valid. */
int text_check(const char *text, size_t max, const struct secret *secret, const char **ret_why);

/* A label is named [a-z][a-z0-9_]{0,47}: its name becomes part of a field's in the journal. */
bool text_is_label_name(const char *name);

/* What cannot be printed becomes '?', in place; a line feed stays. Gives back `text`, which may be NULL. */
char *text_scrub(char *text);

/* `text`, cut to `size`, with printers' quotation marks and apostrophes (‘ ’ “ ”) as ' and ". */
void text_straighten(const char *text, char *to, size_t size);

/* Would text_scrub() leave it as it is? */
bool text_is_clean(const char *text);

#endif
