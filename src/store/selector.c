#include "store/selector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "model/key.h"
#include "store/database.h"
#include "store/views.h"

/* Incidents that are looked at in one go, whether they are about one of the keys or not. */
#define INCIDENTS_STEP 2000

struct selection {
        struct store *store;
        sqlite3_stmt *statement;
        bool is_time[COLUMNS_MAX];
};

/* What v_key says, from the tables below it: the view makes a text of every time, which takes more than all
 * the rest, and has no id to walk by. `k` is a row of key, `p` its profile, `a` its account. */
#define STATE_NOW STATE_OR_UNREADABLE_AT(":now")
#define FROM_KEY  " FROM key k JOIN profile p ON p.id = k.profile LEFT JOIN account a ON a.id = k.account"

static const struct key_view {
        const char *name, *text;
        bool is_time;
} key_view[] = {
        { "name", "k.name", false },
        { "profile", "p.name", false },
        { "mode", "k.mode", false },
        { "account", "a.name", false },
        { "state", STATE_NOW, false },
        { "since", "(SELECT s.from_wall FROM span s WHERE s.key = k.id ORDER BY s.id DESC LIMIT 1)", true },
        { "suspect_since", "k.suspect_since", true },
        { "last_checked", "k.last_checked", true },
        { "last_healthy", "k.last_healthy", true },
        { "missing", "k.missing", false },
        { "excess", "k.excess", false },
        { "kind", "k.kind", false },
        { "life", "k.life", false },
        { "dead_since", "CASE WHEN k.life = 'dead' THEN k.life_since END", true },
        { "unwitnessed", "k.unwitnessed", false },
        { "paused_until", "k.paused_until", true },
        { "pause_reason", "k.pause_reason", false },
        { "account_declared", "k.account_declared", false },
        { "added", "k.added", true },
        { "created", "k.created", true },
        { "expires", "k.expires", true },
        { "secret_since", "k.secret_since", true },
        { "old_secret_watched", "k.has_old", false },
        { "last_full", "k.last_full", true },
        { "last_excess", "k.last_excess_riskiest", true },
        { "checks", "k.checks", false },
};

bool selector_is_empty(const struct key_selector *s)
{
        return s->n_patterns == 0 && !s->states && !s->profile && !s->account && !s->mode && !s->label_name &&
               !s->missing && !s->excess && s->expiring == 0 && !s->not_well;
}

/* --- the text: what is not asked for costs nothing */

static void write_patterns(FILE *to, const struct key_selector *s)
{
        if (s->n_patterns == 0)
                return;
        fputs(" AND (0", to);
        for (size_t i = 0; i < s->n_patterns; i++)
                fprintf(to, " OR k.name GLOB :pattern%zu", i);
        fputs(")", to);
}

bool selector_takes_state(const char *word)
{
        enum state state;
        enum life life;

        return state_parse(word, &state) >= 0 ||
               (life_parse(word, &life) >= 0 && (life == LIFE_SUSPECT || life == LIFE_HELD));
}

/* Only words that are states come into the text. A key in doubt shows its former state, so that is asked for
 * by words of its own: one that is held is suspect, too. */
static int write_states(FILE *to, const struct key_selector *s)
{
        _cleanup_free_ char *copy = s->states ? strdup(s->states) : NULL;
        char *rest = copy;

        if (!s->states)
                return 0;
        if (!copy)
                return -ENOMEM;
        fputs(" AND (0", to);
        for (const char *word; (word = strsep(&rest, ","));) {
                if (!selector_takes_state(word))
                        return -EINVAL;
                if (strcmp(word, life_name(LIFE_SUSPECT)) == 0)
                        fputs(" OR k.life IN ('suspect', 'held')", to);
                else if (strcmp(word, life_name(LIFE_HELD)) == 0)
                        fputs(" OR k.life = 'held'", to);
                else
                        fprintf(to, " OR " STATE_NOW " = '%s'", word);
        }
        fputs(")", to);
        return 0;
}

