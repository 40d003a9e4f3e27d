#include "store/selector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/selector_sql.h"

struct selection {
        struct store *store;
        sqlite3_stmt *statement;
        bool is_time[COLUMNS_MAX];
};

/* What v_key says, from the tables below it: the view makes a text of every time, which takes more than all
 * the rest, and has no id to walk by. `k` is a row of key, `p` its profile, `a` its account. */
#define FROM_KEY " FROM key k JOIN profile p ON p.id = k.profile LEFT JOIN account a ON a.id = k.account"

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
        { "untold", UNTOLD_OF_KEY, false },
};

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
                r = selector_prepare(store, begin, selector, " ORDER BY k.id", &selection->statement);
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
        selector_put_now(selection->statement);
        return read_rows(selection->store, selection->statement, take_timed, &taking);
}
