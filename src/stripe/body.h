/* Reading the JSON of an answer, whoever wrote it. */
#ifndef STRIPE_BODY_H
#define STRIPE_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

/* One JSON object and nothing after it. -EBADMSG: anything else, including a member that is there twice and
 * nesting beyond any answer's. The caller owns it, and lets it go at once: it may echo a key. */
int body_load(const char *bytes, size_t size, json_t **ret);

json_t *body_free(json_t *body);
DEFINE_CLEANUP(json_t, body_free)

/* Members of an object. Valid as long as the object. A string with a NUL inside is none. -ENOENT: absent or
 * null; -EBADMSG: of another type. */
int body_string(const json_t *object, const char *name, const char **ret);
int body_bool(const json_t *object, const char *name, bool *ret);
int body_integer(const json_t *object, const char *name, int64_t *ret);

/* Does the object say that it is a `type` ("list", "coupon")? */
bool body_is(const json_t *object, const char *type);

#endif
