/* One cause that shows in many accounts. Counted in accounts. */
#include "alert/sentence.h"

static void say_accounts(FILE *out, const struct notice *notice)
{
        say_count(out, notice, "account", "accounts", "many accounts");
        say_where(out, notice);
}

static void say_accounts_have(FILE *out, const struct notice *notice)
{
        say_accounts(out, notice);
        fputs(notice->count == 1 ? " has" : " have", out);
}

static void say_listed(FILE *out)
{
        fputs("; each is listed under this incident", out);
}

/* "unconfirmed": nobody vouches for the path to Stripe, so nothing is said of the keys. */
void say_mass_revocation(FILE *out, const struct notice *notice)
{
        say_accounts_have(out, notice);
        if (has_reason(notice, "unconfirmed")) {
                fputs(" keys that Stripe has rejected", out);
                say_since(out, notice);
                fputs(", but no healthy key confirms it, so none is called dead and all are asked again",
                      out);
        } else if (has_reason(notice, "blocked")) {
                fputs(" keys for which Stripe has refused our IP address", out);
                say_since(out, notice);
                fputs(", which is one cause rather than many: the keys are alive", out);
                say_listed(out);
        } else {
                fputs(" lost keys", out);
                say_since(out, notice);
                fputs(", too many at a time for chance", out);
                say_listed(out);
        }
        say_detail(out, notice);
}

void say_keys_dead_on_arrival(FILE *out, const struct notice *notice)
{
        say_accounts_have(out, notice);
        fputs(" keys that never worked: Stripe has rejected them", out);
        say_since(out, notice);
        fputs(", most likely because the list that they came from is old or was copied badly", out);
        say_listed(out);
        say_detail(out, notice);
}

static void say_permissions(FILE *out, const struct notice *notice)
{
        const char *labels =
                is_given(notice->missing_labels) ? notice->missing_labels : notice->excess_labels;

        if (is_given(labels))
                say_labels(out, labels);
        else
                fputs("a permission", out);
}

void say_permission_changed(FILE *out, const struct notice *notice)
{
        bool gained =
                has_reason(notice, "gained") || (is_given(notice->excess) && !is_given(notice->missing));

        say_accounts_have(out, notice);
        fputs(gained ? " granted " : " lacked ", out);
        say_permissions(out, notice);
        say_since(out, notice);
        if (has_reason(notice, "profile"))
                fputs(gained ? ", which the changed profile does not want any more"
                             : ", which the changed profile wants now",
                      out);
        else
                fputs(gained ? " without need, all within minutes"
                             : ", which all of them lost within minutes",
                      out);
        say_listed(out);
        say_detail(out, notice);
}

/* The members' kind is in `reason`. */
void say_many_alike(FILE *out, const struct notice *notice)
{
        say_accounts_have(out, notice);
        fprintf(out, " incidents of kind %s", is_given(notice->reason) ? notice->reason : "unknown");
        say_since(out, notice);
        fputs(", too many at a time for chance", out);
        say_listed(out);
        say_detail(out, notice);
}

/* That a group ends says nothing about the keys' recovery. */
void say_group_over(FILE *out, const struct notice *notice)
{
        bool unconfirmed = has_reason(notice, "unconfirmed");

        if (unconfirmed)
                fputs("the doubt about keys of ", out);
        else
                fprintf(out, "no more accounts join the incident of kind %s%s, ",
                        incident_kind_name(notice->kind),
                        has_reason(notice, "blocked") ? " (our IP address is refused)" : "");
        say_accounts(out, notice);
        fputs(unconfirmed ? " is settled, key by key" : " in all", out);
}
