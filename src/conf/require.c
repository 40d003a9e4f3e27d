#include "conf/require.h"

#include <errno.h>
#include <string.h>

#include "conf/field.h"

/* All labels of all rows, one after the other, for problem_nearest(). */
static const char *label_at(const void *names, size_t i)
{
        const struct catalogue *catalogue = names;

        for (size_t row = 0; row < catalogue->n; row++) {
                if (i < catalogue->rows[row].n_labels)
                        return catalogue->rows[row].labels[i];
                i -= catalogue->rows[row].n_labels;
        }
        return NULL;
}

static const char *label_nearest(const struct catalogue *catalogue, const char *text)
{
        size_t n = 0;
        unsigned row;

        if (catalogue_find(catalogue, text, &row) == 0) /* Stripe's own name for it */
                return catalogue->rows[row].labels[0];
        for (size_t i = 0; i < catalogue->n; i++)
                n += catalogue->rows[i].n_labels;
        return problem_nearest(text, catalogue, n, label_at);
}

static void unknown(const struct catalogue *catalogue, const struct node *node, struct problems *problems)
{
        const char *nearest = problems->n < PROBLEMS_MAX ? label_nearest(catalogue, node->name) : NULL;
        char quoted[QUOTE_MAX];

        problem_quote(node->name, quoted);
        if (nearest)
                problem_error(problems, &node->name_place, "unknown permission “%s”; did you mean “%s”?",
                              quoted, nearest);
        else
                problem_error(
                        problems, &node->name_place,
                        "unknown permission “%s”; use the labels of Stripe's Dashboard, as permissions.yaml "
                        "has them",
                        quoted);
}

/* A permission that cannot be asked for would never be proven. */
static void probe_check(const struct permission *row, enum level level, const struct profile *profile,
                        const struct node *node, struct problems *problems)
{
        const struct probe *probe = level == LEVEL_WRITE ? &row->write : &row->read;

        if (!probe->path || probe->too_new)
                problem_error(problems, &node->place, "“%s: %s” cannot be required: %s", node->name,
                              level_name(level), probe->why_not);
        else if ((profile->live && !probe->mode_live) || (profile->test && !probe->mode_test))
                problem_error(problems, &node->place, "“%s: %s” is there in %s mode only; say so in “modes”",
                              node->name, level_name(level), probe->mode_test ? "test" : "live");
}

static int requirement_read(const struct node *node, const struct catalogue *catalogue,
                            struct profile *profile, struct problems *problems)
{
        static const char *const names[] = { "none", "read", "write" }; /* enum level */
        static const struct choices levels = { names + 1, ELEMENTSOF(names) - 1 };
        struct requirement requirement = { 0 };
        unsigned level = ELEMENTSOF(names);
        bool known = catalogue_find_label(catalogue, node->name, &requirement.row) == 0;

        if (!known)
                unknown(catalogue, node, problems);
        int r = choice_read(node, &levels, &level, problems);
        if (r < 0 || level == ELEMENTSOF(names) || !known)
                return r;
        requirement.level = level + LEVEL_READ;
        probe_check(&catalogue->rows[requirement.row], requirement.level, profile, node, problems);
        r = string_set(&requirement.label, node->name);
        if (r < 0)
                return r;
        profile->required[profile->n_required++] = requirement;
        return 0;
}

int require_read(const struct node *node, const struct catalogue *catalogue, struct profile *profile,
                 struct problems *problems)
{
        if (!node || node->kind != NODE_MAPPING || node->n == 0)
                return 0;
        profile->required = calloc(node->n, sizeof(struct requirement));
        if (!profile->required)
                return -ENOMEM;
        for (const struct node *child = node->first; child; child = child->next) {
                int r = requirement_read(child, catalogue, profile, problems);
                if (r < 0)
                        return r;
        }
        return 0;
}
