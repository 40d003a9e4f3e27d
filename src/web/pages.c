#include "web/pages.h"

#include <errno.h>
#include <stdio.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "web/html.h"

#define STRIP_DAYS 90

/* --- the watch --- */

static void verdict(const json_t *status, char *to, size_t size)
{
        const json_t *states = json_object_get(status, "states");
        long long dead = html_number(states, "revoked") + html_number(states, "expired") +
                         html_number(states, "invalid");
        long long open = html_number(status, "open_incidents");

        if (dead > 0)
                snprintf(to, size, "%lld keys are dead", dead);
        else if (open > 0)
                snprintf(to, size, "%lld incidents are open", open);
        else if (json_is_true(json_object_get(status, "outage")))
                snprintf(to, size, "Stripe cannot be reached");
        else if (html_number(status, "keys") == 0)
                snprintf(to, size, "No keys are stored");
        else if (json_is_null(json_object_get(status, "last_round")))
                snprintf(to, size, "The first round is under way");
        else
                snprintf(to, size, "All is well");
}

static void states_table(FILE *to, const json_t *states)
{
        const char *name;
        json_t *count;

        fputs("<table>\n<caption>Keys by state</caption>\n<thead><tr><th scope=\"col\">State</th><th "
              "scope=\"col\">"
              "Keys</th></tr></thead>\n<tbody>\n",
              to);
        json_object_foreach((json_t *) states, name, count)
        {
                if (json_integer_value(count) == 0)
                        continue;
                fputs("<tr><td>", to);
                html_marked(to, name);
                fprintf(to, "</td><td><a href=\"/keys?state=%s\">%lld</a></td></tr>\n", name,
                        (long long) json_integer_value(count));
        }
        fputs("</tbody></table>\n", to);
}

