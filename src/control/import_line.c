#include "control/import_line.h"

#include <errno.h>
#include <string.h>

#include "base/datetime.h"

typedef int (*field_fn)(json_t *value, struct import_line *line, const char **ret_why);

static int take_name(json_t *value, struct import_line *line, const char **ret_why)
{
        line->said.request.name = json_string_value(value);
        *ret_why = "\"name\" must be a text";
        return line->said.request.name ? 0 : -EINVAL;
}

static int take_profile(json_t *value, struct import_line *line, const char **ret_why)
{
        line->said.request.profile = json_string_value(value);
        *ret_why = "\"profile\" must be a text";
        return line->said.request.profile ? 0 : -EINVAL;
}

static int take_account(json_t *value, struct import_line *line, const char **ret_why)
{
        line->said.request.account = json_string_value(value);
        *ret_why = "\"account\" must be a text";
        return line->said.request.account ? 0 : -EINVAL;
}

static int take_key(json_t *value, struct import_line *line, const char **ret_why)
{
        *ret_why = "\"key\" must be a text";
        if (!json_is_string(value))
                return -EINVAL;
        line->secret = secret_copy(json_string_value(value), json_string_length(value));
        return line->secret ? 0 : -ENOMEM;
}

static int date_of(json_t *value, int64_t *ret)
{
        int64_t wall = json_integer_value(value); /* 0 of anything else */

        if (json_is_string(value) && datetime_parse(json_string_value(value), &wall) < 0)
                return -EINVAL;
        if (!wall_is_plausible(wall))
                return -EINVAL;
        *ret = wall;
        return 0;
}

static int take_created(json_t *value, struct import_line *line, const char **ret_why)
{
        *ret_why = "\"created\" must be a date from 2011 to 9999 like \"2026-11-21\", or seconds since 1970";
        return date_of(value, &line->said.request.created);
}

static int take_expires(json_t *value, struct import_line *line, const char **ret_why)
{
        *ret_why = "\"expires\" must be a date from 2011 to 9999 like \"2026-11-21\", or seconds since 1970";
        return date_of(value, &line->said.request.expires);
}

static int take_labels(json_t *value, struct import_line *line, const char **ret_why)
{
        const char *name;
        json_t *text;

        *ret_why = "\"labels\" must be an object of at most 32 texts";
        if (!json_is_object(value) || json_object_size(value) > LABELS_MAX)
                return -EINVAL;
        json_object_foreach(value, name, text)
        {
                if (!json_is_string(text))
                        return -EINVAL;
                line->labels[line->said.request.n_labels++] =
                        (struct label){ .name = name, .value = json_string_value(text) };
        }
        line->said.request.labels = line->labels;
        line->said.has_labels = true;
        return 0;
}

static const struct {
        const char *name;
        field_fn take;
} fields[] = {
        { "name", take_name },       { "key", take_key },         { "profile", take_profile },
        { "account", take_account }, { "created", take_created }, { "expires", take_expires },
        { "labels", take_labels },
};

/* What is null is to be taken away, where that can be. */
static int take_null(const char *name, struct import_line *line)
{
        line->said.no_account = line->said.no_account || strcmp(name, "account") == 0;
        line->said.no_expires = line->said.no_expires || strcmp(name, "expires") == 0;
        line->said.no_created = line->said.no_created || strcmp(name, "created") == 0;
        line->said.has_labels = line->said.has_labels || strcmp(name, "labels") == 0;
        return 0;
}

static int take_field(const char *name, json_t *value, struct import_line *line, const char **ret_why)
{
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (strcmp(fields[i].name, name) == 0)
                        return json_is_null(value) ? take_null(name, line)
                                                   : fields[i].take(value, line, ret_why);
        *ret_why = "a field is none of name, key, profile, account, created, expires, labels";
        return -EINVAL;
}

static int parse(const char *bytes, size_t size, struct import_line *line, const char **ret_why)
{
        const char *name;
        json_t *value;

        line->json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
        *ret_why = "not a JSON object on one line";
        if (!json_is_object(line->json))
                return -EINVAL;
        json_object_foreach(line->json, name, value)
        {
                int r = take_field(name, value, line, ret_why);

                if (r < 0)
                        return r;
        }
        *ret_why = "\"name\" and \"key\" must be given";
        return line->said.request.name && line->secret ? 0 : -EINVAL;
}

int import_line_parse(const char *bytes, size_t size, struct import_line *ret, const char **ret_why)
{
        memset(ret, 0, sizeof(*ret));
        int r = parse(bytes, size, ret, ret_why);

        if (r < 0)
                import_line_clear(ret);
        return r;
}

void import_line_clear(struct import_line *line)
{
        json_t *key = json_object_get(line->json, "key");

        if (json_is_string(key)) /* the parser's copy */
                explicit_bzero((char *) json_string_value(key), json_string_length(key));
        json_decref(line->json);
        secret_free(line->secret);
        memset(line, 0, sizeof(*line));
}
