/* The `read` and `write` of a permission: a request in one line, or a mapping with more about it. */
#ifndef CONF_PROBE_H
#define CONF_PROBE_H

#include "conf/field.h"
#include "stripe/catalogue.h"

/* A field reader; `min` of the field is the one enum method that fits it. Only requests that
 * catalogue_probe_allowed() lets through are taken. */
int probe_field(const struct field *field, const struct node *node, void *target, struct problems *problems);

/* After reading: a probe that the file does not have (`node` NULL) says why. -ENOMEM. */
int probe_complete(struct probe *probe, const struct node *node);

/* `modes`, a list of live and test: at least one, none twice. Sets what is there, clears what is not. */
int modes_read(const struct node *node, bool *ret_live, bool *ret_test, struct problems *problems);

#endif
