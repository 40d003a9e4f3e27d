#include "conf/probe.h"

#include <errno.h>
#include <string.h>

#include "conf/permissions.h"

static const char *method_name(enum method method)
{
        switch (method) {
        case METHOD_GET:
                return "GET";
        case METHOD_POST:
                return "POST";
        case METHOD_DELETE:
                return "DELETE";
        }
        return "";
}

/* "GET /v1/coupons/{absent}" */
static int request_field(const struct field *field, const struct node *node, void *target,
                         struct problems *problems)
{
        struct probe *probe = target;
        enum method method = (enum method) field->min;
        const char *why = NULL, *name = method_name(method);
        size_t n = strlen(name);

        if (!node_expect(node, NODE_SCALAR, "a request", problems))
                return 0;
        if (strncmp(node->text, name, n) != 0 || node->text[n] != ' ')
                problem_error(problems, &node->place, "this must start with “%s ”; nothing else asks for it",
                              name);
        else if (catalogue_probe_allowed(method, node->text + n + 1, &why) < 0)
                problem_error(problems, &node->place, "a request that may not be sent: %s", why);
        else {
                probe->method = method;
                return string_set(&probe->path, node->text + n + 1);
        }
        return 0;
}

static int codes_field(const struct field *field, const struct node *node, void *target,
                       struct problems *problems)
{
        struct probe *probe = target;
        const char *why;

        if (!node_expect(node, NODE_SEQUENCE, "a list of error codes", problems))
                return 0;
        if (node->n > PROBE_CODES_MAX) {
                problem_error(problems, &node->place, "%zu codes; %d are possible", node->n, PROBE_CODES_MAX);
                return 0;
        }
        for (const struct node *child = node->first; child; child = child->next) {
                char **code = &probe->granted_codes[probe->n_granted_codes];
                int r = field_text(field, child, code, problems);
                if (r < 0)
                        return r;
                if (!*code)
                        continue;
                if (catalogue_code_allowed(*code, &why) < 0)
                        problem_error(problems, &child->place, "%s", why);
                probe->n_granted_codes++;
        }
        return 0;
}

int modes_read(const struct node *node, bool *ret_live, bool *ret_test, struct problems *problems)
{
        static const char *const names[] = { "live", "test" };
        static const struct choices choices = { names, ELEMENTSOF(names) };
        bool seen[ELEMENTSOF(names)] = { false };

        if (!node_expect(node, NODE_SEQUENCE, "a list, like [live, test],", problems))
                return 0;
        if (node->n == 0)
                problem_error(problems, &node->place, "an empty list; name live, test or both");
        for (const struct node *child = node->first; child; child = child->next) {
                unsigned mode = ELEMENTSOF(names);
                int r = choice_read(child, &choices, &mode, problems);
                if (r < 0)
                        return r;
                if (mode == ELEMENTSOF(names))
                        continue;
                if (seen[mode])
                        problem_error(problems, &child->place, "“%s” is there twice; keep one of them",
                                      names[mode]);
                seen[mode] = true;
        }
        *ret_live = seen[0];
        *ret_test = seen[1];
        return 0;
}

static int modes_field(const struct field *field, const struct node *node, void *target,
                       struct problems *problems)
{
        struct probe *probe = target;

        (void) field;
        return modes_read(node, &probe->mode_live, &probe->mode_test, problems);
}

static int details_read(const struct field *field, const struct node *node, struct probe *probe,
                        struct problems *problems)
{
        const struct field details[] = {
                { "request", request_field, .min = field->min },
                { "granted", codes_field, .min = 1, .max = CODE_SIZE - 1 },
                { "modes", modes_field, .offset = 0 },
                { "why_not", field_text, .offset = offsetof(struct probe, why_not), .min = 1, .max = 200 },
        };
        const struct fields fields = FIELDS(details, "field");

        if (!node_find(node, "request") == !node_find(node, "why_not"))
                problem_error(problems, &node->place,
                              "a probe needs either “request” or “why_not”; give it one of them");
        return fields_read(&fields, node, probe, problems);
}

int probe_field(const struct field *field, const struct node *node, void *target, struct problems *problems)
{
        struct probe *probe = target;

        probe->mode_live = probe->mode_test = true;
        if (node->kind == NODE_SCALAR)
                return request_field(field, node, target, problems);
        return details_read(field, node, probe, problems);
}

int probe_complete(struct probe *probe, const struct node *node)
{
        probe->no_such = !node;
        return node ? 0 : string_set(&probe->why_not, NO_SUCH_LEVEL);
}
