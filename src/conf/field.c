#include "conf/field.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/datetime.h"
#include "stripe/redact.h"

#define TITLE_MAX (QUOTE_MAX + 16)

bool node_expect(const struct node *node, enum node_kind kind, const char *wanted, struct problems *problems)
{
        if (node->kind == kind)
                return true;
        problem_error(problems, &node->place, "%s where %s should be", node_kind_text(node), wanted);
        return false;
}

const struct node *node_find(const struct node *node, const char *name)
{
        for (const struct node *child = node->first; child; child = child->next)
                if (child->name && strcmp(child->name, name) == 0)
                        return child;
        return NULL;
}

int string_set(char **to, const char *text)
{
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        free(*to);
        *to = copy;
        return 0;
}

static const char *field_name(const void *names, size_t i)
{
        return ((const struct field *) names)[i].name;
}

/* Right by its name, but a level too high: the section that it belongs to. */
static const struct field *section_nearest(const struct fields *fields, const char *name,
                                           const char **ret_name)
{
        for (size_t i = 0; i < fields->n; i++) {
                const struct field *field = &fields->list[i];

                if (field->read != field_section)
                        continue;
                const struct fields *section = field->more;
                *ret_name = problem_nearest(name, section->list, section->n, field_name);
                if (*ret_name)
                        return field;
        }
        return NULL;
}

static void unknown(const struct fields *fields, const struct node *child, struct problems *problems)
{
        char quoted[QUOTE_MAX];
        const char *nearest = NULL;
        const struct field *section = NULL;

        problem_quote(child->name, quoted);
        if (problems->n < PROBLEMS_MAX) { /* else nobody would read it */
                nearest = problem_nearest(child->name, fields->list, fields->n, field_name);
                section = nearest ? NULL : section_nearest(fields, child->name, &nearest);
        }
        if (section)
                problem_error(problems, &child->name_place, "unknown %s “%s”; did you mean “%s” in “%s”?",
                              fields->kind, quoted, nearest, section->name);
        else if (nearest)
                problem_error(problems, &child->name_place, "unknown %s “%s”; did you mean “%s”?",
                              fields->kind, quoted, nearest);
        else
                problem_error(problems, &child->name_place, "unknown %s “%s”; take it out", fields->kind,
                              quoted);
}

static const struct field *field_find(const struct fields *fields, const char *name)
{
        for (size_t i = 0; i < fields->n; i++)
                if (strcmp(fields->list[i].name, name) == 0)
                        return &fields->list[i];
        return NULL;
}

static void missing_report(const struct fields *fields, const struct node *node, struct problems *problems)
{
        for (size_t i = 0; i < fields->n; i++) {
                if (fields->list[i].required && !node_find(node, fields->list[i].name))
                        problem_error(problems, &node->place, "“%s” is missing; add it",
                                      fields->list[i].name);
        }
}

int fields_read(const struct fields *fields, const struct node *node, void *object, struct problems *problems)
{
        if (!node_expect(node, NODE_MAPPING, "names with values", problems))
                return 0;
        for (const struct node *child = node->first; child; child = child->next) {
                const struct field *field = field_find(fields, child->name);

                if (!field) {
                        unknown(fields, child, problems);
                        continue;
                }
                int r = field->read(field, child, (char *) object + field->offset, problems);
                if (r < 0)
                        return r;
        }
        missing_report(fields, node, problems);
        return 0;
}

int field_section(const struct field *field, const struct node *node, void *target, struct problems *problems)
{
        if (node->kind == NODE_SCALAR && *node->text == '\0') /* all its lines are commented out */
                return 0;
        return fields_read(field->more, node, target, problems);
}

int field_text(const struct field *field, const struct node *node, void *target, struct problems *problems)
{
        if (!node_expect(node, NODE_SCALAR, "one line of text", problems))
                return 0;
        size_t length = strlen(node->text);
        if (looks_like_key(node->text))
                problem_error(problems, &node->place, "this looks like a key; keep keys out of these files");
        else if (length < field->min)
                problem_error(problems, &node->place, "“%s” is empty; give it a text", field->name);
        else if (length > field->max)
                problem_error(problems, &node->place, "longer than %llu bytes; shorten it",
                              (unsigned long long) field->max);
        else if (strpbrk(node->text, "\n\r\t\x7F\x1B"))
                problem_error(problems, &node->place,
                              "a text of several lines or with tabs; make it one line");
        else
                return string_set(target, node->text);
        return 0;
}

