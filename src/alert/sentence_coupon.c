/* What interrupted connection checks leave behind. People who sell things read these: a leftover is harmless,
 * and they must be able to see that. */
#include "alert/sentence.h"

#include "base/macros.h"

/* Why a coupon is left alone, for the words of KEYVIGIL_REASON. */
static const struct {
        const char *word, *text;
} kept_reasons[] = {
        { "shape", "its id is not that of a probe" },
        { "grace", "it is so young that a connection check may be under way" },
        { "clock", "its age could not be told for sure" },
        { "redeemed", "it has been redeemed, so it may be in real use" },
        { "promotion-code", "a promotion code refers to it, so it may be in real use" },
        { "promotion-codes-unreadable",
          "the key may not read promotion codes, so its use cannot be ruled out" },
        { "mode", "it is of the other mode" },
        { "no-coupons-write", "the key lacks “Coupons: Write”, which deleting it needs" },
        { "unusual-number", "there are unusually many of them" },
        { "report-only", "the settings say to report only" },
};

/* One notice may stand for several coupons; then it names none. */
static bool are_many(const struct notice *notice)
{
        return notice->count > 1 && !is_given(notice->coupon);
}

void say_coupon_found(FILE *out, const struct notice *notice)
{
        say_coupon(out, notice);
        fputs(are_many(notice) ? " have been left behind" : " has been left behind", out);
        say_since(out, notice);
        fputs(are_many(notice) ? " by interrupted connection checks, which is harmless"
                               : " by an interrupted connection check, which is harmless",
              out);
        say_detail(out, notice);
}

void say_coupon_deleted(FILE *out, const struct notice *notice)
{
        say_coupon(out, notice);
        fputs(are_many(notice) ? " were deleted: harmless leftovers of interrupted connection checks"
                               : " was deleted: a harmless leftover of an interrupted connection check",
              out);
        if (notice->since > 0)
                fputs(", there", out);
        say_since(out, notice);
        fputs(" and never redeemed", out);
        say_detail(out, notice);
}

static const char *kept_reason(const struct notice *notice)
{
        for (size_t i = 0; i < ELEMENTSOF(kept_reasons); i++)
                if (has_reason(notice, kept_reasons[i].word))
                        return kept_reasons[i].text;
        return "not every condition for deleting it holds";
}

void say_coupon_kept(FILE *out, const struct notice *notice)
{
        say_coupon(out, notice);
        fputs(are_many(notice) ? " have been kept" : " has been kept", out);
        say_since(out, notice);
        fprintf(out, ": %s; %s harmless", kept_reason(notice), are_many(notice) ? "they are" : "it is");
        say_detail(out, notice);
}

void say_coupon_stuck(FILE *out, const struct notice *notice)
{
        say_coupon(out, notice);
        fputs(" could not be deleted", out);
        if (is_given(notice->coupon) && notice->count > 0) {
                fputs(" in ", out);
                say_count(out, notice, "try", "tries", "");
        }
        say_since(out, notice);
        fputs(": it is harmless where it is, and tried again once a day", out);
        say_detail(out, notice);
}
