/* The bodies of Stripe's answers, for the simulation. */
#ifndef TESTS_SIM_STRIPE_ANSWERS_H
#define TESTS_SIM_STRIPE_ANSWERS_H

#include "sim.h"

struct stripe_question {
        enum sim_fault fault;
        const struct sim_key *key;
        bool unheard; /* by a server that has not heard of what became of the key */
        bool granted;
        const struct permission *permission; /* that is asked for; NULL: none in particular */
        enum level level;
        bool absent; /* of an object that does not exist; else for a list */
};

/* Fill `body` and `reply` (status, error) with what Stripe, or whatever stands between, would say. */
void stripe_answer(const struct stripe_question *question, char *body, size_t size, struct reply *reply);

#endif
