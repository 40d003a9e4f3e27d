/* What a key may do, and how long it has been in use. */
#include "alert/sentence.h"

#include "base/datetime.h"

void say_key_permissions_missing(FILE *out, const struct notice *notice)
{
        fputs("STRIPE_PERMISSIONS_MISSING: ", out);
        say_key(out, notice);
        fputs(" has lacked ", out);
        if (is_given(notice->missing_labels))
                say_labels(out, notice->missing_labels);
        else
                fputs("permissions of its profile", out);
        say_since(out, notice);
        fputs("; what needs them fails until they are set in the Dashboard", out);
}

void say_key_permissions_excess(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" has granted more than its profile needs", out);
        say_since(out, notice);
        if (is_given(notice->excess_labels)) {
                fputs(": ", out);
                say_labels(out, notice->excess_labels);
        }
}

void say_key_unrestricted(FILE *out, const struct notice *notice)
{
        say_key(out, notice);
        fputs(" has been a full secret key, not a restricted one,", out);
        say_since(out, notice);
        fputs(notice->since > 0 ? ", so" : " so", out);
        fputs(" whoever holds it may do everything in the account", out);
        say_detail(out, notice);
}

void say_key_rotation_due(FILE *out, const struct notice *notice)
{
        char expires[DATETIME_MAX];

        say_key(out, notice);
        fputs(" has been due for rotation", out);
        say_since(out, notice);
        if (notice->expires > 0)
                fprintf(out, ", because it expires on %s", datetime_format(notice->expires, expires));
        else if (has_reason(notice, "age"))
                fputs(", because its secret has been in use for so long", out);
        say_detail(out, notice);
}

void say_key_old_still_alive(FILE *out, const struct notice *notice)
{
        fputs("the old secret of ", out);
        say_key(out, notice);
        fputs(" still works although it was replaced, overdue", out);
        say_since(out, notice);
        fputs(", and should be expired in the Dashboard", out);
        say_detail(out, notice);
}
