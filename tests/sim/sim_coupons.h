/* Coupons and promotion codes of the simulated Stripe. */
#ifndef TESTS_SIM_COUPONS_H
#define TESTS_SIM_COUPONS_H

#include "sim.h"

struct sim_coupon {
        char id[80];
        unsigned account;
        bool live, deleted;
        int64_t created; /* by Stripe's clock */
        int redeemed;
        int64_t redeem_by; /* 0: for ever */
        int promoted;      /* 1: a promotion code of today's form, 2: of the form before 2025-09-30 */
        bool expected;     /* it must be deleted some day */
        usec_t appeared, deleted_at;
        usec_t fetched, asked; /* when it, and its promotion codes, were last told */
};

/* Gives the coupon's number. `age` seconds old. */
size_t sim_coupon_add(struct sim *sim, unsigned account, const char *id, int64_t age);
struct sim_coupon *sim_coupon(struct sim *sim, size_t i);

/* Is it a stale probe coupon that may be deleted at this moment? */
bool sim_coupon_may_go(const struct sim *sim, const struct sim_coupon *coupon);

/* False: the path is none of coupons. `form` is the body of a POST. The caller frees *ret_body. */
bool sim_coupons_answer(struct sim *sim, struct sim_key *key, enum method method, const char *path,
                        const char *form, enum sim_fault fault, char **ret_body, struct reply *reply);

int64_t sim_stripe_wall(const struct sim *sim);

#endif
