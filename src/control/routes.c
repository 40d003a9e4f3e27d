#include "control/routes.h"

#include "base/macros.h"
#include "control/selected.h"

static const struct route routes[] = {
        { "GET", "/v1", NULL, BODY_NONE, serve_version },
        { "GET", "/v1/status", NULL, BODY_NONE, serve_status },
        { "GET", "/v1/plan", "coupons", BODY_NONE, serve_plan },
        { "GET", "/v1/metrics", NULL, BODY_NONE, serve_metrics },
        { "GET", "/v1/days", NULL, BODY_NONE, serve_days },
        { "POST", "/v1/test-alert", NULL, BODY_NONE, serve_test_alert },
        { "POST", "/v1/reload", NULL, BODY_NONE, serve_reload },

        { "GET", "/v1/keys", SELECTOR_PARAMETERS " columns limit after", BODY_NONE, serve_keys },
        { "POST", "/v1/keys", "name profile mode label created expires account connect no_excess force",
          BODY_SECRET, serve_add },
        { "POST", "/v1/import", "dry_run sync", BODY_LINES, serve_import },
        { "GET", "/v1/keys/*", NULL, BODY_NONE, serve_key },
        { "PUT", "/v1/keys/*",
          "profile mode account label created expires deadline defer replace-account no_excess", BODY_SECRET,
          serve_put },
        { "PATCH", "/v1/keys/*", "profile label expires account", BODY_NONE, serve_set },
        { "DELETE", "/v1/keys/*", "force", BODY_NONE, serve_remove },
        { "POST", "/v1/keys/remove", "force", BODY_TEXT, serve_remove_all },
        { "GET", "/v1/keys/*/history", "limit", BODY_NONE, serve_history },
        { "POST", "/v1/keys/*/check", "kind", BODY_NONE, serve_check },
        { "POST", "/v1/keys/*/rotate", "created expires force", BODY_SECRET, serve_rotate },
        { "POST", "/v1/keys/*/pause", "until reason", BODY_NONE, serve_pause },
        { "POST", "/v1/keys/*/resume", NULL, BODY_NONE, serve_resume },

        { "GET", "/v1/coupons", "open key limit", BODY_NONE, serve_coupons },
        { "POST", "/v1/coupons", "key dry_run force", BODY_TEXT, serve_coupons_add },
        { "POST", "/v1/coupons/sweep", "key dry_run force", BODY_NONE, serve_coupons_sweep },

        { "GET", "/v1/incidents", "open key kind since limit " SELECTOR_PARAMETERS, BODY_NONE,
          serve_incidents },
        { "POST", "/v1/incidents/replay", "since", BODY_NONE, serve_replay },
        { "GET", "/v1/incidents/*", NULL, BODY_NONE, serve_incident },
        { "GET", "/v1/events", "after wait limit kind key", BODY_NONE, serve_events },
        { "POST", "/v1/incidents/*/ack", "reason until", BODY_NONE, serve_acknowledge },
};

const struct route *routes_all(size_t *ret_n)
{
        *ret_n = ELEMENTSOF(routes);
        return routes;
}
