/* The first page: what is wrong now, on top and in words; then how the watch itself is. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "base/memory.h"
#include "web/cards.h"
#include "web/html.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/strip.h"

/* As `keyvigil plugin` counts. */
#define ROUNDS_MAX    3
#define ROUND_MIN_AGE 600

/* What the answers of this page are. */
enum { STATUS, INCIDENTS, STRIPS, DUE, COUPONS };

/* --- in words --- */

#define WRONGS_MAX 12

struct wrongs {
        struct wrong {
                char text[160];
                const char *link; /* NULL: none */
                bool bad;
        } list[WRONGS_MAX];
        size_t n;
};

_printf_(4, 5) static void wrong(struct wrongs *wrongs, bool bad, const char *link, const char *format, ...)
{
        struct wrong *one = &wrongs->list[wrongs->n];
        va_list arguments;

        if (wrongs->n == WRONGS_MAX)
                return;
        wrongs->n++;
        one->bad = bad;
        one->link = link;
        va_start(arguments, format);
        vsnprintf(one->text, sizeof(one->text), format, arguments);
        va_end(arguments);
}

static void count_keys(struct wrongs *wrongs, const json_t *states)
{
        long long dead = html_number(states, "revoked") + html_number(states, "expired") +
                         html_number(states, "invalid"),
                  blocked = html_number(states, "blocked"), degraded = html_number(states, "degraded"),
                  unreadable = html_number(states, "unreadable");

        if (dead > 0)
                wrong(wrongs, true, "/keys?state=revoked%2Cexpired%2Cinvalid", "%lld %s dead", dead,
                      dead == 1 ? "key is" : "keys are");
        if (unreadable > 0)
                wrong(wrongs, true, "/keys?state=unreadable",
                      "%lld stored %s cannot be opened, so nobody watches %s", unreadable,
                      unreadable == 1 ? "secret" : "secrets", unreadable == 1 ? "it" : "them");
        if (blocked > 0)
                wrong(wrongs, true, "/keys?state=blocked", "%lld %s blocked by an IP access policy", blocked,
                      blocked == 1 ? "key is" : "keys are");
        if (degraded > 0)
                wrong(wrongs, true, "/keys?state=degraded", "%lld %s permissions", degraded,
                      degraded == 1 ? "key lacks" : "keys lack");
}

static bool round_is_late(const json_t *status, int64_t now)
{
        int64_t limit = MAX(ROUNDS_MAX * html_number(status, "longest_pulse_seconds"), ROUND_MIN_AGE), last,
                started;

        if (html_number(status, "keys") == 0)
                return false;
        if (datetime_parse(html_member(status, "last_round"), &last) < 0)
                last = 0;
        if (datetime_parse(html_member(status, "started"), &started) < 0)
                started = 0;
        return now - MAX(last, started) > limit;
}

static void count_watch(struct wrongs *wrongs, const json_t *status, int64_t now)
{
        if (json_is_true(json_object_get(status, "outage")))
                wrong(wrongs, true, NULL, "Stripe cannot be reached");
        if (json_is_true(json_object_get(status, "store_trouble")))
                wrong(wrongs, true, NULL, "The database cannot be written");
        if (round_is_late(status, now))
                wrong(wrongs, true, NULL, "No round was completed for too long");
        if (html_number(status, "overdue") > 0)
                wrong(wrongs, false, NULL, "%lld %s overdue", html_number(status, "overdue"),
                      html_number(status, "overdue") == 1 ? "key is" : "keys are");
        if (html_number(status, "suspects") > 0)
                wrong(wrongs, false, NULL, "%lld %s in doubt", html_number(status, "suspects"),
                      html_number(status, "suspects") == 1 ? "key is" : "keys are");
        if (html_number(status, "unsent") > 0)
                wrong(wrongs, false, NULL, "%lld %s for the journal", html_number(status, "unsent"),
                      html_number(status, "unsent") == 1 ? "event waits" : "events wait");
}

static const char *without_wrongs(const json_t *status, char *text, size_t size)
{
        long long open = html_number(status, "open_incidents");

        if (open > 0)
                snprintf(text, size, "%lld %s open", open, open == 1 ? "incident is" : "incidents are");
        else if (html_number(status, "keys") == 0)
                snprintf(text, size, "No keys are stored");
        else if (*html_member(status, "last_round") == '\0')
                snprintf(text, size, "The first round is under way");
        else
                snprintf(text, size, "All is well");
        return text;
}

