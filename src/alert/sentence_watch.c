/* What concerns many keys, or the watch itself. */
#include "alert/sentence.h"

void say_stripe_outage(FILE *out, const struct notice *notice)
{
        fputs("Stripe cannot be reached, or does not answer properly", out);
        if (is_given(notice->mode))
                fprintf(out, ", for keys of %s mode", notice->mode);
        say_since(out, notice);
        fputs(": ", out);
        say_count(out, notice, "key gets", "keys get", "too many keys get");
        fputs(" no verdict; what is believed of these stays as it was, and all others are watched as usual",
              out);
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
        if (has_reason(notice, "reader")) {
                fputs("a program keeps the database's log from being emptied, and it grows", out);
                say_since(out, notice);
                fputs(": close what reads the database", out);
                say_detail(out, notice);
                return;
        }
        fputs("the database has not taken writes", out);
        say_since(out, notice);
        fputs(": verdicts wait in memory, and no key is blamed for it", out);
        say_detail(out, notice);
}

void say_round_completed(FILE *out, const struct notice *notice)
{
        fputs("a round over all keys was completed: ", out);
        say_count(out, notice, "key", "keys", "none");
        fputs(has_reason(notice, "outage") ? " had their turn; some get no answer during an outage"
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

/* Which receiver it is, and what it answered, is in `detail`. */
void say_notify_failing(FILE *out, const struct notice *notice)
{
        fputs("alerts have not reached a receiver", out);
        say_since(out, notice);
        fputs(", although the journal has them all", out);
        say_detail(out, notice);
}

void say_test_alert(FILE *out, const struct notice *notice)
{
        fputs("this is a test of the way that alerts go, and nothing is wrong", out);
        say_detail(out, notice);
}
