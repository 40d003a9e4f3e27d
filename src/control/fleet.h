/* The plan of requests for the keys that are stored. */
#ifndef CONTROL_FLEET_H
#define CONTROL_FLEET_H

#include "engine/engine.h"
#include "model/profile.h"
#include "model/settings.h"
#include "stripe/plan.h"

/* -ENOMEM. */
int fleet_plan(struct engine *engine, const struct settings *settings, const struct catalogue *catalogue,
               const struct profiles *profiles, uint64_t coupons, struct plan **ret);

#endif
