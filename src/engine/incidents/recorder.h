/* Brings what changed to the store: collects, commits about once a second, at once when something will be
 * announced, and keeps everything while the database is in trouble. */
#ifndef ENGINE_RECORDER_H
#define ENGINE_RECORDER_H

#include "engine/engine.h"

struct recorder;

int recorder_new(struct engine *engine, struct recorder **ret);
struct recorder *recorder_free(struct recorder *recorder);

/* After a start: the database was just opened for writing, so the trouble of an earlier run is over. */
void recorder_resume(struct engine *engine);

/* Where changes go. Call recorder_changed() after adding. */
struct batch *recorder_batch(struct engine *engine);

/* Commit within a second, or on the next turn if `announce`. */
void recorder_changed(struct engine *engine, bool announce);

/* Commit now. 0, or the store's errno (everything is kept). */
int recorder_flush(struct engine *engine);

/* Something was committed past the batch: the log is to be brought to the file before long. */
void recorder_wrote(struct engine *engine);

/* Bring it now, if there is much of it: before a long transaction begins. */
void recorder_tidy(struct engine *engine);

/* Has committing failed since the last success? */
bool recorder_in_trouble(const struct engine *engine);

/* Somebody reads an old state of the database, and the log, which has to keep it, is as large as it may be:
 * what can wait is not to be written now. */
bool recorder_is_full(const struct engine *engine);

/* May something be promised to be stored? -EBUSY while committing fails, with the reason for people. */
int recorder_writable(const struct engine *engine, char **ret_why);

#endif
