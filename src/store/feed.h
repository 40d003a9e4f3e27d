/* The events as others read them: in the order of their numbers, each with the incident that it is about. */
#ifndef STORE_FEED_H
#define STORE_FEED_H

#include "store/store.h"

/* What the numbers of events are good for. A file that is another one than before, as after a restore, may
 * give numbers anew: then it is a new epoch. Random, never 0. -errno of the store. */
int store_events_epoch(struct store *store, uint32_t *ret);

/* The first event that is kept, and the last one that ever was; if none is kept, the first is the next one.
 */
int store_events_range(struct store *store, int64_t *ret_first, int64_t *ret_last);

/* At most `limit` events behind the one of that number, oldest first. `event->incident` is the incident that
 * the event is about, `parent` the one under which that is listed (0: none); `take` owns the event. A
 * negative return ends it. The store must not be called from there. */
typedef int (*feed_take_fn)(struct event *event, int64_t parent, void *userdata);
int store_load_feed(struct store *store, int64_t after_seq, unsigned limit, feed_take_fn take,
                    void *userdata);

#endif
