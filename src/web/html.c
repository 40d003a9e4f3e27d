#include "web/html.h"

#include <ctype.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "web/style.h"

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
                "</title>\n<style>%s</style>\n</head>\n<body>\n<header><nav aria-label=\"Pages\"><a "
                "href=\"/\">Watch</a> "
                "<a href=\"/keys\">Keys</a></nav></header>\n<main>\n<h1>",
                page_style);
        html_text(to, title);
        fputs("</h1>\n", to);
}

void html_end(FILE *to, int64_t now)
{
        char when[DATETIME_MAX];

        fputs("</main>\n", to);
        if (now > 0) {
                fputs("<footer>As of ", to);
                html_time(to, datetime_format(now, when));
                fputs("; keyvigil " PACKAGE_VERSION "</footer>\n", to);
        }
        fputs("</body>\n</html>\n", to);
}

void html_value(FILE *to, const char *value)
{
        for (; *value != '\0'; value++)
                if (isalnum((unsigned char) *value) || strchr("._-", *value))
                        fputc(*value, to);
                else
                        fprintf(to, "%%%02X", (unsigned char) *value);
}

const char *html_class(const char *word)
{
        static const char *const bad[] = { "revoked", "expired", "invalid", "unreadable", "blocked",
                                           "emerg",   "alert",   "crit",    "err" };
        static const char *const good[] = { "healthy", "rolled" };
        static const char *const plain[] = { "notice", "info", "debug" };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (strcmp(word, bad[i]) == 0)
                        return "bad";
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                if (strcmp(word, good[i]) == 0)
                        return "good";
        for (size_t i = 0; i < ELEMENTSOF(plain); i++)
                if (strcmp(word, plain[i]) == 0)
                        return "none";
        return "warn";
}

void html_marked(FILE *to, const char *word)
{
        fprintf(to, "<span class=\"%s\">", html_class(word));
        html_text(to, word);
        fputs("</span>", to);
}

/* "2026-11-21T03:12:13Z" is read by machines; people need no seconds. */
void html_time(FILE *to, const char *time)
{
        if (strlen(time) != sizeof("2026-11-21T03:12:13Z") - 1) {
                html_text(to, *time == '\0' ? "never" : time);
                return;
        }
        fprintf(to, "<time datetime=\"%.20s\"><span>%.10s</span> <span>%.5s UTC</span></time>", time, time,
                time + 11);
}

void html_integer(FILE *to, long long n)
{
        char digits[24];
        int size = snprintf(digits, sizeof(digits), "%lld", n);

        for (int i = 0; i < size; i++)
                fprintf(to, "%s%c", i > 0 && digits[i - 1] != '-' && (size - i) % 3 == 0 ? "&nbsp;" : "",
                        digits[i]);
}

void html_count(FILE *to, long long n, const char *noun)
{
        html_integer(to, n);
        fprintf(to, " %s%s", noun, n == 1 ? "" : "s");
}

void html_fact(FILE *to, const char *title)
{
        fputs("<dt>", to);
        html_text(to, title);
        fputs("</dt><dd>", to);
}

void html_fact_end(FILE *to)
{
        fputs("</dd>\n", to);
}

void html_text_fact(FILE *to, const char *title, const char *text)
{
        if (*text == '\0')
                return;
        html_fact(to, title);
        html_text(to, text);
        html_fact_end(to);
}

void html_time_fact(FILE *to, const char *title, const char *time)
{
        if (*time == '\0')
                return;
        html_fact(to, title);
        html_time(to, time);
        html_fact_end(to);
}

void html_table(FILE *to, const char *caption, const struct html_column *columns, size_t n)
{
        fputs("<table>\n<caption>", to);
        html_text(to, caption);
        fputs("</caption>\n<thead><tr>", to);
        for (size_t i = 0; i < n; i++) {
                fputs("<th scope=\"col\"", to);
                if (columns[i].class)
                        fprintf(to, " class=\"%s\"", columns[i].class);
                fputs(">", to);
                html_text(to, columns[i].title);
                fputs("</th>", to);
        }
        fputs("</tr></thead>\n<tbody>\n", to);
}

void html_table_end(FILE *to)
{
        fputs("</tbody></table>\n", to);
}

void html_key_link(FILE *to, const char *name)
{
        fputs("<a href=\"/keys/", to);
        html_value(to, name);
        fputs("\">", to);
        html_text(to, name);
        fputs("</a>", to);
}
