/* Every statement there is, with its text. Within store/ only. */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "store/keycolumns.h"
#include "store/ledger_statements.h"
#include "store/queries.h"

#define STATEMENTS_TRANSACTION(X)                                                                            \
        X(BEGIN, "BEGIN IMMEDIATE")                                                                          \
        X(COMMIT, "COMMIT")                                                                                  \
        X(ROLLBACK, "ROLLBACK")                                                                              \
        X(SAVE, "SAVEPOINT one")                                                                             \
        X(RELEASE, "RELEASE one")                                                                            \
        X(UNDO, "ROLLBACK TO one")                                                                           \
        X(HOLD, "SELECT 1 FROM sqlite_schema")

#define STATEMENTS_KEY(X)                                                                                    \
        X(KEY_SELECT, SQL_KEY_SELECT)                                                                        \
        X(KEY_INSERT, SQL_KEY_INSERT)                                                                        \
        X(KEY_UPDATE, SQL_KEY_UPDATE)                                                                        \
        /* Its place is free for another of its name; '/' is in no name of a key that is there. */           \
        X(KEY_REMOVE,                                                                                        \
          "UPDATE key SET was = name, name = '/' || id, removed = :at, edit_url = '', has_old = 0,"          \
          " grants = '', missing = '', excess = '', pause_reason = '', paused_until = 0"                     \
          " WHERE id = :key AND removed = 0")                                                                \
        X(KEY_KNOWN, "SELECT EXISTS(" SQL_KEYS_CALLED ")")                                                   \
        X(KEY_ID, "SELECT id FROM key WHERE name = :name")                                                   \
        X(KEY_NEXT, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'key'), 0) + 1")          \
        X(KEY_FINDINGS, "UPDATE key SET missing = :missing, excess = :excess WHERE id = :id")                \
        X(KEY_EDIT_URL, "UPDATE key SET edit_url = :url WHERE id = :id AND removed = 0")                     \
        X(KEY_EDIT_URL_GET, "SELECT edit_url FROM key WHERE id = :id")                                       \
        X(KEY_PROFILE, "UPDATE key SET profile = :profile WHERE id = :id")                                   \
        X(KEY_PAUSE_REASON, "UPDATE key SET pause_reason = :reason WHERE id = :id")                          \
        X(KEY_HAS_OLD, "UPDATE key SET has_old = :has_old WHERE id = :id")                                   \
        X(LABEL_PUT, "INSERT INTO label(key, name, value) VALUES(:key, :name, :value)"                       \
                     " ON CONFLICT(key, name) DO UPDATE SET value = excluded.value")                         \
        X(LABEL_DELETE, "DELETE FROM label WHERE key = :key AND name = :name")                               \
        X(SECRET_READ, "SELECT l.sealed FROM secret s JOIN place l ON l.id = s.place WHERE s.id = :id")      \
        X(SECRET_IS, "SELECT 1 FROM secret s JOIN place l ON l.id = s.place"                                 \
                     " WHERE s.id = :id AND l.fingerprint = :fingerprint")                                   \
        X(SECRET_PUT, "INSERT INTO secret(id, place) VALUES(:id, :place)")                                   \
        X(SECRET_DELETE, "DELETE FROM secret WHERE id = :id")                                                \
        X(SECRET_VERSION, "SELECT lower(hex(substr(l.fingerprint, 1, 8)))"                                   \
                          " FROM secret s JOIN place l ON l.id = s.place WHERE s.id = :id")                  \
        X(SECRET_ANY, "SELECT EXISTS(SELECT 1 FROM secret)")                                                 \
        X(SECRET_OWNER, "SELECT s.id, k.name FROM place l JOIN secret s ON s.place = l.id"                   \
                        " LEFT JOIN key k ON k.id = CASE WHEN s.id < 0 THEN -s.id ELSE s.id / 2 END"         \
                        " WHERE l.fingerprint = :fingerprint")                                               \
        /* A place keeps its size for life: so what it holds is overwritten where it lies. */                \
        X(PLACE_OF, "SELECT l.id FROM secret s JOIN place l ON l.id = s.place"                               \
                    " WHERE s.id = :id AND length(l.sealed) = :size")                                        \
        X(PLACE_EMPTY, "SELECT l.id FROM place l"                                                            \
                       " WHERE length(l.sealed) = :size AND substr(l.sealed, 1, 1) = x'00'"                  \
                       " AND NOT EXISTS(SELECT 1 FROM secret s WHERE s.place = l.id) LIMIT 1")               \
        X(PLACE_NEW, "INSERT INTO place(sealed, fingerprint) VALUES(:sealed, :fingerprint)")                 \
        X(PLACE_FILL, "UPDATE place SET sealed = :sealed, fingerprint = :fingerprint WHERE id = :place")     \
        X(PLACE_CLEAR, "UPDATE place SET sealed = zeroblob(length(sealed)),"                                 \
                       " fingerprint = randomblob(length(fingerprint))"                                      \
                       " WHERE id = (SELECT place FROM secret WHERE id = :id)")                              \
        X(LABELS_OF_KEY, "DELETE FROM label WHERE key = :key")                                               \
        X(SCANS_OF_KEY, "DELETE FROM scan WHERE key = :key")                                                 \
        /* Nobody could finish these any more. */                                                            \
        X(COUPONS_OF_KEY, "DELETE FROM coupon WHERE key = :key AND account IS NULL"                          \
                          " AND state NOT IN ('deleted', 'gone')")                                           \
        X(COUPONS_WITHOUT_KEY, "UPDATE coupon SET key = NULL WHERE key = :key"                               \
                               " AND state NOT IN ('deleted', 'gone')")