/* The first one is the title. */
static void put_wrongs(FILE *to, const struct wrongs *wrongs)
{
        if (wrongs->n > 0 && wrongs->list[0].link)
                fprintf(to, "<p><a href=\"%s\">See which</a></p>\n", wrongs->list[0].link);
        if (wrongs->n < 2)
                return;
        fputs("<ul>\n", to);
        for (size_t i = 1; i < wrongs->n; i++) {
                const struct wrong *one = &wrongs->list[i];

                fprintf(to, "<li class=\"card %s\">", one->bad ? "bad" : "warn");
                if (one->link)
                        fprintf(to, "<a href=\"%s\">", one->link);
                html_text(to, one->text);
                fprintf(to, "%s</li>\n", one->link ? "</a>" : "");
        }
        fputs("</ul>\n", to);
}

/* --- the watch --- */

static void put_watch(FILE *to, const json_t *status)
{
        fputs("<h2>The watch</h2>\n<dl>\n", to);
        html_fact(to, "Last complete round");
        if (*html_member(status, "last_round") == '\0')
                html_text(to, "none yet");
        else
                html_time(to, html_member(status, "last_round"));
        html_fact_end(to);
        html_time_fact(to, "Running since", html_member(status, "started"));
        html_text_fact(to, "Stripe",
                       json_is_true(json_object_get(status, "outage")) ? "cannot be reached" : "answers");
        html_fact(to, "Keys");
        html_integer(to, html_number(status, "overdue"));
        fputs(" overdue, ", to);
        html_integer(to, html_number(status, "suspects"));
        fputs(" in doubt", to);
        html_fact_end(to);
        html_fact(to, "Requests");
        html_integer(to, html_number(status, "in_flight"));
        fputs(" under way, ", to);
        html_integer(to, html_number(status, "waiting"));
        fputs(" waiting", to);
        html_fact_end(to);
        html_fact(to, "For the journal");
        html_count(to, html_number(status, "unsent"), "event");
        fputs(" waiting", to);
        html_fact_end(to);
        fputs("</dl>\n", to);
}

/* --- states --- */

static void put_state(FILE *to, const char *name, long long count, const json_t *strip, long long all)
{
        fputs("<tr><th scope=\"row\">", to);
        html_marked(to, name);
        fprintf(to, "</th><td class=\"number\"><a href=\"/keys?state=%s\" aria-label=\"%lld %s\">", name,
                count, name);
        html_integer(to, count);
        fputs("</a></td><td class=\"strip\">", to);
        /* Of those that are well one looks for gaps, of all others for any at all. */
        strip_counts(to, name, strip, strcmp(name, "healthy") == 0 ? all : 0);
        fputs("</td></tr>\n", to);
}

static void put_states(FILE *to, const json_t *status, const json_t *strips)
{
        char caption[80], span[24];
        const json_t *states = json_object_get(status, "states"), *series = json_object_get(strips, "states"),
                     *count;
        int days = (int) html_number(strips, "days");
        const char *name;

        fputs("<h2>Keys by state</h2>\n", to);
        if (html_number(status, "keys") == 0 && json_object_size(series) == 0) {
                fputs("<p>There are none. The first one: <code>keyvigil add NAME</code></p>\n", to);
                return;
        }
        snprintf(caption, sizeof(caption), "Now, and at the end of each of the last %d days", days);
        snprintf(span, sizeof(span), "%d days", days);
        html_table(to, caption,
                   (const struct html_column[]){ { "State", NULL }, { "Keys", "number" }, { span, NULL } },
                   3);
        json_object_foreach((json_t *) states, name, count)
        {
                const json_t *strip = json_object_get(series, name);

                if (json_integer_value(count) > 0 || strip)
                        put_state(to, name, json_integer_value(count), strip, html_number(status, "keys"));
        }
        html_table_end(to);
}

