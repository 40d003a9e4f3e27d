/* What people read with sqlite3(1). The first columns of each view are documented and stay; more may follow
 * them. A migration that changes a view drops it first. Within store/ only. */
#ifndef STORE_VIEWS_H
#define STORE_VIEWS_H

/* The formatter pulls texts and macros apart. */
/* clang-format off */

/* RFC 3339 in UTC, or NULL for never. INT64_MAX ("without a date") gives NULL too. */
#define WALL(column) \
        "CASE WHEN " column " > 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', " column ", 'unixepoch') END"

/* The same order of precedence as key_state(). */
#define WALL_NOW "CAST(strftime('%s', 'now') AS INTEGER)"
#define STATE_OF_KEY_AT(now) \
        "CASE WHEN k.paused_until > " now " THEN 'paused'" \
        " ELSE CASE CASE WHEN k.life IN ('suspect', 'held') THEN k.former ELSE k.life END" \
        " WHEN 'dead' THEN CASE k.ended WHEN '' THEN 'revoked' ELSE k.ended END" \
        " WHEN 'blocked' THEN 'blocked'" \
        " WHEN 'alive' THEN CASE WHEN k.is_missing THEN 'degraded' ELSE 'healthy' END" \
        " ELSE 'unverified' END END"
#define STATE_OF_KEY STATE_OF_KEY_AT(WALL_NOW)

#define VIEW_KEY_OF(state, more, there) \
        "CREATE VIEW v_key AS SELECT k.name AS name, p.name AS profile, k.mode AS mode," \
        " a.name AS account, " state " AS state," \
        " (SELECT " WALL("s.from_wall") " FROM span s WHERE s.key = k.id ORDER BY s.id DESC LIMIT 1) AS since," \
        " " WALL("k.suspect_since") " AS suspect_since," \
        " " WALL("k.last_checked") " AS last_checked," \
        " " WALL("k.last_healthy") " AS last_healthy," \
        " k.missing AS missing, k.excess AS excess, k.kind AS kind, k.life AS life," \
        " CASE WHEN k.life = 'dead' THEN " WALL("k.life_since") " END AS dead_since," \
        " k.unwitnessed AS unwitnessed," \
        " " WALL("k.paused_until") " AS paused_until," \
        " k.pause_reason AS pause_reason, k.account_declared AS account_declared," \
        " " WALL("k.added") " AS added," \
        " " WALL("k.created") " AS created," \
        " " WALL("k.expires") " AS expires," \
        " " WALL("k.secret_since") " AS secret_since," \
        " k.has_old AS old_secret_watched," \
        " " WALL("k.last_full") " AS last_full," \
        " " WALL("k.last_excess_riskiest") " AS last_excess," \
        " k.checks AS checks" more \
        " FROM key k JOIN profile p ON p.id = k.profile LEFT JOIN account a ON a.id = k.account" there ";"
#define VIEW_KEY VIEW_KEY_OF(STATE_OF_KEY, "", "")

/* A secret that cannot be opened goes before all that was believed. */
#define STATE_OR_UNREADABLE_AT(now) \
        "CASE WHEN k.unreadable AND k.paused_until <= " now \
        " THEN 'unreadable' ELSE " STATE_OF_KEY_AT(now) " END"
#define STATE_OR_UNREADABLE STATE_OR_UNREADABLE_AT(WALL_NOW)
#define VIEW_KEY_UNREADABLE VIEW_KEY_OF(STATE_OR_UNREADABLE, "", "")
#define KEY_THERE           " WHERE k.removed = 0"
#define VIEW_KEY_THERE      VIEW_KEY_OF(STATE_OR_UNREADABLE, "", KEY_THERE)

/* What it must have of products that its account lacks: nobody can tell whether that is granted. */
#define UNTOLD_OF_KEY \
        "coalesce(CASE WHEN instr(k.grants, 'o') > 0 THEN (SELECT group_concat(w.name || '_' || r.level, ' ')" \
        " FROM requirement r JOIN permission w ON w.slot = r.slot" \
        " WHERE r.profile = k.profile AND substr(k.grants, r.slot + 1, 1) = 'o') END, '')"
#define VIEW_KEY_UNTOLD VIEW_KEY_OF(STATE_OR_UNREADABLE, ", " UNTOLD_OF_KEY " AS untold", KEY_THERE)

