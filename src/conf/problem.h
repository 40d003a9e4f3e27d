/* What is wrong with the files that an operator writes: all of it, not only the first. */
#ifndef CONF_PROBLEM_H
#define CONF_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

/* Texts beyond this are counted, not kept. */
#define PROBLEMS_MAX 100

struct problem {
        unsigned order; /* of the file, as the files were read */
        unsigned line, column;
        bool warning; /* worth saying, but the configuration is taken */
        char *text;   /* "file:line:column: what is wrong; what to do", without a newline */
};

/* Zeroed memory is an empty collection. `list` is sorted by file and position. */
struct problems {
        struct problem list[PROBLEMS_MAX];
        size_t n;
        size_t n_errors; /* with those that were not kept; 0: the files are good */
        size_t n_more;   /* not kept in `list` */
};

/* A place in a file; lines and columns (in characters) count from 1, line 0 stands for the file as a whole.
 */
struct place {
        const char *file;
        unsigned order;
        unsigned line, column;
};

/* Without memory for its text an error is still counted. */
void problem_error(struct problems *problems, const struct place *place, const char *format, ...)
        _printf_(3, 4);
void problem_warning(struct problems *problems, const struct place *place, const char *format, ...)
        _printf_(3, 4);

/* Free what is kept; empty and usable afterwards. */
void problems_clear(struct problems *problems);

static inline void problems_clearp(struct problems *problems)
{
        problems_clear(problems);
}

#define QUOTE_MAX 64

/* `text` as it may be repeated in a problem: on one line, cut to fit, and never with a key or a part of one,
 * which people do paste into configuration files. Gives back `buffer`. */
const char *problem_quote(const char *text, char buffer[static QUOTE_MAX]);

/* The one of `n` names that `text` was most likely meant to be; NULL if it is like none of them. `name_of`
 * gives the name of one, or NULL to pass over it. */
typedef const char *(*name_of_fn)(const void *names, size_t i);
const char *problem_nearest(const char *text, const void *names, size_t n, name_of_fn name_of);

#endif
