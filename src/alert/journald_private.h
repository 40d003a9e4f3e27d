/* journald_new() with its two outer ends in the caller's hand: for tests. */
#ifndef ALERT_JOURNALD_PRIVATE_H
#define ALERT_JOURNALD_PRIVATE_H

#include <sys/uio.h>

#include "base/journal.h"

/* Like sd_journal_sendv(3). */
typedef int (*journald_sendv_fn)(const struct iovec *fields, int n);

/* `path`: the socket that is probed before each entry; copied. -ENOMEM. */
int journald_new_with(const char *path, journald_sendv_fn sendv, struct journal **ret);

#endif
