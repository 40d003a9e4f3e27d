/* The path and query of a request, escaped as it grows. */
#ifndef CLI_URL_H
#define CLI_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct url {
        char *text; /* NULL: there was no memory */
        bool has_query;
};

/* `path` as it is. */
struct url url_new(const char *path);

/* `path`, then "/" and `name` escaped, then `tail` as it is. */
struct url url_of(const char *path, const char *name, const char *tail);

/* "name=value"; nothing for a NULL value. */
void url_text(struct url *url, const char *name, const char *value);
void url_flag(struct url *url, const char *name, bool value);

/* A date as when_parse() takes it (checked before), as the route wants it; "" as it is. */
void url_date(struct url *url, const char *name, const char *value);
void url_wall(struct url *url, const char *name, int64_t wall);

static inline void url_clear(struct url *url)
{
        url->text = mfree(url->text);
}

#endif