int field_checked(const struct field *field, const struct node *node, void *target, struct problems *problems)
{
        const struct check *check = field->more;
        const char *why = NULL;
        char quoted[QUOTE_MAX];

        if (!node_expect(node, NODE_SCALAR, "a text", problems))
                return 0;
        bool empty = *node->text == '\0';
        if (empty ? field->min == 0 : check->text(node->text, &why) == 0)
                return string_set(target, node->text);
        if (empty)
                problem_error(problems, &node->place, "“%s” is empty; give it a value", field->name);
        else if (strchr(node->text, '@')) /* what stands before it may be a password */
                problem_error(problems, &node->place, "“%s” is not valid: %s", field->name, why);
        else
                problem_error(problems, &node->place, "“%s” cannot be “%s”: %s", field->name,
                              problem_quote(node->text, quoted), why);
        return 0;
}

/* "“pulse”: ", so that people need not count lines; "" for what has no name, as in a list. */
static const char *title(const char *name, char text[static TITLE_MAX])
{
        char quoted[QUOTE_MAX];

        text[0] = '\0';
        if (name)
                snprintf(text, TITLE_MAX, "“%s”: ", problem_quote(name, quoted));
        return text;
}

int field_unsigned(const struct field *field, const struct node *node, void *target,
                   struct problems *problems)
{
        unsigned long long value = 0;
        char quoted[QUOTE_MAX];

        if (!node_expect(node, NODE_SCALAR, "a number", problems))
                return 0;
        size_t digits = strspn(node->text, "0123456789");
        if (digits == 0 || node->text[digits] != '\0') {
                problem_error(problems, &node->place, "“%s” must be a whole number, not “%s”", field->name,
                              problem_quote(node->text, quoted));
                return 0;
        }
        for (size_t i = 0; i < digits && value <= field->max; i++)
                value = value * 10 + (unsigned long long) (node->text[i] - '0');
        if (value < field->min || value > field->max)
                problem_error(problems, &node->place, "“%s” must be from %llu to %llu", field->name,
                              (unsigned long long) field->min, (unsigned long long) field->max);
        else
                *(unsigned *) target = (unsigned) value;
        return 0;
}

int duration_read(const char *name, const struct node *node, uint64_t min, uint64_t max, usec_t *ret,
                  struct problems *problems)
{
        char quoted[QUOTE_MAX], low[DATETIME_MAX], high[DATETIME_MAX], text[TITLE_MAX];
        usec_t value;

        if (!node_expect(node, NODE_SCALAR, "a duration like 30s, 5m, 2h or 7d", problems))
                return 0;
        int r = duration_parse(node->text, &value);
        if (r == -EINVAL)
                problem_error(problems, &node->place,
                              "%s“%s” is not a duration; write it like 30s, 5m, 2h, 7d or 1h30m",
                              title(name, text), problem_quote(node->text, quoted));
        else if (r < 0 || value < min || value > max)
                problem_error(problems, &node->place, "%s“%s” is out of range; from %s to %s is possible",
                              title(name, text), problem_quote(node->text, quoted), duration_format(min, low),
                              duration_format(max, high));
        else
                *ret = value;
        return 0;
}

int field_duration(const struct field *field, const struct node *node, void *target,
                   struct problems *problems)
{
        return duration_read(field->name, node, field->min, field->max, target, problems);
}

/* "delete, report or off" */
static void choices_list(const struct choices *choices, char *buffer, size_t size)
{
        size_t used = 0;

        for (size_t i = 0; i < choices->n && used < size; i++) {
                const char *glue = i == 0 ? "" : i + 1 == choices->n ? " or " : ", ";

                used += (size_t) snprintf(buffer + used, size - used, "%s%s", glue, choices->names[i]);
        }
}

int choice_read(const struct node *node, const struct choices *choices, unsigned *ret,
                struct problems *problems)
{
        char quoted[QUOTE_MAX], list[256], text[TITLE_MAX];

        choices_list(choices, list, sizeof(list));
        if (!node_expect(node, NODE_SCALAR, list, problems))
                return 0;
        for (unsigned i = 0; i < choices->n; i++)
                if (strcmp(choices->names[i], node->text) == 0) {
                        *ret = i;
                        return 0;
                }
        problem_error(problems, &node->place, "%s“%s” is none of %s", title(node->name, text),
                      problem_quote(node->text, quoted), list);
        return 0;
}

int field_choice(const struct field *field, const struct node *node, void *target, struct problems *problems)
{
        return choice_read(node, field->more, target, problems);
}
