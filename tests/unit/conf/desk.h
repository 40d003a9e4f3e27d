/* A configuration directory for one test: write files, load them, see what was said about them. */
#ifndef TESTS_UNIT_CONF_DESK_H
#define TESTS_UNIT_CONF_DESK_H

#include <stddef.h>

#include "conf/conf.h"

struct desk {
        char directory[64];
        char said[65536];  /* the problems, a line each, without the directory's name; warnings with "warning:
                              " */
        struct conf *conf; /* NULL if it was refused */
};

/* The catalogue and profiles are those of the source tree. */
void desk_open(struct desk *desk);
void desk_close(struct desk *desk); /* removes it with all that is in it */

/* `name` may hold a directory, which is made; an old file of that name is replaced. */
void desk_write(struct desk *desk, const char *name, const char *text);
void desk_write_bytes(struct desk *desk, const char *name, const void *bytes, size_t size);
void desk_remove(struct desk *desk, const char *name);

/* Load keyvigil.yaml; gives conf_load()'s return. */
int desk_load(struct desk *desk);

#endif
