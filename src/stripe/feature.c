#include "stripe/feature.h"

#include <string.h>
#include <strings.h>

/* Messages come without a code, in any capitals. Where one was seen is said by the case of the judge's test.
 */
static const char *const messages[] = {
        "not set up to use ", /* Issuing, Identity, and likely any product */
        "is only available in testmode for this account",
        "not eligible for Climate",
        "not authorized to send Forwarding requests",
        "This endpoint is only available in testmode",
        "This API surface is not enabled for testmode usage",
        "Accounts v2 is not enabled for your",
        "Accounts v2 isn't available in test mode",
        "if you've signed up for Connect",
        "The Sources API has been deprecated",
};

static const char *const codes[] = {
        "identity_api_invalid_application",
        "accounts_v2_access_blocked",
        "non_connect_platform_accounts_v2_access_blocked",
        "stripe_tax_inactive",
        "feature_not_enabled",
        "capability_not_enabled",
};

static const char *const types[] = { "feature_not_enabled", "capability_not_enabled" }; /* API v2 */

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(text, list[i]) == 0)
                        return true;
        return false;
}

bool feature_is_off(const struct fault *fault)
{
        if (is_one_of(fault->code, codes, ELEMENTSOF(codes)) ||
            is_one_of(fault->type, types, ELEMENTSOF(types)))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(messages); i++)
                if (strcasestr(fault->message, messages[i]))
                        return true;
        return false;
}

bool feature_is_unrouted(const struct fault *fault, const struct probe *probe)
{
        static const char beginning[] = "Unrecognized request URL";

        return probe && probe->gated && strcmp(probe->gated, "treasury") == 0 &&
               strncasecmp(fault->message, beginning, sizeof(beginning) - 1) == 0;
}
