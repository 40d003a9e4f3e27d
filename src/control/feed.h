/* GET /v1/events: every event once, in order. Who waits for the next one is parked without cost; what is new
 * is made into text once, however many read it. */
#ifndef CONTROL_FEED_H
#define CONTROL_FEED_H

#include "control/control.h"

struct feed;
struct visit;

/* -errno of the store. */
int feed_new(const struct control_parts *parts, struct feed **ret);
struct feed *feed_free(struct feed *feed);
DEFINE_CLEANUP(struct feed, feed_free)

/* The request is gone, perhaps unanswered. */
void feed_forget(struct feed *feed, const struct visit *visit);

#endif
