#include "conf/implied.h"

#include <errno.h>
#include <string.h>

#include "conf/field.h"

static const char *row_name(const void *names, size_t i)
{
        return ((const struct permission *) names)[i].name;
}

static bool row_find(const struct catalogue *catalogue, const char *name, unsigned *ret)
{
        for (unsigned i = 0; i < catalogue->n; i++)
                if (strcmp(catalogue->rows[i].name, name) == 0) {
                        *ret = i;
                        return true;
                }
        return false;
}

static void unknown(const struct catalogue *catalogue, const struct node *node, struct problems *problems)
{
        const char *nearest = problem_nearest(node->text, catalogue->rows, catalogue->n, row_name);
        char quoted[QUOTE_MAX];

        problem_quote(node->text, quoted);
        if (nearest)
                problem_error(problems, &node->place, "unknown permission “%s”; did you mean “%s”?", quoted,
                              nearest);
        else
                problem_error(problems, &node->place, "unknown permission “%s”; take it out", quoted);
}

/* Rows that are named by another one. */
struct names {
        unsigned *rows;
        size_t n;
};

static void entry_read(const struct catalogue *catalogue, struct names *names, const struct node *node,
                       struct problems *problems)
{
        unsigned other;

        if (!node_expect(node, NODE_SCALAR, "the name of a permission", problems))
                return;
        if (!row_find(catalogue, node->text, &other)) {
                unknown(catalogue, node, problems);
                return;
        }
        for (size_t i = 0; i < names->n; i++)
                if (names->rows[i] == other) {
                        problem_error(problems, &node->place, "“%s” is there twice; keep one of them",
                                      catalogue->rows[other].name);
                        return;
                }
        names->rows[names->n++] = other;
}

static int list_read(const struct catalogue *catalogue, const struct node *list, struct problems *problems,
                     struct names *ret)
{
        if (!list || !node_expect(list, NODE_SEQUENCE, "a list of permissions", problems) || list->n == 0)
                return 0;
        ret->rows = calloc(MIN(list->n, catalogue->n), sizeof(unsigned)); /* no row is in it twice */
        if (!ret->rows)
                return -ENOMEM;
        for (const struct node *child = list->first; child; child = child->next)
                entry_read(catalogue, ret, child, problems);
        return 0;
}

static int row_lists_read(const struct catalogue *catalogue, struct permission *row, const struct node *node,
                          struct problems *problems)
{
        struct names implied = { 0 }, excused = { 0 };
        int r = list_read(catalogue, node_find(node, "implied_by"), problems, &implied);

        if (r == 0)
                r = list_read(catalogue, node_find(node, "excused_by"), problems, &excused);
        row->implied_by = implied.rows;
        row->n_implied_by = implied.n;
        row->excused_by = excused.rows;
        row->n_excused_by = excused.n;
        return r;
}

/* Does a way lead from `from` back to `to`? `seen` has a place per row. */
static bool reaches(const struct catalogue *catalogue, unsigned from, unsigned to, bool *seen)
{
        const struct permission *row = &catalogue->rows[from];

        for (size_t i = 0; i < row->n_implied_by; i++) {
                unsigned next = row->implied_by[i];

                if (next == to)
                        return true;
                if (seen[next])
                        continue;
                seen[next] = true;
                if (reaches(catalogue, next, to, seen)) /* each row once: SLOTS_MAX deep at most */
                        return true;
        }
        return false;
}

int implied_read(struct catalogue *catalogue, const struct node *permissions, struct problems *problems)
{
        unsigned at = 0;

        for (const struct node *node = permissions->first; node; node = node->next) {
                int r = row_lists_read(catalogue, &catalogue->rows[at++], node, problems);
                if (r < 0)
                        return r;
        }
        at = 0;
        for (const struct node *node = permissions->first; node; node = node->next, at++) {
                bool seen[SLOTS_MAX] = { false };

                if (reaches(catalogue, at, at, seen))
                        problem_error(problems, &node_find(node, "implied_by")->place,
                                      "“%s” comes back to itself through “implied_by”; break the loop",
                                      catalogue->rows[at].name);
        }
        return 0;
}
