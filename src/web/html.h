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
/* "bad", "warn", "good": what a state or a severity means. */
const char *html_class(const char *word);
/* The word in the colour of its meaning. */
void html_marked(FILE *to, const char *word);
/* The beginning of a table's row: its title, and the cell open. */
void html_row(FILE *to, const char *title);
/* A whole one; nothing if `text` is "". */
void html_text_row(FILE *to, const char *title, const char *text);
void html_key_link(FILE *to, const char *name);
/* Nothing if there are none. */
void html_incidents(FILE *to, const char *caption, const json_t *incidents);

#endif
