#pragma once

#include "judge.h"

/* Coupons and promotion codes: these exist. The call's route says which of the operations it is. */
void coupon_call(struct call *c);
void promotion_call(struct call *c);

/* The coupon as JSON, its lines after the first indented by `indent`. */
void coupon_write(struct buf *b, const struct coupon *k, bool live, int64_t now, unsigned indent);

/* The pairs `metadata[NAME]` of a form replace those of `ret`; an empty value removes. */
void metadata_read(const struct form *f, struct form *ret);
