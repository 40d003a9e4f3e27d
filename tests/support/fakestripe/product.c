#include "product.h"

#include <string.h>

#include "refuse.h"
#include "route.h"

static const char *const names[_PRODUCTS] = {
#define X(id, name) [PRODUCT_##id] = (name),
        PRODUCTS(X)
#undef X
};

/* What lacks without the product, as far as it was recorded: lists and creates; an absent id is looked up all
 * the same. */
static const struct gate {
        const char *prefix, *method; /* method NULL: both */
        enum product product;
        const char *code, *message;
        bool live_only;
} gates[] = {
        { "/v1/issuing/", NULL, PRODUCT_ISSUING, NULL,
          "Your account is not set up to use Issuing. Please visit "
          "https://dashboard.stripe.com/issuing/overview to "
          "get started.",
          false },
        { "/v1/identity/", "POST", PRODUCT_IDENTITY, "identity_api_invalid_application",
          "Your account is not set up to use Identity.", false },
        { "/v1/identity/", "GET", PRODUCT_IDENTITY, NULL,
          "Your account is not set up to use Identity. Please have an account admin visit "
          "https://dashboard.stripe.com/identity/application to get started.",
          false },
        { "/v1/climate/", NULL, PRODUCT_CLIMATE, NULL, "Account not eligible for Climate Orders", false },
        { "/v1/forwarding/", NULL, PRODUCT_FORWARDING, NULL,
          "Your account is not authorized to send Forwarding requests in livemode", true },
        { "/v1/accounts", "POST", PRODUCT_CONNECT, NULL,
          "You can only create new accounts if you've signed up for Connect, which you can do at "
          "https://dashboard.stripe.com/connect.",
          false },
        { "/v1/account_links", "POST", PRODUCT_CONNECT, NULL,
          "You can only create new accounts if you've signed up for Connect, which you can do at "
          "https://dashboard.stripe.com/connect.",
          false },
        { "/v1/sources", "POST", PRODUCT_SOURCES, NULL,
          "The Sources API has been deprecated, and we are no longer allowing new integrations", false },
        { "/v1/tax/calculations", "POST", PRODUCT_TAX, "stripe_tax_inactive",
          "Stripe Tax has not been activated on your account.", false },
        { "/v2/core/accounts", NULL, PRODUCT_ACCOUNTS_V2, "accounts_v2_access_blocked",
          "Accounts v2 is not enabled for your platform", false },
};

/* Rows that came with a version of the API. */
static const struct {
        const char *prefix, *since;
} news[] = {
        { "/v1/tax/locations", "2026-09-30" },
        { "/v1/payment_records", "2025-10-29" },
};

bool products_parse(const json_t *list, unsigned *ret)
{
        unsigned bits = 0;

        if (json_is_string(list) && strcmp(json_string_value(list), "*") == 0) {
                *ret = ~0u;
                return true;
        }
        for (size_t i = 0; i < json_array_size(list); i++) {
                const char *name = json_string_value(json_array_get(list, i));
                unsigned p = 0;

                while (p < _PRODUCTS && strcmp(names[p], name ? name : "") != 0)
                        p++;
                if (p == _PRODUCTS)
                        return false;
                bits |= 1u << p;
        }
        *ret = bits;
        return json_is_array(list);
}

static bool call_has(const struct call *c, enum product product)
{
        const struct realm *realm = c->key->realm;

        return (realm->products_set ? realm->products : c->world->products) & 1u << product;
}

static bool starts_with(const char *text, const char *prefix)
{
        return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool product_hides(const struct call *c)
{
        const struct row_change *change = row_change_find(c->world, c->route);

        for (size_t i = 0; i < sizeof(news) / sizeof(news[0]); i++)
                if (c->version && starts_with(c->path, news[i].prefix) &&
                    strncmp(c->version, news[i].since, strlen(news[i].since)) < 0)
                        return true;
        return (change && change->gone) ||
               (starts_with(c->path, "/v1/treasury/") && !call_has(c, PRODUCT_TREASURY));
}

bool product_refuses(struct call *c)
{
        const struct row_change *change = row_change_find(c->world, c->route);
        bool absent = strchr(c->route->pattern, '{') && !c->world->gate_ids &&
                      !(change && (change->gate || change->off));

        if (change && change->off) {
                answer_refuse(&c->answer, 400, NULL, NULL, "Your account is not set up to use Things.");
                return true;
        }
        for (size_t i = 0; !absent && i < sizeof(gates) / sizeof(gates[0]); i++) {
                const struct gate *g = &gates[i];

                if (!starts_with(c->path, g->prefix) || (g->method && strcmp(g->method, c->method) != 0) ||
                    (g->live_only && !c->key->realm->live) || call_has(c, g->product))
                        continue;
                answer_refuse(&c->answer, 400, g->code, NULL, "%s", g->message);
                return true;
        }
        return false;
}

const struct row_change *row_change_find(const struct world *w, const struct route *r)
{
        for (unsigned i = 0; i < w->row_changes_count; i++)
                if (w->row_changes[i].route == r)
                        return &w->row_changes[i];
        return NULL;
}

bool row_change_add(struct world *w, const struct row_change *change)
{
        struct row_change *there = (struct row_change *) row_change_find(w, change->route);

        if (!there && w->row_changes_count == ROW_CHANGES)
                return false;
        if (!there) {
                if (!w->row_changes)
                        w->row_changes = xcalloc(ROW_CHANGES, sizeof(*w->row_changes));
                there = &w->row_changes[w->row_changes_count++];
        }
        *there = *change;
        return true;
}
