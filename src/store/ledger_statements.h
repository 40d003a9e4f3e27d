/* Statements of the coupon ledger. Within store/ only. */
#ifndef STORE_LEDGER_STATEMENTS_H
#define STORE_LEDGER_STATEMENTS_H

/* An owner: one of two indexes, chosen by which of the parameters is not NULL. */
#define SQL_OWNED                                                                                            \
        " ((account = :account AND mode = :mode)"                                                            \
        " OR (:account IS NULL AND account IS NULL AND key = :key AND mode = :mode))"

#define SQL_COUPON_COLUMNS                                                                                   \
        "id, account, key, mode, coupon, created, seen, state, reason, attempts, next_try, updated, ours,"   \
        " source, incident"
#define SQL_SCAN_COLUMNS                                                                                     \
        "last_complete, last_scan, coupons_seen, month, reads, half_until, half_began, half_since, "         \
        "half_seen"
#define SQL_COUPON_REPLACE                                                                                   \
        " created = excluded.created, seen = excluded.seen, state = excluded.state,"                         \
        " reason = excluded.reason, attempts = excluded.attempts, next_try = excluded.next_try,"             \
        " updated = excluded.updated, ours = max(ours, excluded.ours), source = excluded.source,"            \
        " incident = excluded.incident"
#define SQL_DELETED    " state IN ('deleted', 'deleting')"
#define SQL_UNFINISHED " state IN ('found', 'deleting', 'kept', 'stuck')"

/* Two rows about one coupon become one: the later belief, the earlier creation. */
#define SQL_LATER(column)                                                                                    \
        " " column " = CASE WHEN k.updated > c.updated THEN k." column " ELSE c." column " END,"

#define SQL_LATER_ALL                                                                                        \
        SQL_LATER("state")                                                                                   \
        SQL_LATER("reason")                                                                                  \
        SQL_LATER("attempts") SQL_LATER("next_try") SQL_LATER("incident") SQL_LATER("source")

#define STATEMENTS_LEDGER(X)                                                                                 \
        X(COUPON_PUT,                                                                                        \
          "INSERT INTO coupon(account, key, mode, coupon, created, seen, state, reason,"                     \
          " attempts, next_try, updated, ours, source, incident) SELECT :account,"                           \
          " (SELECT id FROM key WHERE id = :key AND removed = 0), :mode, :coupon, :created, :seen, :state,"  \
          " :reason, :attempts, :next_try, :updated, :ours, :source, :incident"                              \
          " WHERE :account IS NOT NULL OR EXISTS(SELECT 1 FROM key WHERE id = :key AND removed = 0)"         \
          " ON CONFLICT(account, mode, coupon) WHERE account IS NOT NULL DO UPDATE SET"                      \
          " key = coalesce(excluded.key, key)," SQL_COUPON_REPLACE                                           \
          " ON CONFLICT(key, mode, coupon) WHERE account IS NULL DO UPDATE SET"                              \
          " account = NULL," SQL_COUPON_REPLACE " RETURNING id")                                             \
        X(COUPON_FIND, "SELECT " SQL_COUPON_COLUMNS " FROM coupon WHERE" SQL_OWNED " AND coupon = :coupon")  \
        X(COUPON_UNFINISHED,                                                                                 \
          "SELECT " SQL_COUPON_COLUMNS " FROM coupon WHERE" SQL_UNFINISHED " ORDER BY id")                   \
        X(COUPON_UNFINISHED_OF,                                                                              \
          "SELECT " SQL_COUPON_COLUMNS " FROM coupon WHERE" SQL_OWNED " AND" SQL_UNFINISHED " ORDER BY id")  \
        X(COUPON_DELETED, "SELECT count(*) FROM coupon WHERE updated >= :since AND" SQL_DELETED)             \
        X(COUPON_DELETED_OF,                                                                                 \
          "SELECT count(*) FROM coupon WHERE" SQL_OWNED " AND updated >= :since AND" SQL_DELETED)            \
        X(COUPON_OURS,                                                                                       \
          "SELECT EXISTS(SELECT 1 FROM coupon WHERE" SQL_OWNED " AND ours AND" SQL_UNFINISHED ")")           \
        X(COUPON_JOIN, "UPDATE coupon AS c SET" SQL_LATER_ALL " key = k.key, seen = c.seen + k.seen,"        \
                       " ours = max(c.ours, k.ours), updated = max(c.updated, k.updated),"                   \
                       " created = coalesce(nullif(c.created, 0), k.created) FROM coupon AS k"               \
                       " WHERE k.key = :key AND k.account IS NULL AND c.account = :account"                  \
                       " AND c.mode = k.mode AND c.coupon = k.coupon")                                       \
        X(COUPON_JOINED, "DELETE FROM coupon WHERE key = :key AND account IS NULL AND EXISTS(SELECT 1"       \
                         " FROM coupon a WHERE a.account = :account AND a.mode = coupon.mode"                \
                         " AND a.coupon = coupon.coupon)")                                                   \
        X(COUPON_ADOPT, "UPDATE coupon SET account = :account WHERE key = :key AND account IS NULL")         \
        X(SCAN_GET, "SELECT " SQL_SCAN_COLUMNS " FROM scan WHERE" SQL_OWNED)                                 \
        X(SCAN_PUT,                                                                                          \
          "INSERT INTO scan(account, key, mode, " SQL_SCAN_COLUMNS ") SELECT :account,"                      \
          " CASE WHEN :account IS NULL THEN :key END, :mode, :last_complete, :last_scan,"                    \
          " :coupons_seen, :month, :reads, :half_until, :half_began, :half_since, :half_seen"                \
          " WHERE :account IS NOT NULL OR EXISTS(SELECT 1 FROM key WHERE id = :key AND removed = 0)"         \
          " ON CONFLICT DO UPDATE SET last_complete = excluded.last_complete,"                               \
          " last_scan = excluded.last_scan, coupons_seen = excluded.coupons_seen,"                           \
          " month = excluded.month, reads = excluded.reads, half_until = excluded.half_until,"               \
          " half_began = excluded.half_began, half_since = excluded.half_since,"                             \
          " half_seen = excluded.half_seen")                                                                 \
        X(SCAN_JOIN,                                                                                         \
          "UPDATE scan AS a SET coupons_seen = CASE WHEN k.last_complete > a.last_complete"                  \
          " THEN k.coupons_seen ELSE a.coupons_seen END,"                                                    \
          " last_complete = max(a.last_complete, k.last_complete), last_scan = max(a.last_scan,"             \
          " k.last_scan), reads = CASE WHEN a.month = k.month THEN a.reads + k.reads WHEN k.month > a.month" \
          " THEN k.reads ELSE a.reads END, month = max(a.month, k.month) FROM scan AS k WHERE k.key = :key"  \
          " AND a.account = :account AND a.mode = k.mode")                                                   \
        X(SCAN_JOINED, "DELETE FROM scan WHERE key = :key AND EXISTS(SELECT 1 FROM scan a WHERE"             \
                       " a.account = :account AND a.mode = scan.mode)")                                      \
        X(SCAN_ADOPT, "UPDATE scan SET account = :account, key = NULL WHERE key = :key")                     \
        X(LEDGER_OF_KEY, "SELECT EXISTS(SELECT 1 FROM coupon WHERE key = :key AND account IS NULL)"          \
                         " OR EXISTS(SELECT 1 FROM scan WHERE key = :key)")                                  \
        X(SCAN_ALL, "SELECT account, key, mode, last_complete, last_scan, coupons_seen, month, reads"        \
                    " FROM scan ORDER BY id")

#endif