static void put_outages(FILE *to, const json_t *strips, int64_t now)
{
        const json_t *outages = json_object_get(strips, "outages"),
                     *last = json_array_get(outages, json_array_size(outages) - 1);
        int days = (int) html_number(strips, "days");

        if (!strips)
                return;
        fputs("<h2>Outages of Stripe, or of the way there</h2>\n", to);
        strip_outages(to, outages, days, now);
        strip_ends(to, days);
        fputs("<p>", to);
        if (!last) {
                fprintf(to, "None in %d days.</p>\n", days);
                return;
        }
        html_count(to, (long long) json_array_size(outages), "outage");
        fprintf(to, " in %d days; the last one, of %s keys, from ", days,
                *html_member(last, "mode") != '\0' ? html_member(last, "mode") : "all");
        html_time(to, html_member(last, "opened"));
        if (*html_member(last, "cleared") != '\0') {
                fputs(" to ", to);
                html_time(to, html_member(last, "cleared"));
        } else {
                fputs(", lasts", to);
        }
        fputs(".</p>\n", to);
}

/* --- lists --- */

static void put_due(FILE *to, const json_t *keys)
{
        static const struct html_column columns[] = { { "Key", NULL }, { "State", NULL }, { "Ends", NULL } };
        const json_t *key;
        size_t i;

        if (json_array_size(keys) == 0)
                return;
        fputs("<h2>Soon due</h2>\n", to);
        html_table(to, "Their declared end comes within 30 days, or has come", columns, ELEMENTSOF(columns));
        json_array_foreach(keys, i, key)
        {
                fputs("<tr><th scope=\"row\">", to);
                html_key_link(to, html_member(key, "name"));
                fputs("</th><td>", to);
                html_marked(to, html_member(key, "state"));
                fputs("</td><td>", to);
                html_time(to, html_member(key, "expires"));
                fputs("</td></tr>\n", to);
        }
        html_table_end(to);
        if (json_array_size(keys) >= PAGE_DUE_MAX)
                fputs("<p class=\"soft\">and more: <a href=\"/keys?expiring=30d\">all of them</a></p>\n", to);
}

static void put_coupons(FILE *to, const json_t *coupons)
{
        static const struct html_column columns[] = {
                { "Coupon", NULL }, { "State", NULL }, { "Why", "less" }, { "Key", NULL }
        };
        const json_t *coupon;
        size_t i;

        fputs("<h2>Probe coupons</h2>\n", to);
        if (json_array_size(coupons) == 0) {
                fputs("<p>None is left behind.</p>\n", to);
                return;
        }
        html_table(to, "Left behind by connection checks, and not deleted yet", columns, ELEMENTSOF(columns));
        json_array_foreach(coupons, i, coupon)
        {
                fputs("<tr><th scope=\"row\">", to);
                html_text(to, html_member(coupon, "coupon"));
                fputs("</th><td>", to);
                html_text(to, html_member(coupon, "state"));
                fputs("</td><td class=\"less\">", to);
                html_text(to, html_member(coupon, "reason"));
                fputs("</td><td>", to);
                if (*html_member(coupon, "key") != '\0')
                        html_key_link(to, html_member(coupon, "key"));
                fputs("</td></tr>\n", to);
        }
        html_table_end(to);
        if (json_array_size(coupons) >= PAGE_COUPONS_MAX)
                fputs("<p class=\"soft\">and more: <code>keyvigil coupons</code></p>\n", to);
}

int write_watch(const struct page *page, const json_t *const *answers, int64_t now, char **ret)
{
        const json_t *status = answers[STATUS];
        struct wrongs wrongs = { 0 };
        char text[160];
        size_t size;
        FILE *to = memory_stream(ret, &size);

        (void) page;
        if (!to)
                return -ENOMEM;
        count_keys(&wrongs, json_object_get(status, "states"));
        count_watch(&wrongs, status, now);
        html_begin(to, wrongs.n > 0 ? wrongs.list[0].text : without_wrongs(status, text, sizeof(text)));
        put_wrongs(to, &wrongs);
        cards_open(to, json_object_get(answers[INCIDENTS], "incidents"),
                   html_number(status, "open_incidents"));
        put_watch(to, status);
        put_states(to, status, answers[STRIPS]);
        put_outages(to, answers[STRIPS], now);
        put_due(to, json_object_get(answers[DUE], "keys"));
        put_coupons(to, json_object_get(answers[COUPONS], "coupons"));
        html_end(to, now);
        return fclose(to) == 0 ? 0 : -ENOMEM;
}
