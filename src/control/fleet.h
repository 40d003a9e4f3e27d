/* The plan of requests for the keys that are stored. */
#ifndef CONTROL_FLEET_H
#define CONTROL_FLEET_H

#include "engine/engine.h"
#include "model/profile.h"
#include "model/settings.h"
#include "store/store.h"
#include "stripe/plan.h"

/* With the coupons of each account as they were last counted, and `coupons` where they never were. -ENOMEM,
 * or as in store/store.h. */
int fleet_plan(struct engine *engine, struct store *store, const struct settings *settings,
               const struct catalogue *catalogue, const struct profiles *profiles, uint64_t coupons,
               struct plan **ret);

#endif
