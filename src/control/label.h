/* The labels of a query: label=NAME=VALUE, as often as wanted. */
#ifndef CONTROL_LABEL_H
#define CONTROL_LABEL_H

#include "control/import_line.h"
#include "control/visit.h"

struct labels {
        struct label list[LABELS_MAX];
        size_t n;
        bool bad;
};

/* -EINVAL, -ENOMEM: answered already, nothing to clear. */
int labels_collect(struct visit *visit, struct labels *ret);
void labels_clear(struct labels *labels);

#endif
