/* The bodies of Stripe's answers, for the simulation. */
#ifndef TESTS_SIM_STRIPE_ANSWERS_H
#define TESTS_SIM_STRIPE_ANSWERS_H

#include "sim.h"

/* Fill `body` and `reply` (status, error) with what Stripe, or whatever stands between, would say. */
void stripe_answer(enum sim_fault fault, enum sim_life life, unsigned account, bool granted,
                   const struct permission *permission, enum level level, bool absent, char *body,
                   size_t size, struct reply *reply);

#endif
