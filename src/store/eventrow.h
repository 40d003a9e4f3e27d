/* A row of `event`. Within store/ only. */
#ifndef STORE_EVENTROW_H
#define STORE_EVENTROW_H

#include "model/incident.h"
#include "store/database.h"

/* Columns: seq, incident, key, at_wall, kind, priority, send_state, id, fields. The caller frees. -EUCLEAN,
 * -ENOMEM. */
int event_read(sqlite3_stmt *row, struct event **ret);

#endif
