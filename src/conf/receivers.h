/* `notify:` of keyvigil.yaml: a list of receivers. */
#ifndef CONF_RECEIVERS_H
#define CONF_RECEIVERS_H

#include "conf/field.h"
#include "model/receiver.h"
#include "model/settings.h"

/* A field_fn; its target is the whole struct settings. */
int receivers_field(const struct field *field, const struct node *node, void *target,
                    struct problems *problems);

void receivers_clear(struct receiver *receivers, size_t n);

#endif
