#include "control/fleet.h"

int fleet_plan(struct engine *engine, const struct settings *settings, const struct catalogue *catalogue,
               const struct profiles *profiles, uint64_t coupons, struct plan **ret)
{
        _cleanup_(plan_freep) struct plan *plan = NULL;
        size_t n;
        const struct key *const *keys = engine_keys(engine, &n);
        int r = plan_new(settings, catalogue, profiles, coupons, &plan);

        for (size_t i = 0; i < n && r >= 0; i++)
                r = plan_add(plan, keys[i]->profile, (uint64_t) keys[i]->account_id,
                             key_is_live_mode(keys[i]));
        if (r < 0)
                return r;
        *ret = TAKE(plan);
        return 0;
}
