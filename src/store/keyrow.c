#include "store/keyrow.h"

#include <errno.h>
#include <string.h>

/* Slots that were never asked stand at the end of most texts, and mean the same when they are left out. */
static void grants_text(const struct grants *grants, char text[static SLOTS_MAX + 1])
{
        size_t n = SLOTS_MAX;

        grants_format(grants, n, text);
        while (n > 0 && text[n - 1] == '?')
                n--;
        text[n] = '\0';
}

static void put_int(sqlite3_stmt *put, int first, enum key_place place, int64_t value)
{
        place_int(put, first + (int) place, value);
}

static void put_text(sqlite3_stmt *put, int first, enum key_place place, const char *value)
{
        place_text(put, first + (int) place, value);
}

static void put_beliefs(sqlite3_stmt *put, int first, const struct key *key)
{
        put_text(put, first, PLACE_life, life_name((enum life) key->belief.life));
        put_text(put, first, PLACE_former, life_name((enum life) key->belief.former));
        put_int(put, first, PLACE_streak, key->belief.streak);
        put_text(put, first, PLACE_streak_of, belief_event_name((enum belief_event) key->belief.streak_of));
        put_int(put, first, PLACE_holds, key->belief.holds);
        put_text(put, first, PLACE_ended, end_name((enum end) key->end));
        put_text(put, first, PLACE_state, state_name((enum state) key->state));
        put_int(put, first, PLACE_is_missing, key->missing);
        put_int(put, first, PLACE_unwitnessed, key->unwitnessed);
        put_int(put, first, PLACE_odd, key->odd);
        put_int(put, first, PLACE_unreadable, key->unreadable);
}

static void put_times(sqlite3_stmt *put, int first, const struct key *key)
{
        put_int(put, first, PLACE_created, key->created);
        put_int(put, first, PLACE_expires, key->expires);
        put_int(put, first, PLACE_life_since, key->life_since);
        put_int(put, first, PLACE_suspect_since, key->suspect_since);
        put_int(put, first, PLACE_paused_until, key->paused_until);
        put_int(put, first, PLACE_last_checked, key->last_checked);
        put_int(put, first, PLACE_last_healthy, key->last_healthy);
        put_int(put, first, PLACE_last_full, key->last_full);
        put_int(put, first, PLACE_last_excess_riskiest, key->last_excess[0]);
        put_int(put, first, PLACE_last_excess_rest, key->last_excess[1]);
        put_int(put, first, PLACE_secret_since, key->secret_since);
        put_int(put, first, PLACE_held_until, key->held_until);
}

/* `grants` must live until the statement has run. */
static void put_key(sqlite3_stmt *put, int first, const struct key *key, char grants[static SLOTS_MAX + 1])
{
        grants_text(&key->grants, grants);
        place_int(put, 1, key->id);
        put_text(put, first, PLACE_kind, key_kind_name((enum key_kind) key->kind));
        put_text(put, first, PLACE_mode, key_mode_name((enum key_mode) key->mode));
        if (key->account_id != 0)
                put_int(put, first, PLACE_account, key->account_id);
        put_int(put, first, PLACE_account_declared, key->account_declared);
        put_int(put, first, PLACE_checks, key->checks);
        put_text(put, first, PLACE_grants, grants);
        put_beliefs(put, first, key);
        put_times(put, first, key);
}

int keyrow_update(struct store *store, const struct key *key)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_KEY_UPDATE);
        char grants[SLOTS_MAX + 1];

        put_key(put, UPDATE_PLACES, key, grants);
        return db_run(store, put);
}

int keyrow_insert(struct store *store, const struct key *key, int64_t profile_id)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_KEY_INSERT);
        char grants[SLOTS_MAX + 1];

        put_key(put, INSERT_PLACES, key, grants);
        place_text(put, 2, key->name);
        place_int(put, 3, profile_id);
        place_int(put, 4, key->added);
        return db_run(store, put);
}

int span_begin(struct store *store, int64_t key_id, enum state state, int64_t at_wall)
{
        sqlite3_stmt *begin = db_statement(store, STATEMENT_SPAN_BEGIN);

        bind_int(begin, ":key", key_id);
        bind_text(begin, ":state", state_name(state));
        bind_int(begin, ":at", at_wall);
        return db_run(store, begin);
}

