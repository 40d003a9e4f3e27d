#pragma once

#include <jansson.h>

#include "world.h"

/* The JSON under /_fake/ by which a test arranges the world and sees what was asked of it: see README.md. */
void control_answer(struct world *w, const char *method, const char *path, const char *query,
                    const struct buf *body, struct answer *a);

/* A planned change of a key has come due. */
void control_change_key(struct world *w, json_t *change);

/* Loads a state file. False, with the reason on standard error. */
bool control_load(struct world *w, const char *path);