int write_watch(const json_t *const *answers, int64_t now, char **ret)
{
        const json_t *status = answers[0];
        char title[200], text[200];
        size_t size;
        FILE *to = open_memstream(ret, &size);

        if (!to)
                return -ENOMEM;
        verdict(status, title, sizeof(title));
        html_begin(to, title);
        html_incidents(to, "Open incidents", json_object_get(answers[1], "incidents"));
        fputs("<h2>The watch</h2>\n<table>\n<caption>How it is doing</caption>\n<tbody>\n", to);
        html_text_row(to, "Last complete round",
                      *html_member(status, "last_round") ? html_member(status, "last_round")
                                                         : "none since the start");
        html_text_row(to, "Running since", html_member(status, "started"));
        html_text_row(to, "Stripe",
                      json_is_true(json_object_get(status, "outage")) ? "cannot be reached" : "answers");
        snprintf(text, sizeof(text), "%lld overdue, %lld in doubt", html_number(status, "overdue"),
                 html_number(status, "suspects"));
        html_text_row(to, "Keys", text);
        snprintf(text, sizeof(text), "%lld in flight, %lld waiting", html_number(status, "in_flight"),
                 html_number(status, "waiting"));
        html_text_row(to, "Requests", text);
        snprintf(text, sizeof(text), "%lld wait for the journal", html_number(status, "unsent"));
        html_text_row(to, "Events", text);
        if (json_is_true(json_object_get(status, "store_trouble")))
                html_text_row(to, "Database", "cannot be written");
        fputs("</tbody></table>\n<h2>Keys</h2>\n", to);
        states_table(to, json_object_get(status, "states"));
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* --- keys --- */

int write_keys(const json_t *const *answers, int64_t now, char **ret)
{
        const json_t *keys = json_object_get(answers[0], "keys"), *key;
        size_t size, i;
        FILE *to = open_memstream(ret, &size);

        if (!to)
                return -ENOMEM;
        html_begin(to, "Keys");
        if (json_array_size(keys) == 0)
                fputs("<p>No key is like that.</p>\n", to);
        else
                fputs("<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                      "aria-label=\"Keys\"><table>\n<caption>The first "
                      "of them, " PAGES_KEYS_MAX
                      " at most; <code>keyvigil list</code> has all</caption>\n<thead><tr><th "
                      "scope=\"col\">Key</th><th scope=\"col\">State</th><th scope=\"col\">Mode</th><th "
                      "scope=\"col\">"
                      "Profile</th><th scope=\"col\">Since</th></tr></thead>\n<tbody>\n",
                      to);
        json_array_foreach(keys, i, key)
        {
                fputs("<tr><td>", to);
                html_key_link(to, html_member(key, "name"));
                fputs("</td><td>", to);
                html_marked(to, html_member(key, "state"));
                fputs("</td><td>", to);
                html_text(to, html_member(key, "mode"));
                fputs("</td><td>", to);
                html_text(to, html_member(key, "profile"));
                fputs("</td><td>", to);
                html_text(to, html_member(key, "since"));
                fputs("</td></tr>\n", to);
        }
        if (json_array_size(keys) > 0)
                fputs("</tbody></table></div>\n", to);
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* --- one key --- */

/* The state on each of the last days, as what the span was that covered its end. */
static void put_strip(FILE *to, const json_t *history, int64_t now)
{
        fprintf(to,
                "<svg viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"State on "
                "each of "
                "the last %d days, oldest first; the table below says the same\">\n",
                STRIP_DAYS * 4, STRIP_DAYS);
        for (int day = 0; day < STRIP_DAYS; day++) {
                int64_t at = now - (int64_t) (STRIP_DAYS - 1 - day) * SEC_PER_DAY, from;
                const char *state = "";
                const json_t *span;
                size_t i;

                json_array_foreach(history, i, span) /* newest first: the first that had begun */
                {
                        if (*html_member(span, "state") == '\0' ||
                            datetime_parse(html_member(span, "from_time"), &from) < 0 || from > at)
                                continue;
                        state = html_member(span, "state");
                        break;
                }
                fprintf(to, "<rect class=\"%s\" x=\"%d\" y=\"0\" width=\"3\" height=\"10\"/>\n",
                        *state == '\0' ? "none" : html_class(state), day * 4);
        }
        fputs("</svg>\n", to);
}

static void history_table(FILE *to, const json_t *history)
{
        const json_t *span;
        size_t i;

        fputs("<table>\n<caption>History</caption>\n<thead><tr><th scope=\"col\">From</th><th "
              "scope=\"col\">Until</th>"
              "<th scope=\"col\">What</th></tr></thead>\n<tbody>\n",
              to);
        json_array_foreach(history, i, span)
        {
                fputs("<tr><td>", to);
                html_text(to, html_member(span, "from_time"));
                fputs("</td><td>", to);
                html_text(to, html_member(span, "until_time"));
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
        fputs("</tbody></table>\n", to);
}

static void permissions_table(FILE *to, const json_t *permissions)
{
        const json_t *permission;
        size_t i;

        fputs("<table>\n<caption>Required permissions</caption>\n<thead><tr><th "
              "scope=\"col\">Permission</th><th "
              "scope=\"col\">Required</th><th scope=\"col\">Granted</th></tr></thead>\n<tbody>\n",
              to);
        json_array_foreach(permissions, i, permission)
        {
                if (*html_member(permission, "required") == '\0')
                        continue;
                html_row(to, html_member(permission, "label"));
                html_text(to, html_member(permission, "required"));
                fputs("</td><td>", to);
                html_text(to, html_member(permission, "granted"));
                fputs("</td></tr>\n", to);
        }
        fputs("</tbody></table>\n", to);
}

int write_key(const json_t *const *answers, int64_t now, char **ret)
{
        static const struct {
                const char *title, *name;
        } rows[] = { { "Mode", "mode" },
                     { "Profile", "profile" },
                     { "Account", "account" },
                     { "Since", "since" },
                     { "Last checked", "last_checked" },
                     { "Last healthy", "last_healthy" },
                     { "In doubt since", "suspect_since" },
                     { "Expires", "expires" },
                     { "Paused until", "paused_until" } };
        const json_t *key = answers[0], *history = json_object_get(answers[1], "history");
        char title[128];
        size_t size;
        FILE *to = open_memstream(ret, &size);

        if (!to)
                return -ENOMEM;
        snprintf(title, sizeof(title), "%s: %s", html_member(key, "name"), html_member(key, "state"));
        html_begin(to, title);
        html_incidents(to, "Incidents", json_object_get(answers[2], "incidents"));
        fputs("<table>\n<caption>The key</caption>\n<tbody>\n", to);
        html_row(to, "State");
        html_marked(to, html_member(key, "state"));
        fputs("</td></tr>\n", to);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                html_text_row(to, rows[i].title, html_member(key, rows[i].name));
        fputs("</tbody></table>\n<h2>The last 90 days</h2>\n", to);
        put_strip(to, history, now);
        history_table(to, history);
        fputs("<h2>Permissions</h2>\n", to);
        permissions_table(to, json_object_get(key, "permissions"));
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* --- one incident --- */

int write_incident(const json_t *const *answers, int64_t now, char **ret)
{
        static const struct {
                const char *title, *name;
        } rows[] = { { "What", "message" },      { "Kind", "kind" },       { "Opened", "opened" },
                     { "Cleared", "cleared" },   { "Account", "account" }, { "Acknowledged", "acknowledged" },
                     { "By", "acknowledgement" } };
        const json_t *incident = answers[0];
        char title[128];
        size_t size;
        FILE *to = open_memstream(ret, &size);

        if (!to)
                return -ENOMEM;
        snprintf(title, sizeof(title), "Incident %lld: %s", html_number(incident, "id"),
                 html_member(incident, "kind"));
        html_begin(to, title);
        fputs("<table>\n<caption>The incident</caption>\n<tbody>\n", to);
        html_row(to, "Severity");
        html_marked(to, html_member(incident, "severity"));
        fputs("</td></tr>\n", to);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                html_text_row(to, rows[i].title, html_member(incident, rows[i].name));
        if (*html_member(incident, "key") != '\0') {
                html_row(to, "Key");
                html_key_link(to, html_member(incident, "key"));
                fputs("</td></tr>\n", to);
        }
        fputs("</tbody></table>\n<p>What it means and what to do: <code>journalctl -t keyvigild "
              "-x</code></p>\n",
              to);
        html_incidents(to, "Its members", json_object_get(incident, "keys"));
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}
