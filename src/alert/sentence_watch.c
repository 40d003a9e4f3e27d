/* What concerns many keys, or the watch itself. */
#include "alert/sentence.h"

void say_stripe_outage(FILE *out, const struct notice *notice)
{
        fputs("no verdict can be had from Stripe", out);
        say_since(out, notice);
        fputs(": the newest answers about ", out);
        say_count(out, notice, "key", "keys", "too many keys");
        fputs(" were unclear, and what is believed of all keys stays as it was", out);
        say_detail(out, notice);
}

/* Counted in accounts. "unconfirmed": nobody vouches for the path to Stripe, so nothing is said of the keys.
 */
void say_mass_revocation(FILE *out, const struct notice *notice)
{
        say_count(out, notice, "account has", "accounts have", "many accounts have");
        if (has_reason(notice, "unconfirmed")) {
                fputs(" keys that Stripe has rejected", out);
                say_since(out, notice);
                fputs(", but no healthy key confirms it, so none is called dead and all are asked again",
                      out);
        } else if (has_reason(notice, "blocked")) {
                fputs(" keys for which Stripe has refused our IP address", out);
                say_since(out, notice);
                fputs(", which is one cause rather than many: the keys are alive", out);
        } else {
                fputs(" lost keys", out);
                say_since(out, notice);
                fputs(", too many at a time for chance: each is listed under this incident", out);
        }
        say_detail(out, notice);
}

void say_catalogue_stale(FILE *out, const struct notice *notice)
{
        fputs("a permission probe has proved nothing", out);
        say_since(out, notice);
        fputs(": Stripe answers its request on ", out);
        say_count(out, notice, "account", "accounts", "several accounts");
        fputs(" as one that it does not know, which says nothing about any key", out);
        say_detail(out, notice);
}

void say_watch_behind(FILE *out, const struct notice *notice)
{
        say_count(out, notice, "key has", "keys have", "keys have");
        fputs(" been overdue by more than three intervals", out);
        say_since(out, notice);
        fputs(", so what is shown of them is old", out);
        say_detail(out, notice);
}

void say_watch_silent(FILE *out, const struct notice *notice)
{
        fputs(has_reason(notice, "no-daemon")
                      ? "nobody watches the keys: the daemon has not answered"
                      : "the watch has stopped: no round over all keys has been completed",
              out);
        say_since(out, notice);
        say_detail(out, notice);
}

void say_store_trouble(FILE *out, const struct notice *notice)
{
        fputs("the database has not taken writes", out);
        say_since(out, notice);
        fputs(": verdicts wait in memory, and no key is blamed for it", out);
        say_detail(out, notice);
}

void say_round_completed(FILE *out, const struct notice *notice)
{
        fputs("a round over all keys was completed: ", out);
        say_count(out, notice, "key", "keys", "none");
        fputs(has_reason(notice, "outage") ? " had their turn, of which Stripe was asked about a sample only"
                                           : " checked",
              out);
        say_since(out, notice);
        say_detail(out, notice);
}

void say_journal_summary(FILE *out, const struct notice *notice)
{
        say_count(out, notice, "entry was", "entries were", "entries were");
        fputs(" kept out of the journal", out);
        say_since(out, notice);
        fputs(" to hold back a flood, and `keyvigil incidents` shows them all", out);
        say_detail(out, notice);
}
