/* JSON written straight into a buffer: for lists of a million rows, where a tree for each of them would cost
 * more than reading it. */
#ifndef VIEW_TEXT_H
#define VIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/key.h"
#include "store/store.h"

/* Zeroed: empty. The owner frees `bytes`. */
struct text {
        char *bytes;
        size_t size, room;
        bool failed; /* no memory: what it holds is not whole */
};

void text_add(struct text *text, const char *bytes, size_t size);

/* A row as one object. */
void text_add_row(struct text *text, const struct column *columns, size_t n);

/* A row of v_key as one object, its first column, the key's id, left out. `key`: what is newer in memory lies
 * over it; or NULL. */
void text_add_key(struct text *text, const struct column *columns, size_t n, const struct key *key);

#endif