static int write_conditions(FILE *to, const struct key_selector *s)
{
        const struct {
                bool wanted;
                const char *text;
        } conditions[] = {
                { s->profile, "p.name = :profile" },
                { s->account, "a.name = :account" },
                { s->mode, "k.mode = :mode" },
                { s->label_name, "EXISTS(SELECT 1 FROM label l WHERE l.key = k.id AND l.name = :label_name"
                                 " AND (:label_value IS NULL OR l.value = :label_value))" },
                { s->missing, "instr(' ' || k.missing || ' ', ' ' || :missing || ' ')" },
                { s->excess, "instr(' ' || k.excess || ' ', ' ' || :excess || ' ')" },
                { s->expiring != 0, "k.expires > 0 AND k.expires <= :expiring" },
                { s->not_well,
                  "(" STATE_NOW " <> 'healthy' OR EXISTS(SELECT 1 FROM incident i WHERE i.key = k.id"
                  " AND i.cleared = 0))" },
        };

        write_patterns(to, s);
        for (size_t i = 0; i < ELEMENTSOF(conditions); i++)
                if (conditions[i].wanted)
                        fprintf(to, " AND %s", conditions[i].text);
        return write_states(to, s);
}

/* Where a state is asked for. */
static void put_now(sqlite3_stmt *statement)
{
        int i = sqlite3_bind_parameter_index(statement, ":now");

        if (i > 0)
                sqlite3_bind_int64(statement, i, (int64_t) time(NULL));
}

/* Copied: the statement outlives the selector. */
static void put(sqlite3_stmt *statement, const char *name, const char *value)
{
        int i = sqlite3_bind_parameter_index(statement, name);

        if (i > 0 && value)
                sqlite3_bind_text(statement, i, value, -1, SQLITE_TRANSIENT);
}

static void put_all(sqlite3_stmt *statement, const struct key_selector *s)
{
        int expiring = sqlite3_bind_parameter_index(statement, ":expiring");

        for (size_t i = 0; i < s->n_patterns; i++) {
                char name[24];

                snprintf(name, sizeof(name), ":pattern%zu", i);
                put(statement, name, s->patterns[i]);
        }
        put(statement, ":profile", s->profile);
        put(statement, ":account", s->account);
        put(statement, ":mode", s->mode);
        put(statement, ":label_name", s->label_name);
        put(statement, ":label_value", s->label_value);
        put(statement, ":missing", s->missing);
        put(statement, ":excess", s->excess);
        if (expiring > 0)
                sqlite3_bind_int64(statement, expiring, s->expiring);
}

/* `begin`, the conditions of `s`, `end`. */
static int prepare(struct store *store, const char *begin, const struct key_selector *s, const char *end,
                   sqlite3_stmt **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *to = memory_stream(&text, &size);
        int r, code;

        if (!to)
                return -ENOMEM;
        fputs(begin, to);
        r = write_conditions(to, s);
        fputs(end, to);
        if (fclose(to) != 0)
                return -ENOMEM;
        if (r < 0)
                return r;
        code = sqlite3_prepare_v2(store->db, text, (int) size, ret, NULL);
        if (code == SQLITE_OK)
                put_all(*ret, s);
        return code == SQLITE_ERROR ? -EINVAL : db_errno(store->db, code);
}

/* --- keys */

static int column_write(FILE *to, const char *name, size_t size, struct selection *selection, size_t *n)
{
        for (size_t i = 0; i < ELEMENTSOF(key_view); i++)
                if (strlen(key_view[i].name) == size && memcmp(key_view[i].name, name, size) == 0) {
                        if (*n == COLUMNS_MAX)
                                return -EINVAL;
                        selection->is_time[(*n)++] = key_view[i].is_time;
                        fprintf(to, ", %s AS %s", key_view[i].text, key_view[i].name);
                        return 0;
                }
        return -EINVAL;
}

/* "name,state", or all of them. -EINVAL: one is none. */
static int columns_write(FILE *to, const char *columns, struct selection *selection)
{
        size_t n = 1; /* behind the id */
        int r = 0;

        for (size_t i = 0; !columns && r >= 0 && i < ELEMENTSOF(key_view); i++)
                r = column_write(to, key_view[i].name, strlen(key_view[i].name), selection, &n);
        for (size_t size; columns && r >= 0 && *columns != '\0'; columns += size + (columns[size] == ',')) {
                size = strcspn(columns, ",");
                r = column_write(to, columns, size, selection, &n);
        }
        return n > 1 ? r : -EINVAL;
}

int selection_new(struct store *store, const struct key_selector *selector, const char *columns,
                  struct selection **ret)
{
        _cleanup_(selection_freep) struct selection *selection = calloc(1, sizeof(*selection));
        _cleanup_free_ char *begin = NULL;
        size_t size;
        FILE *to = selection ? memory_stream(&begin, &size) : NULL;
        int r;

