#include "stripe/keyshape.h"

#include <errno.h>
#include <string.h>

#include "base/macros.h"
#include "stripe/redact.h"

#define BODY_MIN 10
#define BODY_MAX 247

/* The two lengths that were ever seen; the length is documented nowhere, so another one is no fault. */
#define BODY_OLD    24
#define BODY_MODERN 99

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* What people paste by mistake, and what to tell them. */
static const struct {
        const char *prefix, *why;
} strangers[] = {
        { "pk_", "this is a publishable key, which can do nothing secret; a restricted key starts with rk_" },
        { "whsec_", "this is a webhook signing secret, which is never sent to Stripe and cannot be watched" },
        { "sk_org_",
          "this is an organization key, which acts on many accounts; make a restricted key instead" },
        { "rkcs_", "this is the key of a claimable sandbox, which expires by itself" },
        { "ek_", "this is an ephemeral key, which expires by itself within the hour" },
        { "pss_", "this is a session key of Terminal, which expires by itself" },
        { "mk_", "this is the id of a key, not the key" },
        { "acct_", "this is the id of an account, not a key" },
};

static bool starts_with(const struct secret *secret, const char *prefix)
{
        size_t n = strlen(prefix);

        return secret->size >= n && memcmp(secret->bytes, prefix, n) == 0;
}

static bool holds_byte(const struct secret *secret, char byte)
{
        return memchr(secret->bytes, byte, secret->size) != NULL;
}

/* Secrets are strings by their size: one with a NUL inside is cut by strspn() and so seen as foreign. */
static bool only_of(const char *bytes, size_t size, const char *accept)
{
        return strspn(bytes, accept) == size;
}

/* What is wrong with the bytes, whatever kind of key they are meant to be; NULL: nothing. */
static const char *bytes_fault(const struct secret *secret)
{
        if (secret->size == 0)
                return "nothing was given";
        for (size_t i = 0; i < ELEMENTSOF(strangers); i++)
                if (starts_with(secret, strangers[i].prefix))
                        return strangers[i].why;
        if (holds_byte(secret, '*') || holds_byte(secret, '.'))
                return "this is a masked key, as lists and messages show it; the whole key is needed";
        if (!only_of(secret->bytes, secret->size, LETTERS_DIGITS "_"))
                return "it holds a byte that no key has: only letters, digits and _ are valid (no blank, "
                       "quote or "
                       "second line)";
        if (!starts_with(secret, "rk_") && !starts_with(secret, "sk_"))
                return "it is no key of Stripe's: a restricted key starts with rk_live_ or rk_test_";
        return NULL;
}

static const char *body_fault(const char *body, size_t size)
{
        if (!only_of(body, size, LETTERS_DIGITS))
                return "it has a _ too many: letters and digits only are valid after the mode";
        if (size < BODY_MIN)
                return "it is too short to be a key: part of it was lost";
        if (size > BODY_MAX)
                return "it is too long to be a key: perhaps it was pasted twice";
        return NULL;
}

int keyshape_parse(const struct secret *secret, enum key_kind *ret_kind, enum key_mode *ret_mode,
                   bool *ret_odd_length, const char **ret_why)
{
        const size_t prefix = strlen("rk_live_");
        const char *why = bytes_fault(secret);
        bool live = false;

        if (!why) {
                live = starts_with(secret, "rk_live_") || starts_with(secret, "sk_live_");
                if (!live && !starts_with(secret, "rk_test_") && !starts_with(secret, "sk_test_"))
                        why = "its mode is missing: live or test must follow the first _";
                else
                        why = body_fault(secret->bytes + prefix, secret->size - prefix);
        }
        if (why) {
                *ret_why = why;
                return -EINVAL;
        }

        size_t body = secret->size - prefix;
        *ret_kind = starts_with(secret, "sk_") ? KIND_SECRET : KIND_RESTRICTED;
        *ret_mode = live ? MODE_LIVE : MODE_TEST;
        *ret_odd_length = body != BODY_OLD && body != BODY_MODERN;
        return 0;
}

bool key_name_valid(const char *name)
{
        size_t n = strlen(name);

        return n >= 1 && n <= 64 && strspn(name, LETTERS_DIGITS) >= 1 &&
               strspn(name, LETTERS_DIGITS "._:@-") == n && !looks_like_key(name);
}

bool account_valid(const char *account)
{
        size_t n = strlen(account);

        return n >= 6 && n <= 37 && strncmp(account, "acct_", 5) == 0 &&
               strspn(account + 5, LETTERS_DIGITS) == n - 5;
}
