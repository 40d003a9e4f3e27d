#include "conf/problem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "stripe/redact.h"

/* Names that are longer are nobody's typing mistake. */
#define NAME_MAX_LENGTH 64

_printf_(2, 0) static char *text_format(const struct place *place, const char *format, va_list args)
{
        char *what = NULL, *text = NULL;

        if (vasprintf(&what, format, args) < 0)
                return NULL;
        int r = place->line > 0
                        ? asprintf(&text, "%s:%u:%u: %s", place->file, place->line, place->column, what)
                        : asprintf(&text, "%s: %s", place->file, what);
        free(what);
        return r < 0 ? NULL : text;
}

static bool comes_before(const struct problem *a, const struct problem *b)
{
        if (a->order != b->order)
                return a->order < b->order;
        if (a->line != b->line)
                return a->line < b->line;
        return a->column < b->column;
}

_printf_(4, 0) static void add(struct problems *problems, const struct place *place, bool warning,
                               const char *format, va_list args)
{
        struct problem problem = {
                .order = place->order, .line = place->line, .column = place->column, .warning = warning
        };

        problems->n_errors += !warning;
        if (problems->n < PROBLEMS_MAX)
                problem.text = text_format(place, format, args);
        if (!problem.text) {
                problems->n_more++;
                return;
        }
        size_t at = problems->n++;
        for (; at > 0 && comes_before(&problem, &problems->list[at - 1]); at--)
                problems->list[at] = problems->list[at - 1];
        problems->list[at] = problem;
}

void problem_error(struct problems *problems, const struct place *place, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        add(problems, place, false, format, args);
        va_end(args);
}

void problem_warning(struct problems *problems, const struct place *place, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        add(problems, place, true, format, args);
        va_end(args);
}

void problems_clear(struct problems *problems)
{
        for (size_t i = 0; i < problems->n; i++)
                free(problems->list[i].text);
        problems->n = problems->n_errors = problems->n_more = 0;
}

const char *problem_quote(const char *text, char buffer[static QUOTE_MAX])
{
        char clean[1024]; /* redact before cutting: half a key no longer looks like one */
        size_t size;

        redact(text, clean, sizeof(clean));
        size = strlen(clean);
        if (size < QUOTE_MAX) {
                memcpy(buffer, clean, size + 1);
                return buffer;
        }
        size = QUOTE_MAX - sizeof("...");
        while (size > 0 &&
               ((unsigned char) clean[size] & 0xC0) == 0x80) /* not in the middle of a character */
                size--;
        memcpy(buffer, clean, size);
        memcpy(buffer + size, "...", sizeof("..."));
        return buffer;
}

/* Insertions, deletions and substitutions, case not counted. */
static unsigned edit_distance(const char *a, const char *b)
{
        unsigned row[NAME_MAX_LENGTH + 1];
        size_t n = strlen(b);

        for (size_t j = 0; j <= n; j++)
                row[j] = (unsigned) j;
        for (size_t i = 0; a[i]; i++) {
                unsigned corner = row[0];

                row[0] = (unsigned) i + 1;
                for (size_t j = 0; j < n; j++) {
                        bool same = tolower((unsigned char) a[i]) == tolower((unsigned char) b[j]);
                        unsigned swap = corner + !same;

                        corner = row[j + 1];
                        row[j + 1] = MIN(swap, MIN(corner, row[j]) + 1);
                }
        }
        return row[n];
}

/* Of how many characters at their start are they the same, case not counted? */
static size_t common_start(const char *a, const char *b)
{
        size_t n = 0;

        while (a[n] != '\0' && tolower((unsigned char) a[n]) == tolower((unsigned char) b[n]))
                n++;
        return n;
}

const char *problem_nearest(const char *text, const void *names, size_t n, name_of_fn name_of)
{
        size_t length = strlen(text), longest = MAX(length, 5u) - 2; /* the rest may have been left out */
        unsigned best = (unsigned) (length + 1) / 3;                 /* a third of it may be wrong */
        const char *nearest = NULL, *longer = NULL;

        if (length > NAME_MAX_LENGTH)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                const char *name = name_of(names, i);

                if (!name || strlen(name) > NAME_MAX_LENGTH)
                        continue;
                unsigned distance = edit_distance(text, name);
                if (distance <= best && (!nearest || distance < best)) {
                        best = distance;
                        nearest = name;
                }
                if (common_start(text, name) > longest) {
                        longest = common_start(text, name);
                        longer = name;
                }
        }
        return nearest ? nearest : longer;
}
