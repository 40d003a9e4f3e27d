/* What notify says by itself, in the journal: that a receiver takes nothing. */
#ifndef NOTIFY_JOURNAL_H
#define NOTIFY_JOURNAL_H

#include <stdint.h>

#include "base/journal.h"

/* `name`: the receiver's, without secrets. `why`: for people. */
void journal_failing(struct journal *journal, const char *name, const char *why, int64_t since);
void journal_works_again(struct journal *journal, const char *name, int64_t since);

#endif
