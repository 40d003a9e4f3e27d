/* One YAML file as a tree that remembers where everything stood. What YAML allows and a configuration does
 * not need is refused: anchors and aliases, tags, several documents, keys that are no scalars, NUL bytes. */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "conf/problem.h"

#define TREE_SIZE_MAX  ((size_t) 1 << 20) /* bytes of a file */
#define TREE_DEPTH_MAX 16
#define TREE_NODES_MAX 100000

enum node_kind {
        NODE_SCALAR,
        NODE_SEQUENCE,
        NODE_MAPPING,
};

struct node {
        enum node_kind kind;
        struct place place; /* of the value; its file name lives as long as the tree's root */
        struct place name_place;
        char *name; /* in a mapping: what this is the value of; else NULL */
        char *text; /* of a scalar, without NUL inside; "" for an empty value; else NULL */
        size_t n;   /* of children */
        struct node *first, *last;
        struct node *next; /* of the same parent, in the order of the file */
};

struct node *node_free(struct node *node);
DEFINE_CLEANUP(struct node, node_free)

/* Make a tree of `size` bytes. `place` names the file; its string must outlive the tree. 0 with a tree, NULL
 * for a file that holds nothing but comments; what is wrong in it goes to `problems`. A doubled name is a
 * problem, and only the first of its values is in the tree. -EBADMSG: no tree could be made (a problem was
 * added); -ENOMEM. */
int tree_parse(const char *bytes, size_t size, const struct place *place, struct problems *problems,
               struct node **ret);

/* The same from a file. -ENOENT: there is none (no problem added). -EBADMSG: unreadable, too large, no
 * regular file, or no YAML; a problem was added. */
int tree_read(const struct place *place, struct problems *problems, struct node **ret);

/* "a text", "a list", "a mapping" … for problems. */
const char *node_kind_text(const struct node *node);

#endif
