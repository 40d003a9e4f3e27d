/* The texts behind store_query(). Their columns are what `--json` shows. Within store/ only. */
#ifndef STORE_QUERIES_H
#define STORE_QUERIES_H

#include "store/views.h"

#define SQL_LABELLED                                                                                         \
        " AND (:label_name IS NULL OR EXISTS(SELECT 1 FROM label l JOIN key x ON x.id = l.key"               \
        " WHERE x.name = v.name AND l.name = :label_name AND (:label_value IS NULL OR l.value ="             \
        " :label_value)))"

#define SQL_COUPONS                                                                                          \
        "SELECT v.*, o.updated, o.id FROM coupon o CROSS JOIN v_coupon v ON v.id = o.id"                     \
        " WHERE (o.updated, o.id) < (:place_at, :place_id)"
#define SQL_COUPONS_ORDER " ORDER BY o.updated DESC, o.id DESC LIMIT :limit"

/* Lists that are read in pieces end with two columns that say where a row is in them, newest first.
 * Two ways to ask for one thing where a single text with "or any" could not use an index. In Q_COUNTS the
 * limit that limits nothing makes SQLite work out a key's state once, not once for each count. */
#define STATEMENTS_QUERY(X)                                                                                  \
        X(Q_KEYS, "SELECT * FROM v_key v WHERE (:state IS NULL OR v.state = :state)" SQL_LABELLED            \
                  " ORDER BY v.name LIMIT :limit")                                                           \
        X(Q_KEY, "SELECT v.*, " REMEDY_OF_KEY " AS remedy_url FROM v_key v WHERE v.name = :key"              \
                 " AND (:state IS NULL OR v.state = :state)" SQL_LABELLED " LIMIT :limit")                   \
        X(Q_LABELS, "SELECT l.name AS name, l.value AS value FROM label l JOIN key k ON k.id = l.key"        \
                    " WHERE k.name = :key ORDER BY l.name LIMIT :limit")                                     \
        X(Q_PERMISSIONS, "SELECT key, permission, label, required, granted, since, unprobed FROM "           \
                         "v_permission WHERE key = :key"                                                     \
                         " ORDER BY permission LIMIT :limit")                                                \
        X(Q_HISTORY, SQL_HISTORY)                                                                            \
        X(Q_ANSWERS,                                                                                         \
          "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', a.at_wall, 'unixepoch') AS at, a.answer AS answer,"         \
          " a.probe AS probe, a.status AS status, a.code AS code, a.request_id AS request_id,"               \
          " a.text AS text, a.duration_usec AS duration_usec FROM answer a JOIN key k ON k.id = a.key"       \
          " WHERE k.name = :key ORDER BY a.id DESC LIMIT :limit")                                            \
        X(Q_INCIDENTS, "SELECT *, 0, id FROM v_incident"                                                     \
                       " WHERE id < :place_id ORDER BY id DESC LIMIT :limit")                                \
        X(Q_INCIDENTS_OPEN, "SELECT v.*, 0, i.id FROM incident i JOIN v_incident v ON v.id = i.id"           \
                            " WHERE i.cleared = 0 AND i.id < :place_id ORDER BY i.id DESC LIMIT :limit")     \
        X(Q_INCIDENT,                                                                                        \
          "SELECT v.*, " REMEDY_OF_INCIDENT                                                                  \
          " AS remedy_url FROM v_incident v WHERE id = :id AND (NOT :open_only OR cleared IS NULL)"          \
          " AND (:key IS NULL OR key = :key) LIMIT :limit")                                                  \
        X(Q_INCIDENTS_OF_KEY, "SELECT *, 0, id FROM v_incident WHERE id IN (SELECT i.id FROM incident i"     \
                              " WHERE i.key IN (" SQL_KEYS_CALLED ")) AND id < :place_id"                    \
                              " AND (NOT :open_only OR cleared IS NULL) ORDER BY id DESC LIMIT :limit")      \
        X(Q_INCIDENT_KEYS, "SELECT * FROM v_incident WHERE parent = :id ORDER BY id LIMIT :limit")           \
        X(Q_COUPONS, SQL_COUPONS SQL_COUPONS_ORDER)                                                          \
        X(Q_COUPONS_OPEN,                                                                                    \
          "SELECT v.*, 0, c.id FROM coupon c JOIN v_coupon v ON v.id = c.id WHERE c.state IN"                \
          " ('found', 'deleting', 'kept', 'stuck') AND c.id < :place_id ORDER BY c.id DESC LIMIT :limit")    \
        X(Q_COUPONS_OF_KEY,                                                                                  \
          SQL_COUPONS " AND o.id IN (SELECT id FROM coupon WHERE key IN (" SQL_KEYS_CALLED ")"               \
                      " UNION SELECT c.id FROM key k JOIN coupon c ON c.account = k.account"                 \
                      " AND c.mode = k.mode WHERE k.name = :key)" SQL_COUPONS_ORDER)                         \
        X(Q_INCIDENT_COUNTS, "SELECT kind, priority, count(*) FROM incident WHERE cleared = 0"               \
                             " GROUP BY kind, priority LIMIT :limit")                                        \
        X(Q_COUPON_COUNTS, "SELECT state, count(*) FROM coupon WHERE state IN ('found', 'deleting', 'kept'," \
                           " 'stuck') GROUP BY state LIMIT :limit")                                          \
        X(Q_COUNTS,                                                                                          \
          "SELECT count(*) AS keys,"                                                                         \
          " count(*) FILTER (WHERE state = 'unverified') AS unverified,"                                     \
          " count(*) FILTER (WHERE state = 'healthy') AS healthy,"                                           \
          " count(*) FILTER (WHERE state = 'degraded') AS degraded,"                                         \
          " count(*) FILTER (WHERE state = 'blocked') AS blocked,"                                           \
          " count(*) FILTER (WHERE state = 'expired') AS expired,"                                           \
          " count(*) FILTER (WHERE state = 'revoked') AS revoked,"                                           \
          " count(*) FILTER (WHERE state = 'rolled') AS rolled,"                                             \
          " count(*) FILTER (WHERE state = 'invalid') AS invalid,"                                           \
          " count(*) FILTER (WHERE state = 'paused') AS paused,"                                             \
          " count(*) FILTER (WHERE state = 'unreadable') AS unreadable,"                                     \
          " count(*) FILTER (WHERE suspect_since > 0) AS suspect,"                                           \
          " (SELECT count(*) FROM incident WHERE cleared = 0) AS incidents,"                                 \
          " (SELECT count(*) FROM incident WHERE cleared = 0 AND priority <= 2) AS critical,"                \
          " (SELECT count(*) FROM incident WHERE cleared = 0 AND priority = 3) AS errors,"                   \
          " (SELECT count(*) FROM incident WHERE cleared = 0 AND priority = 4) AS warnings,"                 \
          " (SELECT count(*) FROM incident WHERE cleared = 0 AND priority >= 5) AS notices,"                 \
          " (SELECT count(*) FROM event WHERE send_state = 0) AS unsent FROM (SELECT " STATE_OR_UNREADABLE   \
          " AS state, k.suspect_since AS suspect_since FROM key k WHERE k.removed = 0 LIMIT -1) WHERE "      \
          ":limit")

#endif
