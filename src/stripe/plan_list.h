/* Keys and what was counted of their coupons in any order, for a plan, which takes them by account. Pure. */
#ifndef STRIPE_PLAN_LIST_H
#define STRIPE_PLAN_LIST_H

#include "stripe/plan.h"

struct plan_list;

/* -ENOMEM. */
int plan_list_new(struct plan_list **ret);
struct plan_list *plan_list_free(struct plan_list *list);
DEFINE_CLEANUP(struct plan_list, plan_list_free)

/* A key. `account`: any number that is the same for keys of the same account; 0: not known. `id`: any number
 * of the key's own. -ENOMEM. */
int plan_list_add(struct plan_list *list, size_t profile, uint64_t account, uint64_t id, bool live);

/* So many coupons an account (or, if that is 0, the account of the key of this id) had when they were last
 * counted. -ENOMEM. */
int plan_list_count(struct plan_list *list, uint64_t account, uint64_t id, bool live, uint64_t coupons);

/* All of them, into a plan that has none yet. */
void plan_list_give(struct plan_list *list, struct plan *plan);

#endif
