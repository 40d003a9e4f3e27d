#include "conf/permissions.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/datetime.h"
#include "conf/field.h"
#include "conf/implied.h"
#include "conf/probe.h"
#include "stripe/redact.h"

#define LABELS_MAX 8

static const char *const risk_names[] = { "money", "personal", "configuration", "low" };
static const char *const sure_names[] = { "inferred", "seen" };
static const char *const answer_names[] = { "no", "yes" };
static const struct choices risks = { risk_names, ELEMENTSOF(risk_names) },
                            sures = { sure_names, ELEMENTSOF(sure_names) },
                            answers = { answer_names, ELEMENTSOF(answer_names) };
_Static_assert(ELEMENTSOF(risk_names) == _RISK_MAX, "a risk without name");

static int bool_field(const struct field *field, const struct node *node, void *target,
                      struct problems *problems)
{
        unsigned value = *(bool *) target;
        int r = choice_read(node, field->more, &value, problems);

        *(bool *) target = value == 1;
        return r;
}

static int labels_field(const struct field *field, const struct node *node, void *target,
                        struct problems *problems)
{
        struct permission *row = target;

        if (!node_expect(node, NODE_SEQUENCE, "a list of labels, like [Prices, Plans],", problems))
                return 0;
        if (node->n < 1 || node->n > LABELS_MAX) {
                problem_error(problems, &node->place, "%zu labels; give it 1 to %d", node->n, LABELS_MAX);
                return 0;
        }
        row->labels = calloc(node->n, sizeof(char *));
        if (!row->labels)
                return -ENOMEM;
        for (const struct node *child = node->first; child; child = child->next) {
                int r = field_text(field, child, &row->labels[row->n_labels], problems);
                if (r < 0)
                        return r;
                row->n_labels += row->labels[row->n_labels] != NULL;
        }
        return 0;
}

static int later_field(const struct field *field, const struct node *node, void *target,
                       struct problems *problems)
{
        (void) field; /* names other rows: read when all of them are known */
        (void) node;
        (void) target;
        (void) problems;
        return 0;
}

static int product_check(const char *text, const char **ret_why)
{
        *ret_why = "a product is made of a-z and _";
        return text[strspn(text, "abcdefghijklmnopqrstuvwxyz_")] == '\0' ? 0 : -EINVAL;
}

static int day_check(const char *text, const char **ret_why)
{
        int64_t wall;

        *ret_why = "it must have the form YYYY-MM-DD";
        return strlen(text) == strlen("YYYY-MM-DD") ? datetime_parse(text, &wall) : -EINVAL;
}

static const struct check product = { product_check }, day = { day_check };

#define AT(member) .offset = offsetof(struct permission, member)

static const struct field row_fields[] = {
        { "group", field_text, AT(group), .min = 1, .max = 60, .required = true },
        { "labels", labels_field, .min = 1, .max = 80, .required = true },
        { "read", probe_field, AT(read), .min = METHOD_GET },
        { "write", probe_field, AT(write), .min = METHOD_POST },
        { "risk", field_choice, AT(risk), .more = &risks, .required = true },
        { "sure", bool_field, AT(sure), .more = &sures, .required = true },
        { "fact", field_text, AT(fact), .min = 1, .max = 200 },
        { "gated", field_checked, AT(gated), .min = 1, .more = &product },
        { "since", field_checked, AT(since), .min = 1, .more = &day },
        { "implied_by", later_field, .offset = 0 },
        { "excused_by", later_field, .offset = 0 },
        { "implied_write", bool_field, AT(implied_write), .more = &answers },
        { "implied_told", bool_field, AT(implied_told), .more = &answers },
};

static bool name_valid(const char *name)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
        size_t n = strlen(name);

        if (n < 1 || n > 60 || name[strspn(name, letters)] != '\0' || strncmp(name, "rak_", 4) == 0 ||
            looks_like_key(name))
                return false;
        return !(n > 5 && strcmp(name + n - 5, "_read") == 0) &&
               !(n > 6 && strcmp(name + n - 6, "_write") == 0);
}

