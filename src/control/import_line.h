/* One line of an import: a JSON object {"name", "key", "profile", "account"?, "created"?, "expires"?,
 * "labels"?}. Pure. */
#ifndef CONTROL_IMPORT_LINE_H
#define CONTROL_IMPORT_LINE_H

#include <jansson.h>

#include "base/secret.h"
#include "engine/import.h"

struct import_line {
        struct sync_line said; /* its strings belong to `json` */
        struct label labels[LABELS_MAX];
        struct secret *secret;
        json_t *json;
};

/* -EINVAL with the reason for people in *ret_why (static; nothing of the line is in it, for it may be the
 * key), -ENOMEM. Fills `ret` in place, because `ret->said` points into it. */
int import_line_parse(const char *bytes, size_t size, struct import_line *ret, const char **ret_why);

/* Wipe the secret and free what it owns. */
void import_line_clear(struct import_line *line);

#endif
