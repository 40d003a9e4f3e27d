/* What the files of the simulation know of each other. */
#ifndef TESTS_SIM_SIM_INTERNAL_H
#define TESTS_SIM_SIM_INTERNAL_H

#include "sim.h"

/* sim_journal.c */
void sim_journal_init(struct sim *sim);

/* sim_stripe.c. Needs sim->conf. */
void sim_stripe_init(struct sim *sim);
void sim_stripe_free(struct sim *sim);
usec_t sim_flights_next(const struct sim *sim); /* when the next answer is due; USEC_INFINITY: none */
void sim_flights_land(struct sim *sim);         /* deliver that answer */
void sim_flights_drop(struct sim *sim);         /* nobody waits for them any more */

#endif
