#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "form.h"
#include "shelf.h"
#include "table.h"

/* Coupons and promotion codes of one account in one mode. */

struct coupon {
        struct stamp stamp;
        char *id;
        double percent_off; /* 0: none */
        int64_t amount_off; /* 0: none */
        char currency[8];
        char duration[16];
        int64_t duration_in_months; /* this and the two below, 0: none */
        int64_t max_redemptions;
        int64_t redeem_by;
        int64_t times_redeemed;
        char *name;
        struct form metadata;
        bool deleted; /* kept, since promotion codes still point here */
        struct promotion *promotions;
        struct coupon *next_deleted;
};

struct promotion {
        struct stamp stamp;
        char *id, *code;
        struct coupon *coupon;
        bool inactive;
        int64_t times_redeemed, max_redemptions, expires_at;
        struct promotion *next; /* of the same coupon */
};

struct coupon_store {
        struct table coupons, promotions; /* by id */
        struct shelf coupon_shelf, promotion_shelf;
        struct coupon *deleted;
};

/* Takes the coupon, whose id must not be taken. */
void coupon_store_add(struct coupon_store *s, struct coupon *c);
void coupon_store_delete(struct coupon_store *s, struct coupon *c);
struct coupon *coupon_store_get(const struct coupon_store *s, const char *id);

/* Takes the promotion code; `coupon` in it is set. */
void coupon_store_add_promotion(struct coupon_store *s, struct promotion *p);
struct promotion *coupon_store_promotion(const struct coupon_store *s, const char *id);

void coupon_store_clear(struct coupon_store *s);

struct coupon *coupon_free(struct coupon *c);
bool coupon_valid(const struct coupon *c, int64_t now);
bool coupon_id_allowed(const char *id);
