/* The tables and views, and how an older file becomes one of today. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <sqlite3.h>

/* "kvgl": how file(1) and we recognise the file. */
#define SCHEMA_APPLICATION_ID 0x6b76676c

/* How many migrations there are: the newest user_version we understand. */
int schema_version(void);

/* Bring an open, writable connection from `version` to schema_version(), in one transaction. An SQLite result
 * code; nothing was changed unless it is SQLITE_OK. */
int schema_migrate(sqlite3 *db, int version);

#endif