#define STATEMENTS_HISTORY(X)                                                                                \
        X(SPAN_END, "UPDATE span SET until_wall = max(from_wall, :at), checks = :checks WHERE until_wall "   \
                    "IS NULL AND id ="                                                                       \
                    " (SELECT id FROM span WHERE key = :key ORDER BY id DESC LIMIT 1)")                      \
        X(SPAN_BEGIN, "INSERT INTO span(key, state, from_wall) VALUES(:key, :state, :at)")                   \
        X(SPAN_REMOVED, "INSERT INTO span(key, state, from_wall, until_wall, checks)"                        \
                        " SELECT id, 'removed', :at, :at, 0 FROM key WHERE id = :key AND removed = 0")       \
        X(SPANS_SLICE, "SELECT state, from_wall, coalesce(until_wall, 0) FROM span"                          \
                       " WHERE id > :after AND id <= :until ORDER BY id")                                    \
        X(SPANS_LAST, "SELECT coalesce(max(id), 0) FROM span")                                               \
        X(OUTAGES, "SELECT opened, cleared, mode FROM incident WHERE kind = 'stripe-outage'"                 \
                   " AND (cleared = 0 OR cleared > :since) ORDER BY opened")                                 \
        X(ANSWER_INSERT, "INSERT INTO answer(key, at_wall, answer, probe, status, code, request_id, text,"   \
                         " duration_usec) VALUES(:key, :at, :answer, :probe, :status, :code, :request_id,"   \
                         " :text, :duration_usec)")                                                          \
        X(ANSWER_TRIM, "DELETE FROM answer WHERE key = :key AND id <= (SELECT id FROM answer"                \
                       " WHERE key = :key ORDER BY id DESC LIMIT 1 OFFSET :keep)")                           \
        X(ANSWER_UNCLEAR, "SELECT key, max(at_wall) FROM answer"                                             \
                          " WHERE at_wall >= :since AND answer = 'unclear' GROUP BY +key")                   \
        X(PERMISSION_CHANGE, "INSERT INTO permission_change(key, at_wall, slot, before, after)"              \
                             " VALUES(:key, :at, :slot, :before, :after)")

