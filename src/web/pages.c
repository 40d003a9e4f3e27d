#include "web/pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "base/memory.h"
#include "web/cards.h"
#include "web/html.h"
#include "web/page.h"
#include "web/remedy.h"
#include "web/strip.h"

#define STRIP_DAYS 90

/* --- keys --- */

static void put_keys(FILE *to, const json_t *keys)
{
        static const struct html_column columns[] = { { "Key", NULL },
                                                      { "State", NULL },
                                                      { "Mode", "less" },
                                                      { "Profile", "less" },
                                                      { "Since", NULL } };
        const json_t *key;
        size_t i;

        html_table(to, "In the order in which they were added", columns, ELEMENTSOF(columns));
        json_array_foreach(keys, i, key)
        {
                if (i == PAGE_KEYS_MAX)
                        break;
                fputs("<tr><th scope=\"row\">", to);
                html_key_link(to, html_member(key, "name"));
                fputs("</th><td>", to);
                html_marked(to, html_member(key, "state"));
                fputs("</td><td class=\"less\">", to);
                html_text(to, html_member(key, "mode"));
                fputs("</td><td class=\"less\">", to);
                html_text(to, html_member(key, "profile"));
                fputs("</td><td>", to);
                html_time(to, html_member(key, "since"));
                fputs("</td></tr>\n", to);
        }
        html_table_end(to);
}

/* The links below a list: the query is escaped already, all but for what HTML wants. */
static void put_turns(FILE *to, const struct page *page, const json_t *keys)
{
        const char *query = page->query ? page->query : "";
        bool more = json_array_size(keys) > PAGE_KEYS_MAX;

        if (!more && !page->later)
                return;
        fputs("<nav aria-label=\"More keys\"><p>", to);
        if (page->later) {
                fprintf(to, "<a href=\"/keys%s", *query != '\0' ? "?" : "");
                html_text(to, query);
                fputs("\">First page</a>", to);
        }
        if (more) {
                fputs("<a href=\"/keys?", to);
                html_text(to, query);
                fputs(*query != '\0' ? "&amp;after=" : "after=", to);
                html_value(to, html_member(json_array_get(keys, PAGE_KEYS_MAX - 1), "name"));
                fputs("\">Next page</a>", to);
        }
        fputs("</p></nav>\n", to);
}