static int row_read(const struct node *node, struct permission *row, struct problems *problems)
{
        static const struct fields fields = FIELDS(row_fields, "field");
        char quoted[QUOTE_MAX];
        int r;

        if (!name_valid(node->name))
                problem_error(
                        problems, &node->name_place,
                        "“%s” is no name of a permission; use a-z, 0-9 and _, without rak_, _read and _write",
                        problem_quote(node->name, quoted));
        r = string_set(&row->name, node->name);
        if (r < 0)
                return r;
        r = fields_read(&fields, node, row, problems);
        if (r < 0)
                return r;
        if (node->kind == NODE_MAPPING && !node_find(node, "read") && !node_find(node, "write"))
                problem_error(problems, &node->place, "neither “read” nor “write”; give it at least one");
        row->read.gated = row->write.gated = row->gated;
        r = probe_complete(&row->read, node_find(node, "read"));
        return r < 0 ? r : probe_complete(&row->write, node_find(node, "write"));
}

/* The row before `at` that has this label; NULL if none has. */
static const struct permission *label_owner(const struct catalogue *catalogue, unsigned at, const char *label)
{
        for (unsigned i = 0; i < at; i++)
                for (size_t k = 0; k < catalogue->rows[i].n_labels; k++)
                        if (strcasecmp(catalogue->rows[i].labels[k], label) == 0)
                                return &catalogue->rows[i];
        return NULL;
}

/* A label must lead to one permission. Rows come in the order of the file, so the earlier use is known. */
static void labels_check(const struct catalogue *catalogue, unsigned at, const struct node *labels,
                         struct problems *problems)
{
        for (const struct node *node = labels ? labels->first : NULL; node; node = node->next) {
                const struct permission *owner = NULL;

                if (node->kind != NODE_SCALAR)
                        continue; /* reported */
                for (const struct node *other = labels->first; other != node && !owner; other = other->next)
                        if (other->kind == NODE_SCALAR && strcasecmp(other->text, node->text) == 0)
                                owner = &catalogue->rows[at];
                if (!owner)
                        owner = label_owner(catalogue, at, node->text);
                char quoted[QUOTE_MAX];
                if (owner)
                        problem_error(problems, &node->place,
                                      "the label “%s” is one of “%s” already; keep one",
                                      problem_quote(node->text, quoted), owner->name);
        }
}

static int rows_read(const struct node *node, struct catalogue *catalogue, struct problems *problems)
{
        if (!node_expect(node, NODE_MAPPING, "the permissions", problems))
                return 0;
        if (node->n < 1 || node->n > SLOTS_MAX) {
                problem_error(problems, &node->place, "%zu permissions; 1 to %d are possible", node->n,
                              SLOTS_MAX);
                return 0;
        }
        catalogue->rows = calloc(node->n, sizeof(struct permission));
        if (!catalogue->rows)
                return -ENOMEM;
        for (const struct node *child = node->first; child; child = child->next) {
                unsigned at = (unsigned) catalogue->n++;

                catalogue->rows[at].slot = at;
                int r = row_read(child, &catalogue->rows[at], problems);
                if (r < 0)
                        return r;
                labels_check(catalogue, at, node_find(child, "labels"), problems);
        }
        return implied_read(catalogue, node, problems);
}

static int version_check(const char *text, const char **ret_why)
{
        char date[sizeof("YYYY-MM-DD")];
        const char *number = text + sizeof(date);
        int64_t wall;

        *ret_why = "it must have the form YYYY-MM-DD.N";
        if (strlen(text) < sizeof(date) + 1 || strlen(text) > 20 || text[sizeof(date) - 1] != '.')
                return -EINVAL;
        memcpy(date, text, sizeof(date) - 1);
        date[sizeof(date) - 1] = '\0';
        return number[strspn(number, "0123456789")] == '\0' ? datetime_parse(date, &wall) : -EINVAL;
}

static int rows_field(const struct field *field, const struct node *node, void *target,
                      struct problems *problems)
{
        (void) field;
        return rows_read(node, target, problems);
}

int permissions_read(const struct node *root, struct problems *problems, struct catalogue **ret)
{
        static const struct check version = { version_check };
        static const struct field top_fields[] = {
                { "version", field_checked, offsetof(struct catalogue, version), .min = 1, .more = &version,
                  .required = true },
                { "permissions", rows_field, .required = true },
        };
        static const struct fields top = FIELDS(top_fields, "field");
        _cleanup_(catalogue_freep) struct catalogue *catalogue = calloc(1, sizeof(*catalogue));
        size_t errors = problems->n_errors;

        if (!catalogue)
                return -ENOMEM;
        int r = fields_read(&top, root, catalogue, problems);
        if (r < 0)
                return r;
        if (problems->n_errors > errors)
                return -EBADMSG;
        *ret = TAKE(catalogue);
        return 0;
}
