/* The selector of a query: name=PATTERN,… state= profile= account= mode= label=K=V missing= excess=
 * expiring=30d not_well=1. */
#ifndef CONTROL_SELECTED_H
#define CONTROL_SELECTED_H

#include "control/visit.h"
#include "store/selector.h"

/* What a route that takes a selector has among its parameters. */
#define SELECTOR_PARAMETERS "name state profile account mode label missing excess expiring not_well"

struct selected {
        struct key_selector selector;
        char *names, *label; /* what it borrows */
};

/* -EINVAL, -ENOMEM: answered already, nothing to clear. */
int selected_collect(struct visit *visit, struct selected *ret);
void selected_clear(struct selected *selected);

#endif