        if (!to)
                return -ENOMEM;
        selection->store = store;
        fputs("SELECT k.id", to);
        r = columns_write(to, columns, selection);
        fputs(FROM_KEY " WHERE k.id > :after AND k.id <= :until AND k.removed = 0", to);
        if (fclose(to) != 0)
                return -ENOMEM;
        if (r >= 0)
                r = prepare(store, begin, selector, " ORDER BY k.id", &selection->statement);
        if (r < 0)
                return r;
        *ret = TAKE(selection);
        return 0;
}

struct selection *selection_free(struct selection *selection)
{
        if (selection)
                sqlite3_finalize(selection->statement);
        return mfree(selection);
}

/* What is selected stays bound. */
static int read_rows(struct store *store, sqlite3_stmt *statement, row_fn row, void *userdata)
{
        int code, r = 0;

        while (r >= 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
                r = row_give(statement, 0, row, userdata);
        if (r >= 0 && code != SQLITE_DONE)
                r = db_errno(store->db, code);
        sqlite3_reset(statement);
        return r;
}

struct taking {
        const struct selection *selection;
        row_fn row;
        void *userdata;
};

static int take_timed(const struct column *columns, size_t n, void *userdata)
{
        const struct taking *taking = userdata;
        struct column timed[COLUMNS_MAX];

        memcpy(timed, columns, n * sizeof(*columns));
        for (size_t i = 0; i < n; i++)
                if (taking->selection->is_time[i] && timed[i].type == COLUMN_INTEGER)
                        timed[i].type = COLUMN_TIME;
        return taking->row(timed, n, taking->userdata);
}

int selection_read(struct selection *selection, int64_t after, int64_t until, row_fn row, void *userdata)
{
        struct taking taking = { .selection = selection, .row = row, .userdata = userdata };

        bind_int(selection->statement, ":after", after);
        bind_int(selection->statement, ":until", until);
        put_now(selection->statement);
        return read_rows(selection->store, selection->statement, take_timed, &taking);
}

/* --- incidents */

static int last_incident(struct store *store, int64_t *ret)
{
        sqlite3_stmt *statement = db_statement(store, STATEMENT_INCIDENT_LAST);
        int r = db_step(store, statement);

        if (r > 0)
                *ret = sqlite3_column_int64(statement, 0);
        db_reset(statement);
        return r < 0 ? r : 0;
}

static int read_incidents(struct store *store, sqlite3_stmt *statement, unsigned limit,
                          struct row_place *place, row_fn row, void *userdata)
{
        int64_t floor = MAX(place->id - INCIDENTS_STEP, INT64_C(0));
        unsigned n = 0;
        int code, r = 0;

        row_place_bind(statement, place);
        bind_int(statement, ":floor", floor);
        put_now(statement);
        bind_int(statement, ":limit", limit);
        while (r >= 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
                row_place_take(statement, place);
                r = row_give(statement, PLACE_COLUMNS, row, userdata);
                n++;
        }
        if (r < 0)
                return r;
        if (code != SQLITE_DONE)
                return db_errno(store->db, code);
        if (n < limit)
                place->id = floor;
        return place->id > 0;
}

int selector_incidents(struct store *store, const struct key_selector *selector, bool open_only,
                       unsigned limit, struct row_place *place, row_fn row, void *userdata)
{
        static const char begin[] =
                "SELECT w.*, 0, j.id FROM incident j CROSS JOIN v_incident w ON w.id = j.id"
                " CROSS JOIN key k ON k.id = j.key CROSS JOIN profile p ON p.id = k.profile"
                " LEFT JOIN account a ON a.id = k.account WHERE k.removed = 0 AND j.id < :place_id AND j.id "
                ">= :floor";
        static const char begin_open[] =
                "SELECT w.*, 0, j.id FROM incident j CROSS JOIN v_incident w ON w.id = j.id"
                " CROSS JOIN key k ON k.id = j.key CROSS JOIN profile p ON p.id = k.profile"
                " LEFT JOIN account a ON a.id = k.account WHERE k.removed = 0 AND j.cleared = 0 AND j.id < "
                ":place_id AND j.id >= :floor";
        sqlite3_stmt *statement = NULL;
        int r = 0;

        if (!place->begun) {
                r = last_incident(store, &place->id);
                if (r < 0)
                        return r;
                place->id++;
                place->begun = true;
        }
        r = prepare(store, open_only ? begin_open : begin, selector, " ORDER BY j.id DESC LIMIT :limit",
                    &statement);
        if (r >= 0)
                r = read_incidents(store, statement, limit, place, row, userdata);
        sqlite3_finalize(statement);
        return r;
}