/* A key that was removed gave its name back, and is called what it was. */
#define CALLED "coalesce(k.was, k.name)"
#define SQL_KEYS_CALLED \
        "SELECT id FROM key WHERE name = :key UNION ALL SELECT id FROM key WHERE was = :key AND removed > 0"

/* Of the span that is open, the key knows. */
#define SPAN_UNTIL(open_until) \
        "CASE WHEN s.until_wall IS NULL THEN " WALL(open_until) " ELSE " WALL("s.until_wall") " END"
#define SPAN_CHECKS "CASE WHEN s.until_wall IS NULL THEN k.checks ELSE s.checks END"

#define HISTORY_OF(called, open_until) \
        "SELECT " called " AS key, s.state AS state," \
        " " WALL("s.from_wall") " AS from_time," \
        " " SPAN_UNTIL(open_until) " AS until_time, " SPAN_CHECKS " AS checks," \
        " s.until_wall IS NULL AS open" \
        " FROM span s JOIN key k ON k.id = s.key"
#define VIEW_HISTORY "CREATE VIEW v_history AS " HISTORY_OF("k.name", "k.last_checked") ";"

/* Two parts, so that a name is found by an index in either. */
#define VIEW_HISTORY_REMOVED \
        "CREATE VIEW v_history AS " HISTORY_OF("k.name", "k.last_checked") " WHERE k.removed = 0 UNION ALL " \
        HISTORY_OF("k.was", "k.removed") " WHERE k.removed > 0;"

#define SEVERITY \
        "CASE i.priority WHEN 0 THEN 'emerg' WHEN 1 THEN 'alert' WHEN 2 THEN 'crit' WHEN 3 THEN 'err'" \
        " WHEN 4 THEN 'warning' WHEN 5 THEN 'notice' WHEN 6 THEN 'info' ELSE 'debug' END"

#define VIEW_INCIDENT \
        "CREATE VIEW v_incident AS SELECT i.id AS id, i.kind AS kind, k.name AS key," \
        " " SEVERITY " AS severity," \
        " " WALL("i.opened") " AS opened," \
        " " WALL("i.cleared") " AS cleared," \
        " " WALL("i.acknowledged") " AS acknowledged," \
        " i.message AS message, a.name AS account, i.priority AS priority, i.reason AS reason," \
        " i.detail AS detail, i.count AS count, i.parent AS parent," \
        " " WALL("i.reminded") " AS reminded," \
        " i.reminders AS reminders," \
        " " WALL("i.acknowledged_until") " AS acknowledged_until," \
        " i.acknowledgement AS acknowledgement," \
        " CASE WHEN i.acknowledged > 0 THEN i.acknowledged_uid END AS acknowledged_uid," \
        " i.event_id AS event_id" \
        " FROM incident i LEFT JOIN key k ON k.id = i.key" \
        " LEFT JOIN account a ON a.id = coalesce(i.account, k.account);"

#define VIEW_INCIDENT_OF(called, more) \
        "CREATE VIEW v_incident AS SELECT i.id AS id, i.parent AS parent, i.kind AS kind, " called " AS key," \
        " " SEVERITY " AS severity," \
        " " WALL("i.opened") " AS opened," \
        " " WALL("i.cleared") " AS cleared," \
        " " WALL("i.acknowledged") " AS acknowledged," \
        " i.message AS message, a.name AS account, i.priority AS priority, i.reason AS reason," \
        " i.detail AS detail, i.count AS count," \
        " " WALL("i.reminded") " AS reminded," \
        " i.reminders AS reminders," \
        " " WALL("i.acknowledged_until") " AS acknowledged_until," \
        " i.acknowledgement AS acknowledgement," \
        " CASE WHEN i.acknowledged > 0 THEN i.acknowledged_uid END AS acknowledged_uid," \
        " i.event_id AS event_id, coalesce(k.mode, nullif(i.mode, '')) AS mode, i.quiet AS quiet" more \
        " FROM incident i LEFT JOIN key k ON k.id = i.key" \
        " LEFT JOIN account a ON a.id = coalesce(i.account, k.account);"
#define VIEW_INCIDENT_GROUPS  VIEW_INCIDENT_OF("k.name", "")
#define VIEW_INCIDENT_REMOVED VIEW_INCIDENT_OF(CALLED, "")

