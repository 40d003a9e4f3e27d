/* Mappings with known names, read into structs by a table: one line per name. Everything wrong is reported,
 * so reading goes on after a problem; the only error that is returned is -ENOMEM. */
#ifndef CONF_FIELD_H
#define CONF_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/usec.h"
#include "conf/problem.h"
#include "conf/yaml.h"

struct field;

/* Read `node`, the value of `field`, into `target` (the struct's member; the struct itself where the field's
 * offset is 0). */
typedef int (*field_fn)(const struct field *field, const struct node *node, void *target,
                        struct problems *problems);

struct field {
        const char *name;
        field_fn read;
        size_t offset;
        uint64_t min, max; /* of numbers and durations (µs); lengths of texts in bytes */
        const void *more;  /* what `read` needs beyond that */
        bool required;
};

struct fields {
        const struct field *list;
        size_t n;
        const char *kind; /* what an unknown name is called: "setting" */
};

#define FIELDS(array, what)                                                                                  \
        {                                                                                                    \
                .list = (array), .n = ELEMENTSOF(array), .kind = (what)                                      \
        }

/* Read the mapping `node` into `object`. A value that is no mapping, an unknown name (the nearest known one
 * is named) and a required one that is absent are problems. */
int fields_read(const struct fields *fields, const struct node *node, void *object,
                struct problems *problems);

/* A section: `more` is its struct fields; offsets count from the same struct. */
int field_section(const struct field *field, const struct node *node, void *target,
                  struct problems *problems);

/* char *: one line of text, `min` to `max` bytes. */
int field_text(const struct field *field, const struct node *node, void *target, struct problems *problems);

/* unsigned, `min` to `max`. */
int field_unsigned(const struct field *field, const struct node *node, void *target,
                   struct problems *problems);

/* usec_t, `min` to `max`. */
int field_duration(const struct field *field, const struct node *node, void *target,
                   struct problems *problems);

/* int-sized enum: `more` is a struct choices. */
struct choices {
        const char *const *names; /* in the order of the enum, from 0 */
        size_t n;
};
int field_choice(const struct field *field, const struct node *node, void *target, struct problems *problems);

/* The child of that name; NULL if there is none or `node` is no mapping. */
const struct node *node_find(const struct node *node, const char *name);

/* For readers of their own: is `node` a scalar, a list, a mapping? If not, that is a problem, and false. */
bool node_expect(const struct node *node, enum node_kind kind, const char *wanted, struct problems *problems);

/* char *, checked by a function: `more` is a struct check. An empty text passes unchecked if `min` is 0. */
struct check {
        int (*text)(const char *text, const char **ret_why); /* -EINVAL with the reason for people */
};
int field_checked(const struct field *field, const struct node *node, void *target,
                  struct problems *problems);

/* One value, wherever it stands; `name` is for people. *ret is untouched if there is a problem. */
int duration_read(const char *name, const struct node *node, uint64_t min, uint64_t max, usec_t *ret,
                  struct problems *problems);
int choice_read(const struct node *node, const struct choices *choices, unsigned *ret,
                struct problems *problems);

/* Replace the owned string *to. */
int string_set(char **to, const char *text);

#endif
