#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/pager.h"
#include "cli/rowtable.h"
#include "cli/selector.h"
#include "cli/table.h"
#include "view/text.h"

static int history_offline(struct store *store, const void *what, json_t **ret)
{
        const struct query_filter *filter = what;
        int64_t id;

        if (store_key_id(store, filter->key, &id) < 0)
                return -ENOENT;
        return offline_rows(store, "history", QUERY_HISTORY, filter, ret);
}

/* Fetch, and print the body or a table of its member `name`. */
static int show_rows(const struct cli *cli, struct url url, offline_fn offline,
                     const struct query_filter *filter, const char *name, const struct cell *cells, size_t n)
{
        json_t *object;

        if (fetch(cli, url, offline, filter, &object) < 0)
                return CLI_FAILED;
        if (cli->json)
                json_print(object);
        else
                table_print(cli, json_object_get(object, name), cells, n, "There is nothing to show.");
        json_decref(object);
        return CLI_OK;
}

/* What becomes of the rows: a table, or the body as it comes. */
struct listing {
        const struct cli *cli;
        struct rowtable *table; /* NULL: JSON, as it comes */
        char *line;             /* one that is not whole yet */
        size_t size, room;
        bool any;
};

static const struct cell usual[] = {
        { "name", "NAME", CELL_TEXT },           { "state", "STATE", CELL_STATE },
        { "since", "SINCE", CELL_AGO },          { "suspect_since", "DOUBT", CELL_AGO },
        { "last_checked", "CHECKED", CELL_AGO }, { "last_healthy", "HEALTHY", CELL_AGO },
        { "mode", "MODE", CELL_TEXT },           { "profile", "PROFILE", CELL_TEXT },
        { "account", "ACCOUNT", CELL_TEXT },     { "expires", "EXPIRES", CELL_TEXT },
        { "missing", "MISSING", CELL_TEXT },     { "excess", "EXCESS", CELL_TEXT },
        { "untold", "UNTOLD", CELL_TEXT },
};

/* Each key is a line of the body, perhaps with a comma behind it. */
static int take_line(struct listing *listing, size_t size)
{
        if (size > 0 && listing->line[size - 1] == ',')
                size--;
        if (size == 0 || listing->line[0] != '{' || listing->line[size - 1] != '}')
                return 0;
        json_t *row = json_loadb(listing->line, size, 0, NULL);
        return row ? rowtable_add(listing->table, row) : -EBADMSG;
}

static int keep(struct listing *listing, const char *bytes, size_t size)
{
        if (size > listing->room - listing->size) {
                size_t room = 2 * (listing->size + size);
                char *line = realloc(listing->line, room);

                if (!line)
                        return -ENOMEM;
                listing->line = line;
                listing->room = room;
        }
        memcpy(listing->line + listing->size, bytes, size);
        listing->size += size;
        return 0;
}

static int take_body(const char *bytes, size_t size, void *userdata)
{
        struct listing *listing = userdata;

        if (!listing->table) {
                failure_is_answered();
                return fwrite(bytes, 1, size, stdout) == size ? 0 : -EPIPE;
        }
        while (size > 0) {
                const char *newline = memchr(bytes, '\n', size);
                size_t n = newline ? (size_t) (newline - bytes) : size;
                int r = keep(listing, bytes, n);

                if (r >= 0 && newline) {
                        r = take_line(listing, listing->size);
                        listing->size = 0;
                }
                if (r < 0)
                        return r;
                n += newline ? 1 : 0;
                bytes += n;
                size -= n;
        }
        return 0;
}

/* The same out of the database. */
static int take_row(const struct column *columns, size_t n, void *userdata)
{
        struct listing *listing = userdata;
        struct text text = { 0 };
        int r;

        if (!listing->table && listing->any)
                text_add(&text, ",\n", 2);
        listing->any = true;
        text_add_key(&text, columns, n, NULL);
        text_add(&text, "\n", listing->table ? 1 : 0);
        r = text.failed ? -ENOMEM : take_body(text.bytes, text.size, listing);
        free(text.bytes);
        return r;
}

