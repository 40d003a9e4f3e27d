/* A key's life: what became of it, and what we cannot tell. */
#include "alert/sentence.h"

#include <inttypes.h>

#include "base/datetime.h"

/* Which of the two dead answers it was. */
static void say_answer(FILE *out, const struct notice *notice)
{
        if (has_reason(notice, "expired-code"))
                fputs(" as expired or revoked", out);
        else if (has_reason(notice, "unknown-to-stripe"))
                fputs(" as unknown", out);
}

/* How sure we are, when it is less than a healthy witness makes us. */
static void say_witness(FILE *out, const struct notice *notice)
{
        if (has_reason(notice, "unwitnessed"))
                fputs("; no second key could be asked", out);
        else if (has_reason(notice, "three-holds"))
                fputs("; believed after three holds, no healthy key confirming it", out);
}

/* What it means, and what to do, in so few words that they fit into the line. */
static void say_replace(FILE *out)
{
        fputs("; what uses it fails until ‘keyvigil rotate’ stores a new one", out);
}

void say_key_revoked(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" has been revoked: Stripe has rejected it", out);
        say_since(out, notice);
        say_answer(out, notice);
        fputs(", and no expiry or rotation is on record", out);
        say_replace(out);
        say_witness(out, notice);
        say_detail(out, notice);
}

void say_key_expired(FILE *out, const struct notice *notice)
{
        char expires[DATETIME_MAX];

        say_key(out, notice);
        fputs(" has expired: Stripe has rejected it", out);
        say_since(out, notice);
        if (notice->expires > 0)
                fprintf(out, ", and its declared expiry is %s", datetime_format(notice->expires, expires));
        say_replace(out);
        say_witness(out, notice);
        say_detail(out, notice);
}

void say_key_rolled(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" was replaced as planned: Stripe has rejected the replaced secret", out);
        say_since(out, notice);
        say_witness(out, notice);
        say_detail(out, notice);
}

void say_key_invalid(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" has never worked: Stripe has rejected it", out);
        say_since(out, notice);
        fputs(", most likely because it was copied badly", out);
        say_replace(out);
        say_witness(out, notice);
        say_detail(out, notice);
}

void say_key_blocked(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" is alive, but not from here: Stripe has refused our IP address", out);
        say_since(out, notice);
        fputs(", because it is not on the key's list of allowed addresses", out);
        say_detail(out, notice);
}

void say_key_account_refused(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" is accepted, but Stripe has refused to serve its account", out);
        say_since(out, notice);
        fputs(", which no permission of the key can change", out);
        say_detail(out, notice);
}

/* The account is the declared one; which one Stripe names is in `detail`. */
void say_key_wrong_account(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" has been of another account than the declared one", out);
        say_since(out, notice);
        fputs(", so what uses it works on the wrong merchant's data", out);
        say_detail(out, notice);
}

void say_key_unverified(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" has had no verdict", out);
        say_since(out, notice);
        fputs(", so it may be well or not", out);
        say_detail(out, notice);
}

void say_key_unreadable(FILE *out, const struct notice *notice)
{
        fputs("nobody watches ", out);
        say_key(out, notice);
        fputs(": its stored secret cannot be opened", out);
        say_since(out, notice);
        fputs("; ‘keyvigil rotate’ stores it anew", out);
        say_detail(out, notice);
}

void say_key_flapping(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        if (notice->count > 0)
                fprintf(out, " changed its state %" PRIu64 " times within a day", notice->count);
        else
                fputs(" keeps changing its state", out);
        if (notice->since > 0)
                fputs(",", out);
        say_since(out, notice);
        fputs(", and further ones of this kind stay silent until a day was quiet", out);
        say_detail(out, notice);
}
