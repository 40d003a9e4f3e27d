/* The last days as a drawing, with words for who does not see it. Within web/ only. */
#ifndef WEB_STRIP_H
#define WEB_STRIP_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* Numbers of keys, a bar for each day; `of`: what would fill the height. `state` is what they are in. */
void strip_counts(FILE *to, const char *state, const json_t *counts, long long of);

/* Outages of the last `days` until `now`, each as wide as it was long, and at least to be seen. */
void strip_outages(FILE *to, const json_t *outages, int days, int64_t now);

/* The states of a key, of v_history's rows, newest first: the worse the higher. */
void strip_states(FILE *to, const json_t *history, int days, int64_t now);

/* What stands below: "90 days ago … now". */
void strip_ends(FILE *to, int days);

#endif