int write_keys(const struct page *page, const json_t *const *answers, int64_t now, char **ret)
{
        const json_t *keys = json_object_get(answers[0], "keys");
        size_t size;
        FILE *to = memory_stream(ret, &size);

        if (!to)
                return -ENOMEM;
        html_begin(to, "Keys");
        if (page->shown && *page->shown != '\0') {
                fputs("<p>Only those with ", to);
                html_text(to, page->shown);
                fputs("; <a href=\"/keys\">all</a></p>\n", to);
        }
        if (json_array_size(keys) == 0)
                fputs(page->later ? "<p>These were all.</p>\n" : "<p>There is no such key.</p>\n", to);
        else
                put_keys(to, keys);
        put_turns(to, page, keys);
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* --- one key --- */

static void history_table(FILE *to, const json_t *history)
{
        static const struct html_column columns[] = { { "From", NULL }, { "Until", NULL }, { "What", NULL } };
        const json_t *span;
        size_t i;

        if (json_array_size(history) == 0) {
                fputs("<p>Nothing is known of it yet.</p>\n", to);
                return;
        }
        html_table(to, "States, and permissions that were gained and lost; the newest first", columns,
                   ELEMENTSOF(columns));
        json_array_foreach(history, i, span)
        {
                fputs("<tr><td>", to);
                html_time(to, html_member(span, "from_time"));
                fputs("</td><td>", to);
                if (*html_member(span, "until_time") != '\0')
                        html_time(to, html_member(span, "until_time"));
                fputs("</td><td>", to);
                if (*html_member(span, "state") != '\0') {
                        html_marked(to, html_member(span, "state"));
                } else {
                        html_text(to, html_member(span, "label"));
                        fputs(" ", to);
                        html_text(to, html_member(span, "change"));
                }
                fputs("</td></tr>\n", to);
        }
        html_table_end(to);
}

static const char *level_word(const char *level)
{
        return *level == '\0' ? "not known yet" : level;
}

static void permissions_table(FILE *to, const json_t *permissions)
{
        static const struct html_column columns[] = { { "Permission", NULL },
                                                      { "Required", NULL },
                                                      { "Granted", NULL } };
        const json_t *permission;
        size_t i;

        html_table(to, "What its profile requires", columns, ELEMENTSOF(columns));
        json_array_foreach(permissions, i, permission)
        {
                const char *required = html_member(permission, "required");

                if (*required == '\0' || strcmp(required, "none") == 0)
                        continue;
                fputs("<tr><th scope=\"row\">", to);
                html_text(to, html_member(permission, "label"));
                fputs("</th><td>", to);
                html_text(to, required);
                fputs("</td><td>", to);
                html_text(to, level_word(html_member(permission, "granted")));
                fputs("</td></tr>\n", to);
        }
        html_table_end(to);
}

/* Those that begin with x_ are nobody's business but the operator's own. */
static void labels_facts(FILE *to, const json_t *labels)
{
        const char *name;
        json_t *value;

        json_object_foreach((json_t *) labels, name, value) if (strncmp(name, "x_", 2) != 0)
                html_text_fact(to, name, json_string_value(value) ? json_string_value(value) : "");
}

static void key_facts(FILE *to, const json_t *key)
{
        static const struct {
                const char *title, *name;
                bool time;
        } rows[] = { { "Mode", "mode", false },
                     { "Profile", "profile", false },
                     { "Account", "account", false },
                     { "Since", "since", true },
                     { "Last checked", "last_checked", true },
                     { "Last healthy", "last_healthy", true },
                     { "In doubt since", "suspect_since", true },
                     { "Created", "created", true },
                     { "Ends", "expires", true },
                     { "Paused until", "paused_until", true },
                     { "Paused because", "pause_reason", false } };

        fputs("<dl>\n", to);
        html_fact(to, "State");
        html_marked(to, html_member(key, "state"));
        html_fact_end(to);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                (rows[i].time ? html_time_fact : html_text_fact)(to, rows[i].title,
                                                                 html_member(key, rows[i].name));
        labels_facts(to, json_object_get(key, "labels"));
        fputs("</dl>\n", to);
}

int write_key(const struct page *page, const json_t *const *answers, int64_t now, char **ret)
{
        const json_t *key = answers[0], *history = json_object_get(answers[1], "history");
        char title[128];
        size_t size;
        FILE *to = memory_stream(ret, &size);

        (void) page;
        if (!to)
                return -ENOMEM;
        snprintf(title, sizeof(title), "%s: %s", html_member(key, "name"), html_member(key, "state"));
        html_begin(to, title);
        key_facts(to, key);
        cards_list(to, "Incidents", json_object_get(answers[2], "incidents"));
        fprintf(to, "<h2>The last %d days</h2>\n", STRIP_DAYS);
        strip_states(to, history, STRIP_DAYS, now);
        strip_ends(to, STRIP_DAYS);
        history_table(to, history);
        fputs("<h2>Permissions</h2>\n", to);
        permissions_table(to, json_object_get(key, "permissions"));
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* --- one incident --- */

int write_incident(const struct page *page, const json_t *const *answers, int64_t now, char **ret)
{
        static const struct {
                const char *title, *name;
                bool time;
        } rows[] = { { "What", "message", false },
                     { "Kind", "kind", false },
                     { "Reason", "reason", false },
                     { "Opened", "opened", true },
                     { "Cleared", "cleared", true },
                     { "Account", "account", false },
                     { "Acknowledged", "acknowledged", true },
                     { "With the words", "acknowledgement", false } };
        const json_t *incident = answers[0];
        const char *remedy = kind_remedy(html_member(incident, "kind"));
        char title[128];
        size_t size;
        FILE *to = memory_stream(ret, &size);

        (void) page;
        if (!to)
                return -ENOMEM;
        snprintf(title, sizeof(title), "Incident %lld: %s", html_number(incident, "id"),
                 html_member(incident, "kind"));
        html_begin(to, title);
        fputs("<dl>\n", to);
        html_fact(to, "Severity");
        html_marked(to, html_member(incident, "severity"));
        html_fact_end(to);
        if (*html_member(incident, "key") != '\0') {
                html_fact(to, "Key");
                html_key_link(to, html_member(incident, "key"));
                html_fact_end(to);
        }
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                (rows[i].time ? html_time_fact : html_text_fact)(to, rows[i].title,
                                                                 html_member(incident, rows[i].name));
        if (remedy && *html_member(incident, "cleared") == '\0')
                html_text_fact(to, "To do", remedy);
        fputs("</dl>\n<p class=\"soft\">The whole of it: <code>journalctl -x KEYVIGIL_INCIDENT=", to);
        fprintf(to, "%lld</code></p>\n", html_number(incident, "id"));
        cards_list(to, "Its members", json_object_get(incident, "keys"));
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}
