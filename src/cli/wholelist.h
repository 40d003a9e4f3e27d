/* A list of keys as a whole, in memory: it is sent twice, and its last line may say how long it is. */
#ifndef CLI_WHOLELIST_H
#define CLI_WHOLELIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Zeroed: empty. */
struct wholelist {
        char *text; /* holds secrets */
        size_t size, room;
        uint64_t lines;
        bool has_end; /* the last line, {"end":COUNT}, is cut off, and its count was right */
};

/* -EIO, -ENOMEM: also if it is larger than a route takes. */
int wholelist_read(struct wholelist *list, FILE *from);

/* Wipes. */
void wholelist_clear(struct wholelist *list);

/* Each line by its number, from 1, but for blank ones; `line` is NULL if it is no JSON. The parser's copy of
 * a key is wiped. A negative return ends it and is given back. */
typedef int (*wholelist_fn)(uint64_t number, const json_t *line, void *userdata);
int wholelist_each(const struct wholelist *list, wholelist_fn take, void *userdata);

#endif