#define STATEMENTS_INCIDENT(X)                                                                               \
        X(INCIDENT_PUT,                                                                                      \
          "INSERT INTO incident(id, kind, key, account, parent, opened, cleared, reminded, reminders,"       \
          " acknowledged, acknowledged_until, acknowledged_uid, priority, count, event_id, reason, detail,"  \
          " message, acknowledgement, mode, number, quiet, since) VALUES(:id, :kind, :key, :account, "       \
          ":parent, "                                                                                        \
          ":opened, :cleared,"                                                                               \
          " :reminded, :reminders, :acknowledged, :acknowledged_until, :acknowledged_uid, :priority,"        \
          " :count, :event_id, :reason, :detail, coalesce(:message, ''), coalesce(:acknowledgement, ''),"    \
          " :mode, :number, :quiet, :since) ON "                                                             \
          "CONFLICT(id) DO UPDATE SET"                                                                       \
          " kind = excluded.kind, key = excluded.key, account = excluded.account,"                           \
          " parent = excluded.parent, opened = excluded.opened, cleared = excluded.cleared,"                 \
          " reminded = excluded.reminded, reminders = excluded.reminders,"                                   \
          " acknowledged = excluded.acknowledged, acknowledged_until = excluded.acknowledged_until,"         \
          " acknowledged_uid = excluded.acknowledged_uid, priority = excluded.priority,"                     \
          " count = excluded.count, event_id = excluded.event_id, reason = excluded.reason,"                 \
          " detail = excluded.detail, message = coalesce(:message, message),"                                \
          " acknowledgement = coalesce(:acknowledgement, acknowledgement),"                                  \
          " mode = excluded.mode, number = excluded.number,"                                                 \
          " quiet = excluded.quiet, since = excluded.since")                                                 \
        X(INCIDENT_LOAD,                                                                                     \
          "SELECT id, kind, key, account, parent, opened, cleared, reminded, reminders, acknowledged,"       \
          " acknowledged_until, acknowledged_uid, priority, count, event_id, reason, detail,"                \
          " mode, number, quiet, since FROM incident WHERE cleared = 0 ORDER BY id")                         \
        X(INCIDENT_NEWEST,                                                                                   \
          "SELECT id, kind, key, account, parent, opened, cleared, reminded, reminders, acknowledged,"       \
          " acknowledged_until, acknowledged_uid, priority, count, event_id, reason, detail,"                \
          " mode, number, quiet, since FROM incident WHERE id > 0 ORDER BY id DESC")                         \
        X(INCIDENT_CHANGES,                                                                                  \
          "SELECT total(opened BETWEEN :since AND :until) + total(cleared BETWEEN :since AND :until),"       \
          " min(CASE WHEN opened >= :since THEN opened ELSE cleared END) FROM incident WHERE key = :key"     \
          " AND kind IN (:a, :b, :c) AND (opened BETWEEN :since AND :until OR"                               \
          " cleared BETWEEN :since AND :until)")                                                             \
        X(INCIDENT_NUMBER,                                                                                   \
          "SELECT coalesce(max(number), 0) FROM incident WHERE key = :key AND kind = :kind")                 \
        X(EVENT_NUMBER, "SELECT count(*) FROM event WHERE key = :key AND kind = :kind")                      \
        X(EVENT_PUT,                                                                                         \
          "INSERT INTO event(seq, incident, key, at_wall, kind, priority, send_state, id, fields)"           \
          " VALUES(:seq, :incident, :key, :at, :kind, :priority, :send_state, :id, :fields)"                 \
          " ON CONFLICT(seq) DO UPDATE SET incident = excluded.incident, key = excluded.key,"                \
          " at_wall = excluded.at_wall, kind = excluded.kind, priority = excluded.priority,"                 \
          " send_state = excluded.send_state, id = excluded.id, fields = excluded.fields")                   \
        X(EVENT_STATE, "UPDATE event SET send_state = :send_state WHERE seq = :seq")                         \
        X(INCIDENT_LAST, "SELECT coalesce(max(id), 0) FROM incident")                                        \
        X(EVENT_UNSENT, "SELECT seq, incident, key, at_wall, kind, priority, send_state, id, fields"         \
                        " FROM event WHERE send_state = 0 ORDER BY priority, seq LIMIT :limit")              \
        X(EVENT_COUNT_UNSENT, "SELECT count(*) FROM event WHERE send_state = 0")                             \
        X(EVENT_SINCE, "SELECT seq, incident, key, at_wall, kind, priority, send_state, id, fields"          \
                       " FROM event WHERE seq > :after AND at_wall >= :since ORDER BY seq LIMIT :limit")     \
        X(EVENT_FIRST, "SELECT seq FROM event ORDER BY seq LIMIT 1")                                         \
        /* What is listed under another incident was told with that one's number. */                         \
        X(EVENT_FEED,                                                                                        \
          "SELECT e.seq, coalesce(own.id, e.incident), e.key, e.at_wall, e.kind, e.priority, e.send_state,"  \
          " e.id, e.fields, CASE WHEN own.id THEN e.incident ELSE i.parent END FROM event e"                 \
          " LEFT JOIN incident i ON i.id = e.incident LEFT JOIN incident own ON own.key = e.key"             \
          " AND +own.parent = e.incident AND own.kind = e.kind"                                              \
          " WHERE e.seq > :after ORDER BY e.seq LIMIT :limit")                                               \
        X(LAST_ID, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = :name), 0)")

