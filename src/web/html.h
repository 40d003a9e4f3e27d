/* Pieces of a page. All text is escaped here and nowhere else. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* Members of an answer; "" and 0 if they are not there. */
const char *html_member(const json_t *object, const char *name);
long long html_number(const json_t *object, const char *name);

/* Everything before what is the page's own, and behind it; `now` 0: no word of when. */
void html_begin(FILE *to, const char *title);
void html_end(FILE *to, int64_t now);

void html_text(FILE *to, const char *text);
/* "bad", "warn", "good", "none": what a state or a severity means. */
const char *html_class(const char *word);
/* The word in the colour of its meaning. */
void html_marked(FILE *to, const char *word);
/* A time of an answer, to the minute; "never" if it is "". */
void html_time(FILE *to, const char *time);
/* "1 key", "2 keys"; with blanks between thousands. */
void html_count(FILE *to, long long n, const char *noun);
void html_integer(FILE *to, long long n);

/* A line of a list of facts: its title, and the value open; html_fact_end() closes it. */
void html_fact(FILE *to, const char *title);
void html_fact_end(FILE *to);
/* Whole ones; nothing if the text is "". */
void html_text_fact(FILE *to, const char *title, const char *text);
void html_time_fact(FILE *to, const char *title, const char *time);

/* A table with its heads; rows go between. Class "less": a telephone leaves the column out. */
struct html_column {
        const char *title, *class; /* NULL: of no class */
};
void html_table(FILE *to, const char *caption, const struct html_column *columns, size_t n);
void html_table_end(FILE *to);

void html_key_link(FILE *to, const char *name);
/* As the value in a query. */
void html_value(FILE *to, const char *value);

#endif