static int list_offline(struct listing *listing, struct chosen *chosen, const char *columns)
{
        _cleanup_(store_closep) struct store *store = NULL;
        struct selection *selection = NULL;
        struct key_selector selector;
        int r = chosen_offline(chosen, &selector);

        if (r >= 0)
                r = offline_instead(listing->cli, &store);
        if (r < 0)
                return r;
        r = selection_new(store, &selector, columns, &selection);
        if (r == -EINVAL)
                complain("list: there is no such state or column; see keyvigil(1)");
        if (r >= 0 && !listing->table)
                fputs("{\"keys\":[\n", stdout);
        if (r >= 0)
                r = selection_read(selection, 0, INT64_MAX, take_row, listing);
        if (r >= 0 && !listing->table)
                fputs("\n]}\n", stdout);
        selection_free(selection);
        return r;
}

static int list_keys(struct listing *listing, struct chosen *chosen, const char *columns, const char *limit)
{
        const struct client_sink sink = { take_body, listing };
        struct url url = url_new("/v1/keys");
        struct answer answer = { 0 };

        chosen_url(&url, chosen);
        url_text(&url, "columns", columns);
        url_text(&url, "limit", limit);
        int r = client_read(listing->cli, url, &sink, &answer);
        if (r == -ECONNREFUSED)
                r = list_offline(listing, chosen, columns);
        else if (r < 0)
                client_complain(listing->cli, r);
        else
                r = client_check(listing->cli, &answer);
        answer_clear(&answer);
        return r;
}

/* "name,state" as cells. `titles` is what the cells borrow. */
static size_t cells_of(char *columns, char *titles, struct cell cells[static CELLS_MAX])
{
        size_t n = 0;

        for (char *title = titles; *title != '\0'; title++)
                *title = (char) toupper((unsigned char) *title);
        for (char *name; n < CELLS_MAX && (name = strsep(&columns, ",")); n++) {
                cells[n] = (struct cell){ name, strsep(&titles, ","), CELL_TEXT };
                for (size_t i = 0; i < ELEMENTSOF(usual); i++)
                        if (strcmp(usual[i].name, name) == 0)
                                cells[n] = usual[i];
        }
        return n;
}

static int check_sort_offline(const struct cli *cli, const char *sort)
{
        _cleanup_(store_closep) struct store *store = NULL;
        struct selection *selection = NULL;
        int r = offline_open(cli, &store);

        if (r >= 0)
                r = selection_new(store, &(struct key_selector){ 0 }, sort, &selection);
        selection_free(selection);
        return r;
}

/* Is there such a column? -EINVAL after a complaint. */
static int check_sort(const struct cli *cli, const char *sort)
{
        struct url url = url_new("/v1/keys");
        struct answer answer = { 0 };

        url_text(&url, "columns", sort);
        url_text(&url, "limit", "1");
        int r = client_ask(cli, "GET", url, NULL, &answer);
        if (r == -ECONNREFUSED) {
                r = check_sort_offline(cli, sort);
        } else if (r < 0) {
                client_complain(cli, r);
                return r;
        } else {
                r = answer.status == 400 ? -EINVAL : client_check(cli, &answer);
                answer_clear(&answer);
        }
        if (r == -EINVAL)
                complain_as(FAILURE_USAGE, "list: --sort: there is no column '%s'; see v_key in keyvigild(8)",
                            sort);
        return r;
}

/* `columns` with `sort` among them. The caller frees. */
static char *columns_with(const char *columns, const char *sort, bool *ret_extra)
{
        size_t size = strlen(sort);
        char *all;

        for (const char *at = columns; (at = strstr(at, sort)); at += size)
                if ((at == columns || at[-1] == ',') && (at[size] == '\0' || at[size] == ','))
                        return strdup(columns);
        *ret_extra = true;
        return asprintf(&all, "%s,%s", columns, sort) < 0 ? NULL : all;
}

/* The same body as the route's, in another order. */
static int print_sorted(struct listing *listing, struct chosen *chosen, const char *columns, const char *sort,
                        uint64_t limit)
{
        bool extra = false;
        _cleanup_free_ char *wanted = columns ? columns_with(columns, sort, &extra) : NULL;
        int r = columns && !wanted ? -ENOMEM
                                   : rowtable_new(listing->cli, NULL, 0, sort, limit, &listing->table);

        if (r < 0)
                return r;
        if (extra)
                rowtable_hide(listing->table, sort);
        r = list_keys(listing, chosen, wanted, NULL);
        if (r >= 0) {
                failure_is_answered();
                puts("{\"keys\":[");
        }
        rowtable_end(listing->table, NULL);
        if (r >= 0)
                puts("\n]}");
        return r;
}

