#pragma once

#include <stddef.h>
#include <stdint.h>

/* A map from text to a pointer, with constant-time get, put and delete. The text belongs to the caller
 * (usually it lies inside the value) and must outlive the entry. All zero is a valid empty table. */
struct table {
        struct table_slot *slots;
        size_t used, room;
};

uint64_t text_hash(const char *text);

void *table_get(const struct table *t, const char *name);

/* Replaces what was there; returns it, or NULL. */
void *table_put(struct table *t, const char *name, void *value);
void *table_delete(struct table *t, const char *name);

/* Walks all values in no order: start with *at = 0; NULL at the end. The table must not change meanwhile. */
void *table_next(const struct table *t, size_t *at);

void table_clear(struct table *t);
