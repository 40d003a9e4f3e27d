/* `implied_by` and `excused_by` of the permissions: which other rows give a key this one too, or make it no
 * finding. */
#ifndef CONF_IMPLIED_H
#define CONF_IMPLIED_H

#include "conf/problem.h"
#include "conf/yaml.h"
#include "stripe/catalogue.h"

/* Resolve the names, of which `permissions` is the mapping that `catalogue` was made from, row by row.
 * Unknown names, doubled ones and loops are problems: in a loop every row would excuse the others. -ENOMEM.
 */
int implied_read(struct catalogue *catalogue, const struct node *permissions, struct problems *problems);

#endif
