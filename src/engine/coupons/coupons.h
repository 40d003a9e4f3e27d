/* Probe coupons, as the rest of the engine sees them. */
#ifndef ENGINE_COUPONS_H
#define ENGINE_COUPONS_H

#include "engine/request.h"
#include "engine/state.h"

int sweep_new(struct engine *e);
void sweep_start(struct engine *e);
void sweep_stop(struct engine *e);
void sweep_free(struct engine *e);
/* Another server is asked from now on: what is under way knows facts of the old one only, and ends. */
void sweep_give_up(struct engine *e);
/* The key is about to be removed from this place of the list of keys. */
void sweep_forget(struct engine *e, const struct key *key, size_t place);
/* The account of a key became known: what the ledger has of the key becomes the account's. */
int sweep_account(struct engine *e, struct key *key, int64_t account_id);
/* Sweep (or try a real coupon), then check: engine_check() of these two kinds. */
int connect_check(struct engine *e, struct key *key, enum check_kind kind, check_done_fn done, void *userdata,
                  char **ret_why);
/* Of an add that is to try a real coupon once the key is stored: takes the place of who waits for it.
 * -ENOMEM. */
int connect_wrap(struct engine *e, const char *name, check_done_fn *done, void **userdata);

#endif
