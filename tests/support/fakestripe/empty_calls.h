#pragma once

#include "judge.h"

/* Everything but coupons and promotion codes: resources of which no object exists. */
void empty_call(struct call *c);
