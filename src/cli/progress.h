/* How far something long has come: one line on standard error, if that is a terminal, once it has lasted two
 * seconds. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/usec.h"

struct progress {
        const char *unit; /* "keys"; "MiB": `of` and what is done are bytes */
        uint64_t of;      /* 0: it is not known */
        usec_t began, shown;
        bool terminal, visible;
};

/* Zeroed, it shows nothing. */
void progress_begin(struct progress *progress, const char *unit, uint64_t of);

/* "12 of 40 keys, about 2m30s left" */
void progress_show(struct progress *progress, uint64_t done);

/* The same, for an upload whose userdata it is. */
void progress_bytes(uint64_t done, void *userdata);

/* The line goes: something else is written, or it is over. */
void progress_hide(struct progress *progress);

#endif
