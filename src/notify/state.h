/* What a receiver must not forget over a restart: a small JSON file of its own, replaced as a whole. */
#ifndef NOTIFY_STATE_H
#define NOTIFY_STATE_H

#include <jansson.h>

/* An object, empty if there is no file or none that can be understood. NULL without memory. */
json_t *state_read(const char *path);

/* On disk when it returns. -errno. */
int state_write(const char *path, const json_t *state);

#endif