/* What it tells of began before it was sure enough to open. */
#define VIEW_INCIDENT_SINCE \
        VIEW_INCIDENT_OF(CALLED, ", " WALL("CASE WHEN i.since > 0 THEN i.since ELSE i.opened END") " AS since")

#define VIEW_COUPON_OF(called) \
        "CREATE VIEW v_coupon AS SELECT " called " AS key, a.name AS account, c.mode AS mode, c.coupon AS coupon," \
        " " WALL("c.created") " AS created," \
        " c.state AS state, c.reason AS reason, c.attempts AS attempts," \
        " " WALL("c.updated") " AS updated," \
        " " WALL("c.next_try") " AS next_try," \
        " c.seen AS seen, c.ours AS ours, c.source AS source, c.incident AS incident, c.id AS id" \
        " FROM coupon c LEFT JOIN key k ON k.id = c.key LEFT JOIN account a ON a.id = c.account;"
#define VIEW_COUPON         VIEW_COUPON_OF("k.name")
#define VIEW_COUPON_REMOVED VIEW_COUPON_OF(CALLED)

/* What a letter of key.grants means for people; '?' and what lies beyond the text are not known. */
#define LETTER(text) \
        "CASE " text " WHEN '-' THEN 'none' WHEN 'x' THEN 'not write' WHEN 'r' THEN 'read'" \
        " WHEN 'R' THEN 'read' WHEN 'w' THEN 'write' ELSE 'unknown' END"

/* Since when it is as it is: the last change, but with this secret. What was never seen otherwise counts from
 * when the secret was stored. */
#define PERMISSION_SINCE \
        "max(k.secret_since, coalesce((SELECT c.at_wall FROM permission_change c WHERE c.key = k.id" \
        " AND c.slot = p.slot ORDER BY c.id DESC LIMIT 1), 0))"

#define VIEW_PERMISSION \
        "CREATE VIEW v_permission AS SELECT k.name AS key, p.name AS permission, p.label AS label," \
        " r.level AS required, " LETTER("substr(k.grants, p.slot + 1, 1)") " AS granted," \
        " CASE WHEN substr(k.grants, p.slot + 1, 1) NOT IN ('', '?') THEN " WALL(PERMISSION_SINCE) \
        " END AS since, k.id AS key_id, p.slot AS slot" \
        " FROM key k CROSS JOIN permission p" \
        " LEFT JOIN requirement r ON r.profile = k.profile AND r.slot = p.slot" \
        " WHERE p.current AND (r.level IS NOT NULL OR substr(k.grants, p.slot + 1, 1) NOT IN ('', '?'));"

/* Bits of permission.probed and .levels: 1 read, 2 write; probed has those of live mode, then those of test mode.
 * What nobody can ask is not none. */
#define PROBED "(p.probed >> CASE k.mode WHEN 'test' THEN 2 ELSE 0 END & p.levels)"

#define VIEW_PERMISSION_PROBED \
        "CREATE VIEW v_permission AS SELECT k.name AS key, p.name AS permission, p.label AS label," \
        " r.level AS required, CASE WHEN substr(k.grants, p.slot + 1, 1) IN ('', '?') AND " PROBED " = 0" \
        " THEN 'cannot be probed' ELSE " LETTER("substr(k.grants, p.slot + 1, 1)") " END AS granted," \
        " CASE WHEN substr(k.grants, p.slot + 1, 1) NOT IN ('', '?') THEN " WALL(PERMISSION_SINCE) \
        " END AS since, k.id AS key_id, p.slot AS slot," \
        " CASE p.levels & ~" PROBED " WHEN 1 THEN 'read' WHEN 2 THEN 'write' WHEN 3 THEN 'read, write' END" \
        " AS unprobed FROM key k CROSS JOIN permission p" \
        " LEFT JOIN requirement r ON r.profile = k.profile AND r.slot = p.slot" \
        " WHERE p.current AND (r.level IS NOT NULL OR substr(k.grants, p.slot + 1, 1) NOT IN ('', '?')" \
        " OR " PROBED " = 0);"

/* 'o': the account lacks the product that this is a permission of. */
#define LETTER_OFF(text) "CASE " text " WHEN 'o' THEN 'product off' ELSE " LETTER(text) " END"

