/* struct journal on systemd's journal. */
#ifndef ALERT_JOURNALD_H
#define ALERT_JOURNALD_H

#include "base/journal.h"
#include "base/macros.h"

/* Entries go to journald by its native protocol. Before each one its socket is tried without blocking,
 * because sd_journal_send() blocks when journald is wedged and says 0 when there is none at all: in both
 * cases -EAGAIN. An entry of more than 64 fields or 128 KiB: -E2BIG; a field without "=" or with a newline:
 * -EINVAL. -ENOMEM. */
int journald_new(struct journal **ret);
struct journal *journald_free(struct journal *journal);
DEFINE_CLEANUP(struct journal, journald_free)

#endif