#define STATEMENTS_REST(X)                                                                                   \
        X(META_GET, "SELECT value FROM meta WHERE name = :name")                                             \
        X(META_PUT, "INSERT INTO meta(name, value) VALUES(:name, :value)"                                    \
                    " ON CONFLICT(name) DO UPDATE SET value = excluded.value")                               \
        X(META_DELETE, "DELETE FROM meta WHERE name = :name")                                                \
        X(META_EACH, "SELECT name, value FROM meta WHERE name >= :from AND name < :to")                      \
        X(ACCOUNT_ID, "SELECT id FROM account WHERE name = :name")                                           \
        X(ACCOUNT_INSERT, "INSERT INTO account(id, name) VALUES(:id, :name)")                                \
        X(ACCOUNT_LAST, "SELECT coalesce(max(id), 0) FROM account")                                          \
        X(ACCOUNT_NAME, "SELECT name FROM account WHERE id = :id")                                           \
        X(PROFILE_ID, "SELECT id FROM profile WHERE name = :name")                                           \
        X(PROFILE_INSERT, "INSERT INTO profile(name) VALUES(:name) RETURNING id")                            \
        X(PROFILE_LINKS, "UPDATE profile SET create_live = :live, create_test = :test WHERE id = :id")       \
        X(PROFILE_ALL, "SELECT id, name FROM profile ORDER BY id")                                           \
        X(PERMISSION_SLOT, "SELECT slot FROM permission WHERE name = :name")                                 \
        X(PERMISSION_NEXT, "SELECT coalesce(max(slot) + 1, 0) FROM permission")                              \
        X(PERMISSION_PUT, "INSERT INTO permission(slot, name, label, current)"                               \
                          " VALUES(:slot, :name, :label, 1)"                                                 \
                          " ON CONFLICT(slot) DO UPDATE SET label = excluded.label, current = 1")            \
        X(PERMISSION_PROBES, "UPDATE permission SET probed = :probed, levels = :levels WHERE slot = :slot")  \
        X(PERMISSION_PASS, "UPDATE permission SET current = 0")                                              \
        X(REQUIREMENT_CLEAR, "DELETE FROM requirement")                                                      \
        X(REQUIREMENT_PUT, "INSERT OR REPLACE INTO requirement(profile, slot, level)"                        \
                           " VALUES(:profile, :slot, :level)")

#define STATEMENTS_EXPIRE(X)                                                                                 \
        X(EXPIRE_SPAN, "DELETE FROM span WHERE id IN (SELECT id FROM span WHERE until_wall < :before"        \
                       " AND until_wall IS NOT NULL LIMIT :limit)")                                          \
        X(EXPIRE_CHANGE, "DELETE FROM permission_change WHERE id IN (SELECT id FROM permission_change"       \
                         " WHERE at_wall < :before LIMIT :limit)")                                           \
        X(EXPIRE_ANSWER, "DELETE FROM answer WHERE id IN (SELECT id FROM answer WHERE at_wall < :before"     \
                         " LIMIT :limit)")                                                                   \
        X(EXPIRE_INCIDENT, "DELETE FROM incident WHERE id IN (SELECT id FROM incident"                       \
                           " WHERE cleared > 0 AND cleared < :before LIMIT :limit)")                         \
        /* From the first on, without gaps: who reads them must notice what is gone. */                      \
        X(EXPIRE_EVENT, "DELETE FROM event WHERE seq IN (SELECT seq FROM event ORDER BY seq LIMIT :limit)"   \
                        " AND seq < coalesce((SELECT min(seq) FROM (SELECT seq, at_wall, send_state"         \
                        " FROM event ORDER BY seq LIMIT :limit)"                                             \
                        " WHERE at_wall >= :before OR send_state = 0), 9223372036854775807)")                \
        /* With all that is left of its history. */                                                          \
        X(EXPIRE_KEY, "DELETE FROM key WHERE id IN (SELECT id FROM key WHERE removed > 0"                    \
                      " AND removed < :before LIMIT :limit)")                                                \
        X(EXPIRE_COUPON, "DELETE FROM coupon WHERE id IN (SELECT id FROM coupon WHERE updated < :before"     \
                         " AND state IN ('deleted', 'gone') LIMIT :limit)")

#define STATEMENTS(X)                                                                                        \
        STATEMENTS_TRANSACTION(X)                                                                            \
        STATEMENTS_KEY(X)                                                                                    \
        STATEMENTS_HISTORY(X)                                                                                \
        STATEMENTS_INCIDENT(X)                                                                               \
        STATEMENTS_REST(X)                                                                                   \
        STATEMENTS_EXPIRE(X)                                                                                 \
        STATEMENTS_LEDGER(X)                                                                                 \
        STATEMENTS_QUERY(X)

enum statement {
#define X(name, text) STATEMENT_##name,
        STATEMENTS(X)
#undef X
                _STATEMENT_MAX
};

extern const char *const statement_texts[_STATEMENT_MAX];

#endif
