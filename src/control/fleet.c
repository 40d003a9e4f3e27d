#include "control/fleet.h"

#include "store/ledger.h"

/* What was counted of a coupon listing that never got to its end is no number of coupons. */
static int take_scan(const struct ledger_owner *owner, const struct ledger_scan *scan, void *userdata)
{
        if (scan->last_complete == 0)
                return 0;
        return plan_count(userdata, (uint64_t) owner->account_id, (uint64_t) owner->key_id,
                          owner->mode == MODE_LIVE, (uint64_t) MAX(scan->coupons_seen, INT64_C(0)));
}

int fleet_plan(struct engine *engine, struct store *store, const struct settings *settings,
               const struct catalogue *catalogue, const struct profiles *profiles, uint64_t coupons,
               struct plan **ret)
{
        _cleanup_(plan_freep) struct plan *plan = NULL;
        size_t n;
        const struct key *const *keys = engine_keys(engine, &n);
        int r = plan_new(settings, catalogue, profiles, coupons, &plan);

        for (size_t i = 0; i < n && r >= 0; i++)
                r = plan_add(plan, keys[i]->profile, (uint64_t) keys[i]->account_id, (uint64_t) keys[i]->id,
                             key_is_live_mode(keys[i]));
        if (r >= 0)
                r = ledger_load_scans(store, take_scan, plan);
        if (r < 0)
                return r;
        *ret = TAKE(plan);
        return 0;
}