static int show_list(struct listing *listing, struct chosen *chosen, const char *columns, const char *sort,
                     uint64_t limit)
{
        _cleanup_free_ char *names = columns ? strdup(columns) : NULL,
                            *titles = columns ? strdup(columns) : NULL;
        static const char wanted[] = "name,state,since,suspect_since,last_checked,last_healthy,mode,profile,"
                                     "account,expires,missing,excess,untold";
        struct cell cells[CELLS_MAX];
        size_t n = ELEMENTSOF(usual);
        char text[24];

        bool extra = false;
        _cleanup_free_ char *all = sort ? columns_with(columns ? columns : wanted, sort, &extra)
                                        : strdup(columns ? columns : wanted);

        if (!all || (columns && (!names || !titles)))
                return -ENOMEM;
        memcpy(cells, usual, sizeof(usual));
        if (columns)
                n = cells_of(names, titles, cells);
        int r = rowtable_new(listing->cli, cells, n, sort, limit, &listing->table);
        if (r < 0)
                return r;
        snprintf(text, sizeof(text), "%" PRIu64, limit);
        pager_begin(listing->cli);
        r = list_keys(listing, chosen, all, sort ? NULL : text);
        rowtable_end(listing->table, r < 0 ? NULL : "There is nothing to show.");
        pager_end();
        return r;
}

int command_list(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct listing listing = { .cli = cli };
        const char *columns = NULL, *sort = NULL, *limit = NULL;
        struct chosen chosen = { 0 };
        const struct option options[] = { SELECTOR_OPTIONS(&chosen),
                                          { "columns", OPTION_TEXT, &columns },
                                          { "sort", OPTION_TEXT, &sort },
                                          { "limit", OPTION_TEXT, &limit } };
        int64_t most = INT64_MAX;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &chosen.names);

        if (r != 0)
                return options_status(r);
        if (limit && number_parse(limit, 1, INT64_MAX, &most) < 0) {
                complain("list: --limit is a number from 1 on");
                return CLI_USAGE;
        }
        if (sort && (r = check_sort(cli, sort)) < 0)
                ; /* said */
        else if (cli->json && sort)
                r = print_sorted(&listing, &chosen, columns, sort, (uint64_t) most);
        else if (cli->json)
                r = list_keys(&listing, &chosen, columns, limit);
        else
                r = show_list(&listing, &chosen, columns, sort, (uint64_t) most);
        free(listing.line);
        chosen_clear(&chosen);
        return r < 0 ? CLI_FAILED : CLI_OK;
}

int command_history(struct cli *cli, const struct command *command, int argc, char **argv)
{
        static const struct cell cells[] = {
                { "from_time", "FROM", CELL_TEXT }, { "until_time", "UNTIL", CELL_TEXT },
                { "state", "STATE", CELL_STATE },   { "checks", "CHECKS", CELL_TEXT },
                { "change", "CHANGE", CELL_TEXT },  { "label", "PERMISSION", CELL_TEXT },
                { "before", "BEFORE", CELL_TEXT },  { "after", "AFTER", CELL_TEXT },
        };
        const char *limit_text = "1000";
        const struct option options[] = { { "limit", OPTION_TEXT, &limit_text } };
        struct texts names;
        int64_t limit;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &names);

        if (r != 0)
                return options_status(r);
        if (number_parse(limit_text, 1, 1000000, &limit) < 0) {
                complain("history: --limit is a number from 1 to 1000000");
                return CLI_USAGE;
        }
        const struct query_filter filter = { .key = names.list[0], .limit = (unsigned) limit };
        struct url url = url_of("/v1/keys", filter.key, "/history");
        url_text(&url, "limit", limit_text);
        return show_rows(cli, url, history_offline, &filter, "history", cells, ELEMENTSOF(cells));
}
