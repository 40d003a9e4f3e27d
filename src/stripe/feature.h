/* Answers that say that the account lacks a product: Issuing, Identity, Climate … Their wording was collected
 * from published answers and Stripe's own tools; it is matched by fragments, as Stripe's sync engine does. */
#ifndef STRIPE_FEATURE_H
#define STRIPE_FEATURE_H

#include <stdbool.h>

#include "stripe/catalogue.h"

/* The members of `error` that count; "" for what is absent; the message with straight apostrophes. Of an
 * answer with status 400, 403 or 404. */
struct fault {
        const char *type, *code, *message;
};

/* The account was looked at, so the key was accepted. */
bool feature_is_off(const struct fault *fault);

/* Routes of Treasury do not exist for accounts without it, or for nobody: only on rows `gated: treasury`.
 * What a dead key gets there is not known. */
bool feature_is_unrouted(const struct fault *fault, const struct probe *probe);

#endif
