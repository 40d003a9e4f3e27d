/* Writing of ledger rows within a transaction: for commit.c. */
#ifndef STORE_LEDGER_WRITE_H
#define STORE_LEDGER_WRITE_H

#include "store/ledger.h"

/* -ENOENT: the owner is a key that is gone. */
int coupon_write(struct store *store, const struct ledger_row *row, int64_t *ret_id);
int scan_write(struct store *store, const struct ledger_owner *owner, const struct ledger_scan *scan);

#endif