static int belief_event_parse(const char *name, enum belief_event *ret)
{
        for (int i = 0; i < _BELIEF_EVENT_MAX; i++)
                if (strcmp(name, belief_event_name((enum belief_event) i)) == 0) {
                        *ret = (enum belief_event) i;
                        return 0;
                }
        return -EINVAL;
}

static int read_beliefs(sqlite3_stmt *row, struct key *key)
{
        enum life life, former;
        enum belief_event streak_of;
        enum end ended;
        enum state state;

        if (life_parse(column_text(row, COLUMN_life), &life) < 0 ||
            life_parse(column_text(row, COLUMN_former), &former) < 0 ||
            belief_event_parse(column_text(row, COLUMN_streak_of), &streak_of) < 0 ||
            end_parse(column_text(row, COLUMN_ended), &ended) < 0 ||
            state_parse(column_text(row, COLUMN_state), &state) < 0)
                return -EUCLEAN;
        key->belief = (struct belief){
                .life = (uint8_t) life,
                .former = (uint8_t) former,
                .streak = (uint8_t) column_within(row, COLUMN_streak, UINT8_MAX),
                .streak_of = (uint8_t) streak_of,
                .holds = (uint8_t) column_within(row, COLUMN_holds, HOLDS_MAX),
        };
        key->end = (uint8_t) ended;
        key->state = (uint8_t) state;
        key->missing = sqlite3_column_int(row, COLUMN_is_missing) != 0;
        key->unwitnessed = sqlite3_column_int(row, COLUMN_unwitnessed) != 0;
        key->odd = sqlite3_column_int(row, COLUMN_odd) != 0;
        key->unreadable = sqlite3_column_int(row, COLUMN_unreadable) != 0;
        return 0;
}

static void read_times(sqlite3_stmt *row, struct key *key)
{
        key->added = column_wall(row, COLUMN_added);
        key->created = column_wall(row, COLUMN_created);
        key->expires = column_wall(row, COLUMN_expires);
        key->life_since = column_wall(row, COLUMN_life_since);
        key->suspect_since = column_wall(row, COLUMN_suspect_since);
        key->paused_until = column_until(row, COLUMN_paused_until);
        key->last_checked = column_wall(row, COLUMN_last_checked);
        key->last_healthy = column_wall(row, COLUMN_last_healthy);
        key->last_full = column_wall(row, COLUMN_last_full);
        key->last_excess[0] = column_wall(row, COLUMN_last_excess_riskiest);
        key->last_excess[1] = column_wall(row, COLUMN_last_excess_rest);
        key->secret_since = column_wall(row, COLUMN_secret_since);
        key->held_until = (uint32_t) column_within(row, COLUMN_held_until, UINT32_MAX);
}

int keyrow_read(sqlite3_stmt *row, struct key **ret)
{
        _cleanup_free_ char *name = column_copy(row, COLUMN_name);
        _cleanup_free_ struct key *key = name ? key_new(name) : NULL;
        const char *kind = column_text(row, COLUMN_kind), *mode = column_text(row, COLUMN_mode);
        int r;

        if (!key)
                return -ENOMEM;
        key->id = sqlite3_column_int64(row, COLUMN_id);
        key->account_id = sqlite3_column_int64(row, COLUMN_account);
        key->kind = strcmp(kind, key_kind_name(KIND_SECRET)) == 0 ? KIND_SECRET : KIND_RESTRICTED;
        key->mode = strcmp(mode, key_mode_name(MODE_LIVE)) == 0 ? MODE_LIVE : MODE_TEST;
        key->account_declared = sqlite3_column_int(row, COLUMN_account_declared) != 0;
        key->has_old = sqlite3_column_int(row, COLUMN_has_old) != 0;
        key->has_edit_url = sqlite3_column_int(row, COLUMN_has_edit_url) != 0;
        key->checks = (uint32_t) column_within(row, COLUMN_checks, UINT32_MAX);
        read_times(row, key);
        key->findings = findings_mark(column_text(row, COLUMN_missing), column_text(row, COLUMN_excess));
        grants_parse(column_text(row, COLUMN_grants), &key->grants);
        r = read_beliefs(row, key);
        if (r < 0 || key->id <= 0 || key->name[0] == '\0')
                return -EUCLEAN;
        *ret = TAKE(key);
        return 0;
}
