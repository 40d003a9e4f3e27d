/* The plan of requests for the keys that are stored. It takes a look at each of them, a slice in each turn of
 * the loop. */
#ifndef CONTROL_FLEET_H
#define CONTROL_FLEET_H

#include "control/control.h"
#include "stripe/plan.h"

/* Called once, from the loop, unless the control socket is freed first. `plan` is borrowed; NULL: it could
 * not be made, as `error` says. */
typedef void (*fleet_done_fn)(const struct plan *plan, int error, void *userdata);

/* With the coupons of each account as they were last counted, and `coupons` where they never were. -ENOMEM.
 */
int fleet_plan(struct control *control, uint64_t coupons, fleet_done_fn done, void *userdata);

/* Those that are being made begin anew, with the configuration that is now. */
void fleet_reconfigure(struct control *control);
/* Nobody is told any more. */
void fleet_clear(struct control *control);

#endif
