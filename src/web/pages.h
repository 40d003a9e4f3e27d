/* The pages themselves: each writes the whole document out of the daemon's answers. Within web/ only. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include <jansson.h>
#include <stdint.h>

#define PAGES_KEYS_MAX "200"

int write_watch(const json_t *const *answers, int64_t now, char **ret);
int write_keys(const json_t *const *answers, int64_t now, char **ret);
int write_key(const json_t *const *answers, int64_t now, char **ret);
int write_incident(const json_t *const *answers, int64_t now, char **ret);

#endif
