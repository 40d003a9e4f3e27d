/* What the text of a 403 gives away about the key. Hints for people: the names in these texts were seen to
 * be wrong for several endpoints, so nothing is decided by them. */
#ifndef STRIPE_MESSAGE_H
#define STRIPE_MESSAGE_H

#include <stdbool.h>

/* "" for what the text does not say, says in another form than known, or says at greater length than fits.
 * Never holds key-like text. */
struct hints {
        char account[40];     /* acct_…, the account of the key */
        char key_object[64];  /* mk_…, out of the link to the page that edits the key */
        char permission[160]; /* "coupon_write": without rak_; several with blanks between */
        char label[80];       /* "Coupons Write": as the Dashboard calls it */
};

/* Two forms are in use: the current one (Enabling "LABEL" ('NAME') permissions …, and a link), and one of
 * 2019 to 2025 that was still seen in 2026 (Having the 'rak_NAME' permission …, or 'rak_NAME', 'rak_OTHER'
 * permissions). */
void message_hints(const char *message, struct hints *ret);

/* Does the text say that the key lacks a permission? In all the wordings seen since 2017. */
bool message_says_permission(const char *message);

/* Does it say that the key may not be used from our address? "Access policies" is what the feature is called
 * now. */
bool message_says_address(const char *message);

/* Does it ask for fewer requests ("creating accounts too quickly. You should limit your requests …")? That
 * comes as a 400 without code. */
bool message_says_slower(const char *message);

#endif
