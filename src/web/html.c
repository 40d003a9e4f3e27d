#include "web/html.h"

#include <ctype.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "web/page.h"

static const char page_style[] =
        ":root{color-scheme:light dark;--bad:#b3261e;--warn:#8a5a00;--good:#1e6b34;--line:#8888}"
        "@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--warn:#ffca6b;--good:#7bd992}}"
        "body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}"
        "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}"
        "table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600}"
        "th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);"
        "vertical-align:top}thead th{white-space:nowrap}td:last-child{overflow-wrap:anywhere}"
        ".wide table{min-width:44rem}"
        ".wide{overflow-x:auto}.bad{color:var(--bad);font-weight:600}.warn{color:var(--warn);font-weight:600}"
        ".good{color:var(--good);font-weight:600}svg{width:100%;height:2rem;display:block}"
        "rect.good{fill:var(--good)}rect.bad{fill:var(--bad)}rect.warn{fill:var(--warn)}rect.none{fill:var(--"
        "line)}"
        "nav a,footer{margin-right:1rem}footer{margin-top:2rem}"
        "@media print{nav{display:none}body{max-width:none}}";

void html_text(FILE *to, const char *text)
{
        for (; *text != '\0'; text++)
                switch (*text) {
                case '&':
                        fputs("&amp;", to);
                        break;
                case '<':
                        fputs("&lt;", to);
                        break;
                case '>':
                        fputs("&gt;", to);
                        break;
                case '"':
                        fputs("&quot;", to);
                        break;
                case '\'':
                        fputs("&#39;", to);
                        break;
                default:
                        fputc(*text, to);
                }
}

const char *html_member(const json_t *object, const char *name)
{
        return json_string_value(json_object_get(object, name)) ?: "";
}

long long html_number(const json_t *object, const char *name)
{
        return (long long) json_integer_value(json_object_get(object, name));
}

void html_begin(FILE *to, const char *title)
{
        fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
              to);
        html_text(to, title);
        fprintf(to,
                "</title>\n<style>%s</style>\n</head>\n<body>\n<nav aria-label=\"Pages\"><a "
                "href=\"/\">Watch</a> "
                "<a href=\"/keys\">Keys</a></nav>\n<main>\n<h1>",
                page_style);
        html_text(to, title);
        fputs("</h1>\n", to);
}

void html_end(FILE *to, int64_t now)
{
        char when[DATETIME_MAX];

        fputs("</main>\n", to);
        if (now > 0)
                fprintf(to, "<footer>As of <time>%s</time>; keyvigil " PACKAGE_VERSION "</footer>\n",
                        datetime_format(now, when));
        fputs("</body>\n</html>\n", to);
}

/* A name as part of a path. */
/* A name as part of a path. */
static void html_path(FILE *to, const char *name)
{
        for (; *name != '\0'; name++)
                if (isalnum((unsigned char) *name) || strchr("._-", *name))
                        fputc(*name, to);
                else
                        fprintf(to, "%%%02X", (unsigned char) *name);
}

const char *html_class(const char *state)
{
        static const char *const bad[] = { "revoked", "expired", "invalid", "unreadable", "blocked",
                                           "emerg",   "alert",   "crit",    "err" };
        static const char *const good[] = { "healthy", "rolled", "notice", "info", "debug" };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (strcmp(state, bad[i]) == 0)
                        return "bad";
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                if (strcmp(state, good[i]) == 0)
                        return "good";
        return "warn";
}

void html_marked(FILE *to, const char *word)
{
        fprintf(to, "<span class=\"%s\">", html_class(word));
        html_text(to, word);
        fputs("</span>", to);
}

void html_row(FILE *to, const char *title)
{
        fputs("<tr><th scope=\"row\">", to);
        html_text(to, title);
        fputs("</th><td>", to);
}

void html_text_row(FILE *to, const char *title, const char *text)
{
        if (*text == '\0')
                return;
        html_row(to, title);
        html_text(to, text);
        fputs("</td></tr>\n", to);
}

void html_key_link(FILE *to, const char *name)
{
        fputs("<a href=\"/keys/", to);
        html_path(to, name);
        fputs("\">", to);
        html_text(to, name);
        fputs("</a>", to);
}

void html_incidents(FILE *to, const char *caption, const json_t *incidents)
{
        const json_t *incident;
        size_t i;

        if (json_array_size(incidents) == 0)
                return;
        fprintf(to,
                "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                "aria-label=\"%s\"><table>\n<caption>%s</caption>\n"
                "<thead><tr><th scope=\"col\">Incident</th><th scope=\"col\">Severity</th><th "
                "scope=\"col\">Key</th>"
                "<th scope=\"col\">Since</th><th scope=\"col\">What</th></tr></thead>\n<tbody>\n",
                caption, caption);
        json_array_foreach(incidents, i, incident)
        {
                long long id = html_number(incident, "id");

                fprintf(to, "<tr><td><a href=\"/incidents/%lld\">%lld</a></td><td>", id, id);
                html_marked(to, html_member(incident, "severity"));
                fputs("</td><td>", to);
                if (*html_member(incident, "key") != '\0')
                        html_key_link(to, html_member(incident, "key"));
                fputs("</td><td>", to);
                html_text(to, html_member(incident, "opened"));
                fputs("</td><td>", to);
                html_text(to, html_member(incident, "message"));
                fputs("</td></tr>\n", to);
        }
        fputs("</tbody></table></div>\n", to);
}
