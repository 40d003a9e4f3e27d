/* What each route does; the table is in routes.c. */
#ifndef CONTROL_ROUTES_H
#define CONTROL_ROUTES_H

#include "control/route.h"
#include "model/key.h"

/* All routes. */
const struct route *routes_all(size_t *ret_n);

/* service.c: the daemon itself */
void serve_version(struct visit *visit);
void serve_status(struct visit *visit);
void serve_plan(struct visit *visit);
void serve_reload(struct visit *visit);
void serve_test_alert(struct visit *visit);

/* metrics.c */
void serve_metrics(struct visit *visit);

/* keys.c: what is stored */
void serve_keys(struct visit *visit);
void serve_key(struct visit *visit);
void serve_history(struct visit *visit);
void serve_days(struct visit *visit);

/* The key as it is now, whole: the answer to what changed it, too. */
void reply_key(struct visit *visit, const struct key *key, unsigned status);

/* change.c: what is said of a key */
void serve_set(struct visit *visit);
void serve_put(struct visit *visit); /* put.c */
void serve_pause(struct visit *visit);
void serve_resume(struct visit *visit);
void serve_remove(struct visit *visit);
void serve_remove_all(struct visit *visit);

/* ask.c: what asks the provider */
void serve_add(struct visit *visit);
void serve_check(struct visit *visit);
void serve_rotate(struct visit *visit);

/* coupons.c: probe coupons that were left behind */
void serve_coupons(struct visit *visit);
void serve_coupons_sweep(struct visit *visit);
void serve_coupons_add(struct visit *visit);

/* import.c */
void serve_import(struct visit *visit);

/* incidents.c */
void serve_incidents(struct visit *visit);
void serve_incident(struct visit *visit);
void serve_acknowledge(struct visit *visit);
void serve_replay(struct visit *visit);

/* feed.c */
void serve_events(struct visit *visit);

#endif
