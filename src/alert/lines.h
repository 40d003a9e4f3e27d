/* struct journal where there is none: each entry as one line of JSON. */
#ifndef ALERT_LINES_H
#define ALERT_LINES_H

#include "base/journal.h"
#include "base/macros.h"

/* Entries go to this descriptor, which stays the caller's. Nobody reads, or the reader is slow: -EAGAIN.
 * -ENOMEM. */
int lines_new(int fd, struct journal **ret);
struct journal *lines_free(struct journal *journal);

#endif
