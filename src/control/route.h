/* Which function serves which request: a table, and the search in it. Pure. */
#ifndef CONTROL_ROUTE_H
#define CONTROL_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

struct visit;
typedef void (*route_fn)(struct visit *visit);

enum body_kind {
        BODY_NONE,
        BODY_SECRET, /* the bare secret, kept in memory that is wiped */
        BODY_TEXT,   /* a text, kept whole */
        BODY_LINES,  /* JSON lines, taken as they come */
};

struct route {
        const char *method;
        const char *path;       /* "*" stands for one segment: the argument */
        const char *parameters; /* names that the query may hold, with blanks between; NULL: none */
        enum body_kind body;
        route_fn serve;
};

#define ROUTE_ARGUMENT_MAX 128

/* The route of `method` and `path` (already decoded), with what stood for "*" in `argument` ("" if there is
 * none). -ENOENT: no such path; -EOPNOTSUPP: the path is there, but not with this method. */
int route_find(const struct route *routes, size_t n, const char *method, const char *path,
               const struct route **ret, char argument[static ROUTE_ARGUMENT_MAX]);

/* The methods that `path` knows, "GET, POST": for the Allow header. */
void route_methods(const struct route *routes, size_t n, const char *path, char *ret, size_t size);

/* May the query hold `name`? */
bool route_knows(const struct route *route, const char *name);

#endif