#define VIEW_PERMISSION_OFF_OF(there) \
        "CREATE VIEW v_permission AS SELECT k.name AS key, p.name AS permission, p.label AS label," \
        " r.level AS required, CASE WHEN substr(k.grants, p.slot + 1, 1) IN ('', '?') AND " PROBED " = 0" \
        " THEN 'cannot be probed' ELSE " LETTER_OFF("substr(k.grants, p.slot + 1, 1)") " END AS granted," \
        " CASE WHEN substr(k.grants, p.slot + 1, 1) NOT IN ('', '?') THEN " WALL(PERMISSION_SINCE) \
        " END AS since, k.id AS key_id, p.slot AS slot," \
        " CASE p.levels & ~" PROBED " WHEN 1 THEN 'read' WHEN 2 THEN 'write' WHEN 3 THEN 'read, write' END" \
        " AS unprobed FROM key k CROSS JOIN permission p" \
        " LEFT JOIN requirement r ON r.profile = k.profile AND r.slot = p.slot" \
        " WHERE p.current AND (r.level IS NOT NULL OR substr(k.grants, p.slot + 1, 1) NOT IN ('', '?')" \
        " OR " PROBED " = 0)" there ";"
#define VIEW_PERMISSION_OFF   VIEW_PERMISSION_OFF_OF("")
#define VIEW_PERMISSION_THERE VIEW_PERMISSION_OFF_OF(" AND k.removed = 0")

/* The page that creates a key `k` anew, and the one that mends it; NULL: it is not known. What is dead can only
 * be created anew. The same choice as in remedy.c of the engine. */
#define CREATE_URL \
        "nullif((SELECT CASE k.mode WHEN 'test' THEN p.create_test ELSE p.create_live END" \
        " FROM profile p WHERE p.id = k.profile), '')"
#define REMEDY_OF_KEY \
        "(SELECT CASE WHEN k.life = 'dead' OR k.edit_url = '' THEN " CREATE_URL " ELSE k.edit_url END" \
        " FROM key k WHERE k.name = v.name)"
#define REMEDY_OF_INCIDENT \
        "(SELECT CASE WHEN i.kind IN ('key-permissions-missing', 'key-permissions-excess')" \
        " AND k.edit_url <> '' THEN k.edit_url WHEN i.kind IN ('key-permissions-missing'," \
        " 'key-permissions-excess', 'key-revoked', 'key-expired', 'key-invalid', 'key-rotation-due'," \
        " 'key-unrestricted') THEN " CREATE_URL " END" \
        " FROM incident i JOIN key k ON k.id = i.key WHERE i.id = v.id)"

/* What a change was for people. */
#define RANK(text) "CASE " text " WHEN 'w' THEN 2 WHEN 'r' THEN 1 WHEN 'R' THEN 1 ELSE 0 END"

/* Spans and what changed of permissions, newest first. */
#define SQL_HISTORY_OPEN "CASE k.removed WHEN 0 THEN k.last_checked ELSE k.removed END"
#define SQL_HISTORY \
        "SELECT * FROM (SELECT :key AS key, s.state AS state, " WALL("s.from_wall") " AS from_time," \
        " " SPAN_UNTIL("(" SQL_HISTORY_OPEN ")") " AS until_time, " SPAN_CHECKS " AS checks," \
        " NULL AS permission, NULL AS label, NULL AS change, NULL AS before, NULL AS after," \
        " s.from_wall AS place_at, 2 * s.id AS place_id" \
        " FROM span s JOIN key k ON k.id = s.key WHERE s.key IN (" SQL_KEYS_CALLED ")" \
        " UNION ALL SELECT :key, NULL, " WALL("c.at_wall") ", NULL, NULL," \
        " coalesce(p.name, 'slot ' || c.slot), p.label," \
        " CASE WHEN " RANK("c.after") " > " RANK("c.before") " THEN 'gained' ELSE 'lost' END," \
        " " LETTER("c.before") ", " LETTER("c.after") ", c.at_wall, 2 * c.id + 1" \
        " FROM permission_change c LEFT JOIN permission p ON p.slot = c.slot" \
        " WHERE c.key IN (" SQL_KEYS_CALLED ")) WHERE (place_at, place_id) < (:place_at, :place_id)" \
        " ORDER BY place_at DESC, place_id DESC LIMIT :limit"

/* clang-format on */

#endif
