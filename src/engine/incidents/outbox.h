/* Events on their way to the journal: sent after they were committed, then marked. Priority 2 and worse
 * first. Of priority 3 and worse no more than sixty leave in a minute, of 4 and 5 sixty more; the rest is
 * summarised in one. Those of priority 6, for filters and programs rather than for people, come behind all
 * others, up to a thousand a minute, and are never summarised. A journal that does not take them now is asked
 * again. What is too much for memory waits in the database. */
#ifndef ENGINE_OUTBOX_H
#define ENGINE_OUTBOX_H

#include "engine/engine.h"
#include "store/store.h"

struct outbox;

int outbox_new(struct engine *engine, struct outbox **ret);
struct outbox *outbox_free(struct outbox *outbox);

/* The events that an earlier run could not send. */
int outbox_load(struct engine *engine);

/* A new event that is in the batch as well; copied. It is sent once it is committed. */
void outbox_add(struct engine *engine, const struct event *event);

/* Everything added so far is on disk now. */
void outbox_committed(struct engine *engine);

/* The database cannot be written: send what waits all the same, marked with KEYVIGIL_UNSAVED=1. */
void outbox_send_uncommitted(struct engine *engine);

/* Hand one event to the journal, now. -EAGAIN: it takes no more for now. */
int outbox_deliver(struct engine *engine, const struct event *event, bool unsaved);

/* Try to send all that may be sent, for the last time. */
void outbox_stop(struct engine *engine);

size_t outbox_unsent(const struct engine *engine);

#endif
