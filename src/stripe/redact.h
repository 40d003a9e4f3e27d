/* Taking keys out of text that somebody else wrote. */
#ifndef STRIPE_REDACT_H
#define STRIPE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

/* Copy `text` (NUL-terminated) to `to` (at most `size` bytes with the NUL), with everything that looks like a
 * key or a masked key – (sk|rk|rkcs|pk|ek|pss|whsec)_… with its `*`, `.` and `…` – replaced by "[key]", and
 * control bytes and invalid UTF-8 by "?". */
void redact(const char *text, char *to, size_t size);

/* Does this hold something that looks like a key? For names, labels and reasons that people type. */
bool looks_like_key(const char *text);

#endif
