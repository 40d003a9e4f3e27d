#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decoded pairs of an urlencoded query or body, in their order. All zero is a valid empty form. */
struct form_pair {
        char *name, *value;
};

struct form {
        struct form_pair *pairs;
        size_t count;
};

/* Percent-decodes `size` bytes into `ret` (`room` bytes, NUL-terminated, cut if too long). */
void form_decode(const char *text, size_t size, bool plus_is_space, char *ret, size_t room);

/* Adds the pairs of `text`; a piece without `=` counts as a name with an empty value, unless it is not a
 * name at all (the two bytes `""` that some probes send). */
void form_parse(struct form *f, const char *text, size_t size);
void form_add(struct form *f, const char *name, const char *value);
void form_drop(struct form *f, size_t at);
void form_clear(struct form *f);

const char *form_get(const struct form *f, const char *name);

/* 0, or -ENOENT: not there; -EINVAL: not a whole number. */
int form_get_number(const struct form *f, const char *name, int64_t *ret);
int form_number(const char *text, int64_t *ret);
int form_real(const char *text, double *ret);

/* Whether `name` is one of the NULL-terminated list; an entry that ends in `[` allows any name beginning so.
 */
bool form_name_known(const char *name, const char *const *known);
