/* What was stored, and how the watch goes on from it. For engine.c. */
#ifndef ENGINE_LOAD_H
#define ENGINE_LOAD_H

#include "engine/engine.h"

/* The store learns which permissions and profiles there are; the catalogue's rows get their slots. Negative
 * errno of the store. */
int engine_sync_catalogue(struct engine *engine, struct catalogue *catalogue,
                          const struct profiles *profiles);

/* Keys, incidents, unsent events, rotations; then everything goes on where it was. */
int engine_load(struct engine *engine, char **ret_why);

#endif
