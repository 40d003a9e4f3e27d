#include "conf/profile_file.h"

#include <errno.h>
#include <string.h>

#include "conf/field.h"
#include "conf/probe.h"
#include "conf/require.h"
#include "conf/settings.h"

static int kind_field(const struct field *field, const struct node *node, void *target,
                      struct problems *problems)
{
        static const char *const names[] = { "restricted", "any" };
        static const struct choices kinds = { names, ELEMENTSOF(names) };
        unsigned value = 0;
        int r = choice_read(node, &kinds, &value, problems);

        (void) field;
        *(bool *) target = value == 1;
        return r;
}

static int coupons_field(const struct field *field, const struct node *node, void *target,
                         struct problems *problems)
{
        static const char *const names[] = { "off", "sweep" };
        static const struct choices choices = { names, ELEMENTSOF(names) };
        unsigned value = 0;
        int r = choice_read(node, &choices, &value, problems);

        (void) field;
        *(bool *) target = value == 1;
        return r;
}

static int modes_field(const struct field *field, const struct node *node, void *target,
                       struct problems *problems)
{
        struct profile *profile = target;

        (void) field;
        return modes_read(node, &profile->live, &profile->test, problems);
}

/* Which permissions: see require_read(), which knows the catalogue. */
static int require_field(const struct field *field, const struct node *node, void *target,
                         struct problems *problems)
{
        (void) field;
        (void) target;
        if (node->kind != NODE_MAPPING)
                problem_error(problems, &node->place,
                              "%s where labels with levels should be; write {} if nothing is required",
                              node_kind_text(node));
        return 0;
}

static const char *const excess_names[] = { "report", "writes", "allow" };
static const struct choices excess_rules = { excess_names, ELEMENTSOF(excess_names) };
static const struct check pattern = { name_pattern_check };

#define AT(member) .offset = offsetof(struct profile, member)

static const struct field profile_fields[] = {
        { "profile", field_text, AT(name), .min = 1, .max = 64, .required = true },
        { "title", field_text, AT(title), .min = 1, .max = 100, .required = true },
        { "kind", kind_field, AT(any_kind) },
        { "modes", modes_field, .offset = 0 },
        { "require", require_field, .required = true },
        { "excess", field_choice, AT(excess), .more = &excess_rules },
        { "pulse", field_duration, AT(pulse), PULSE_MIN, PULSE_MAX },
        { "rotation_due", field_duration, AT(rotation_due), ROTATION_DUE_MIN, ROTATION_DUE_MAX },
        { "name_pattern", field_checked, AT(name_pattern), .more = &pattern },
        { "coupons", coupons_field, AT(sweep) },
        { "key_name", field_text, AT(key_name), .max = 100 },
};

static bool name_valid(const char *name)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

        return name[strspn(name, letters)] == '\0' && *name != '-';
}

static void name_check(const struct node *root, const char *name, struct problems *problems)
{
        const struct node *node = node_find(root, "profile");
        char quoted[QUOTE_MAX], expected[QUOTE_MAX];

        if (!node || node->kind != NODE_SCALAR || *node->text == '\0')
                return; /* reported */
        if (!name_valid(node->text))
                problem_error(problems, &node->place, "“%s” is no name of a profile; use a-z, 0-9 and -",
                              problem_quote(node->text, quoted));
        else if (strcmp(node->text, name) != 0)
                problem_error(problems, &node->place,
                              "the profile is called “%s”, its file “%s.yaml”; give both the same name",
                              problem_quote(node->text, quoted), problem_quote(name, expected));
}

/* What is allowed, but hardly meant. */
static void sense_check(const struct profile *profile, const struct catalogue *catalogue,
                        const struct node *root, struct problems *problems)
{
        unsigned coupons;

        if (profile->sweep && catalogue_find(catalogue, "coupon", &coupons) == 0 &&
            profile_requires(profile, coupons) != LEVEL_WRITE)
                problem_warning(problems, &node_find(root, "coupons")->place,
                                "probe coupons are looked for, but cannot be deleted with keys that need not "
                                "have “Coupons: write”; require it");
        if (profile->n_required == 0 && profile->any_kind)
                problem_warning(problems, &node_find(root, "require")->place,
                                "any key will do, whatever it grants; only its life is watched");
}

static int profile_new(struct profile **ret)
{
        _cleanup_(profile_freep) struct profile *profile = calloc(1, sizeof(*profile));

        if (!profile)
                return -ENOMEM;
        profile->live = profile->test = true;
        if (string_set(&profile->name_pattern, "") < 0 || string_set(&profile->key_name, "") < 0)
                return -ENOMEM;
        *ret = TAKE(profile);
        return 0;
}

int profile_read(const struct node *root, const char *name, const struct catalogue *catalogue,
                 struct problems *problems, struct profile **ret)
{
        static const struct fields fields = FIELDS(profile_fields, "field");
        _cleanup_(profile_freep) struct profile *profile = NULL;
        size_t errors = problems->n_errors;
        int r = profile_new(&profile);

        if (r < 0)
                return r;
        r = fields_read(&fields, root, profile, problems);
        if (r < 0)
                return r;
        if (root->kind == NODE_MAPPING) {
                name_check(root, name, problems);
                r = require_read(node_find(root, "require"), catalogue, profile, problems);
                if (r < 0)
                        return r;
        }
        if (problems->n_errors > errors)
                return -EBADMSG;
        sense_check(profile, catalogue, root, problems);
        *ret = TAKE(profile);
        return 0;
}
