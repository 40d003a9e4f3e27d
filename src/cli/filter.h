/* What the client shows was written by others: Stripe, whoever stored a label, whatever wrote the database.
 */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include <jansson.h>

/* Replace what cannot be printed (base/text.h) in all texts and names of `json` (NULL: nothing to do). */
void json_scrub(json_t *json);

#endif
