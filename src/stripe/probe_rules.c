/* What may be sent as a probe at all: compiled in, so that no file can make the daemon write or read. */
#include <errno.h>
#include <string.h>

#include "base/macros.h"
#include "stripe/catalogue.h"

#define ABSENT "{absent}"

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define SEGMENT_BYTES  LETTERS_DIGITS "_-"
#define VALUE_BYTES    LETTERS_DIGITS "_%-"

/* Creates that were seen to be refused when they are sent empty (400, a parameter is missing), by analysers
 * that ask real accounts. What merely looks as if it needed a parameter is not in here, and these never may
 * be, since all their parameters are optional: customers, setup_intents, quotes, accounts,
 * payment_method_configurations, terminal/configurations, terminal/connection_tokens, issuing/disputes,
 * subscription_schedules, tax/settings, balance_settings. */
static const char *const refused_creates[] = {
        "/v1/account/login_links",
        "/v1/account_links",
        "/v1/apple_pay/domains",
        "/v1/billing/meter_event_adjustments",
        "/v1/billing/meter_events",
        "/v1/billing/meters",
        "/v1/billing_portal/sessions",
        "/v1/charges",
        "/v1/checkout/sessions",
        "/v1/climate/orders",
        "/v1/coupons",
        "/v1/customer_sessions",
        "/v1/ephemeral_keys",
        "/v1/identity/verification_sessions",
        "/v1/invoices",
        "/v1/issuing/cardholders",
        "/v1/issuing/cards",
        "/v1/orders",
        "/v1/payment_intents",
        "/v1/payment_links",
        "/v1/payment_method_domains",
        "/v1/payouts",
        "/v1/prices",
        "/v1/products",
        "/v1/promotion_codes",
        "/v1/shipping_rates",
        "/v1/skus",
        "/v1/subscriptions",
        "/v1/tax/calculations",
        "/v1/tax_ids",
        "/v1/tax_rates",
        "/v1/terminal/locations",
        "/v1/terminal/readers",
        "/v1/test_helpers/confirmation_tokens",
        "/v1/test_helpers/test_clocks",
        "/v1/tokens",
        "/v1/topups",
        "/v1/transfers",
        "/v1/webhook_endpoints",
};

/* What was found while walking over a path. */
struct findings {
        bool absent;  /* a whole segment of the path is {absent} */
        bool limited; /* limit=1 is in the query */
};

/* Is the piece from `at` to `end` just {absent}? */
static bool is_absent(const char *at, const char *end)
{
        return (size_t) (end - at) == strlen(ABSENT) && memcmp(at, ABSENT, strlen(ABSENT)) == 0;
}

static bool only_of(const char *at, const char *end, const char *accept)
{
        return at < end && strspn(at, accept) >= (size_t) (end - at);
}

/* The segments from after the first '/' to `end`. NULL, or what is wrong. */
static const char *segments_fault(const char *at, const char *end, struct findings *found)
{
        for (; at <= end; at++) {
                const char *next = memchr(at, '/', (size_t) (end - at));

                next = next ? next : end;
                if (is_absent(at, next))
                        found->absent = true;
                else if (!only_of(at, next, SEGMENT_BYTES))
                        return "a segment of the path is empty or holds another byte than letters, digits, _ "
                               "and -";
                at = next;
        }
        return NULL;
}

/* The name of a parameter. Only brackets may be encoded, so that a forbidden name cannot hide. */
static bool is_name(const char *at, const char *end)
{
        if (at == end)
                return false;
        while (at < end) {
                size_t n = MIN(strspn(at, LETTERS_DIGITS "_"), (size_t) (end - at));

                if (n == 0 && (end - at < 3 || (strncmp(at, "%5B", 3) != 0 && strncmp(at, "%5D", 3) != 0)))
                        return false;
                at += n > 0 ? n : 3;
        }
        return true;
}

static bool name_is(const char *at, const char *end, const char *name)
{
        return (size_t) (end - at) == strlen(name) && memcmp(at, name, strlen(name)) == 0;
}

/* "name=value&name=value" up to the end of the text. NULL, or what is wrong. */
static const char *query_fault(const char *at, struct findings *found)
{
        for (const char *next; *at != '\0'; at = next + (*next == '&')) {
                next = strchrnul(at, '&');
                const char *value = memchr(at, '=', (size_t) (next - at));

                if (!value || !is_name(at, value))
                        return "the query holds something else than name=value";
                if (!is_absent(value + 1, next) && !only_of(value + 1, next, VALUE_BYTES))
                        return "a value in the query is empty or holds a byte that would have to be encoded";
                if (strncmp(at, "expand", strlen("expand")) == 0)
                        return "expand reads more than what is asked for";
                if ((size_t) (next - at) == strlen("limit=1") &&
                    memcmp(at, "limit=1", strlen("limit=1")) == 0)
                        found->limited = true;
                else if (name_is(at, value, "limit"))
                        return "a list may be asked for with limit=1 only";
                else if (name_is(at, value, "ending_before"))
                        return "a list is asked from its beginning; use starting_after={absent}";
                else if (name_is(at, value, "starting_after") && !is_absent(value + 1, next))
                        return "starting_after takes {absent} only: behind anything else there may be "
                               "something "
                               "to read";
        }
        return NULL;
}

static bool is_refused_create(const char *path)
{
        for (size_t i = 0; i < ELEMENTSOF(refused_creates); i++)
                if (strcmp(refused_creates[i], path) == 0)
                        return true;
        return false;
}

static const char *probe_fault(enum method method, const char *path)
{
        const char *question = strchrnul(path, '?');
        struct findings found = { .absent = false };

        if (method != METHOD_GET && method != METHOD_POST)
                return "only GET and POST are ever sent as a probe";
        if (strncmp(path, "/v1/", 4) != 0 && strncmp(path, "/v2/", 4) != 0)
                return "the path must start with /v1/ or /v2/; other hosts are not asked";

        const char *why = segments_fault(path + 1, question, &found);
        if (!why && *question == '?')
                why = method == METHOD_POST ? "a POST may have no query"
                      : question[1] == '\0' ? "the query is empty"
                                            : query_fault(question + 1, &found);
        if (why)
                return why;
        if (method == METHOD_POST)
                return found.absent || is_refused_create(path) ? NULL
                                                               : "a POST needs {absent} as a whole segment, "
                                                                 "or must be an empty create that is known "
                                                                 "to be refused";
        return found.absent || found.limited
                       ? NULL
                       : "a GET needs {absent} as a whole segment, or limit=1 (best with "
                         "starting_after={absent}) for a list";
}

int catalogue_probe_allowed(enum method method, const char *path, const char **ret_why)
{
        const char *why = probe_fault(method, path);

        if (!why)
                return 0;
        *ret_why = why;
        return -EPERM;
}

/* Whatever is asked for, these speak of the key, of its account, or of our pace. */
static const char *const codes_in_vain[] = {
        "api_key",         "secret_key", "permission",   "unauthorized", "forbidden", "access_blocked",
        "account_invalid", "rate_limit", "lock_timeout", "testmode",     "livemode",
};

int catalogue_code_allowed(const char *code, const char **ret_why)
{
        const char *why = code[strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0'
                                  ? "a code of an error is made of a-z, 0-9 and _"
                                  : NULL;

        for (size_t i = 0; i < ELEMENTSOF(codes_in_vain); i++)
                if (strstr(code, codes_in_vain[i]))
                        why = "this code speaks of the key or its account, and never proves a permission";
        if (!why)
                return 0;
        *ret_why = why;
        return -EPERM;
}
