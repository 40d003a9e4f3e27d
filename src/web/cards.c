#include "web/cards.h"

#include <stdbool.h>
#include <string.h>

#include "base/macros.h"
#include "web/html.h"
#include "web/remedy.h"

/* Of one kind: shown whole, and named behind a fold. */
#define SHOWN  3
#define FOLDED 200

/* Kinds there are; what more there could be is not shown by itself, but counted. */
#define KINDS_MAX 64

struct kind {
        const char *name;
        long long priority; /* the worst */
        size_t n, shown, folded;
};

static void link_to(FILE *to, const json_t *incident)
{
        fprintf(to, "<a href=\"/incidents/%lld\">incident %lld</a>", html_number(incident, "id"),
                html_number(incident, "id"));
}

static void card(FILE *to, const json_t *incident, bool with_remedy)
{
        const char *severity = html_member(incident, "severity"), *cleared = html_member(incident, "cleared"),
                   *remedy = with_remedy ? kind_remedy(html_member(incident, "kind")) : NULL;

        fprintf(to, "<li class=\"card %s\"><p>", *cleared != '\0' ? "good" : html_class(severity));
        html_marked(to, severity);
        fputs(" · ", to);
        html_text(to, html_member(incident, "kind"));
        if (*html_member(incident, "key") != '\0') {
                fputs(" · ", to);
                html_key_link(to, html_member(incident, "key"));
        }
        fputs("</p><p>", to);
        html_text(to, html_member(incident, "message"));
        fputs("</p>", to);
        if (remedy) {
                fputs("<p>To do: ", to);
                html_text(to, remedy);
                fputs("</p>", to);
        }
        fputs("<p class=\"soft\">", to);
        link_to(to, incident);
        fputs(", since ", to);
        html_time(to, html_member(incident, "opened"));
        if (*cleared != '\0') {
                fputs(" until ", to);
                html_time(to, cleared);
        } else if (*html_member(incident, "acknowledged") != '\0') {
                fputs(", acknowledged", to);
        }
        fputs("</p></li>\n", to);
}

static struct kind *kind_of(struct kind *kinds, size_t *n, const char *name)
{
        for (size_t i = 0; i < *n; i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return &kinds[i];
        if (*n == KINDS_MAX)
                return NULL;
        kinds[*n] = (struct kind){ .name = name, .priority = 8 };
        return &kinds[(*n)++];
}

static size_t collect(const json_t *incidents, struct kind *kinds)
{
        const json_t *incident;
        size_t i, n = 0;

        json_array_foreach(incidents, i, incident)
        {
                struct kind *kind = kind_of(kinds, &n, html_member(incident, "kind"));

                if (!kind)
                        continue;
                kind->n++;
                kind->priority = MIN(kind->priority, html_number(incident, "priority"));
        }
        return n;
}

/* The worst that is left; NULL: none. */
static struct kind *worst(struct kind *kinds, size_t n)
{
        struct kind *found = NULL;

        for (size_t i = 0; i < n; i++)
                if (kinds[i].n > 0 && (!found || kinds[i].priority < found->priority))
                        found = &kinds[i];
        return found;
}

/* The rest of a kind: where they are, and no more. */
static void fold(FILE *to, const json_t *incidents, const struct kind *kind)
{
        const json_t *incident;
        size_t i, seen = 0;

        fputs("<li><details><summary>", to);
        html_integer(to, (long long) (kind->n - SHOWN));
        fprintf(to, " more of kind %s</summary><ul class=\"plain\">\n", kind->name);
        json_array_foreach(incidents, i, incident)
        {
                if (strcmp(html_member(incident, "kind"), kind->name) != 0 || seen++ < SHOWN)
                        continue;
                if (seen > SHOWN + FOLDED)
                        break;
                fputs("<li>", to);
                if (*html_member(incident, "key") != '\0') {
                        html_key_link(to, html_member(incident, "key"));
                        fputs(", ", to);
                }
                link_to(to, incident);
                fputs(", since ", to);
                html_time(to, html_member(incident, "opened"));
                fputs("</li>\n", to);
        }
        fputs("</ul>", to);
        if (kind->n > SHOWN + FOLDED)
                fputs("<p class=\"soft\">and more: <code>keyvigil incidents --open</code></p>", to);
        fputs("</details></li>\n", to);
}

static void cards_of(FILE *to, const json_t *incidents, const struct kind *kind)
{
        const json_t *incident;
        size_t i, shown = 0;

        json_array_foreach(incidents, i, incident)
        {
                if (shown == SHOWN)
                        break;
                if (strcmp(html_member(incident, "kind"), kind->name) == 0)
                        card(to, incident, shown++ == 0);
        }
        if (kind->n > SHOWN)
                fold(to, incidents, kind);
}

void cards_open(FILE *to, const json_t *incidents, long long total)
{
        struct kind kinds[KINDS_MAX], *kind;
        size_t n = collect(incidents, kinds);
        long long listed = (long long) json_array_size(incidents);

        if (listed == 0)
                return;
        fputs("<h2>Open incidents</h2>\n<ol>\n", to);
        while ((kind = worst(kinds, n))) {
                cards_of(to, incidents, kind);
                kind->n = 0;
        }
        fputs("</ol>\n", to);
        if (total > listed) {
                fputs("<p class=\"soft\">These are the newest ", to);
                html_integer(to, listed);
                fputs(" of ", to);
                html_integer(to, total);
                fputs("; <code>keyvigil incidents --open</code> has all.</p>\n", to);
        }
}

void cards_list(FILE *to, const char *title, const json_t *incidents)
{
        const json_t *incident;
        size_t i;

        if (json_array_size(incidents) == 0)
                return;
        fputs("<h2>", to);
        html_text(to, title);
        fputs("</h2>\n<ol>\n", to);
        json_array_foreach(incidents, i, incident) card(to, incident, false);
        fputs("</ol>\n", to);
}
