/* Taking keys out of text that somebody else wrote. */
#ifndef STRIPE_REDACT_H
#define STRIPE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

/* Copy `text` (NUL-terminated) to `to` (at most `size` bytes with the NUL, never half a character), with
 * everything that looks like a key or a masked key replaced by "[key]", and control characters, characters
 * that turn the direction of writing, and invalid UTF-8 by "?".
 *
 * Key-like is (sk|rk|rkcs|pk|ek|pss|whsec)_… in any case at the start of a word, with its `*`, `.`, `…` and
 * whatever unprintable bytes are mixed in; the same in the midst of a word if it has a mode (sk_live_…) or a
 * prefix that ends no word (rkcs_, whsec_), and eight more characters or a mask; and a bare run of 20 or more
 * letters and digits that holds capitals, small letters and digits, unless a prefix that is not a key's
 * (acct_, mk_, req_ …) marks it as an object's id. */
void redact(const char *text, char *to, size_t size);

/* Does this hold something that looks like a key? For names, labels and reasons that people type: prefixed
 * forms only, since a bare run of letters and digits is a common way to name a customer. */
bool looks_like_key(const char *text);

#endif
