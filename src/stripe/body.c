#include "stripe/body.h"

#include <errno.h>
#include <string.h>

/* A page of a hundred objects has some ten thousand values. Each costs the parser some 240 bytes, however
 * short it is: four megabytes of "{}," would take 333. */
#define VALUES_MAX 200000

static bool is_crowded(const char *bytes, size_t size)
{
        bool in_text = false;
        size_t values = 0;

        for (size_t i = 0; i < size; i++)
                if (in_text && bytes[i] == '\\')
                        i++;
                else if (bytes[i] == '"')
                        in_text = !in_text;
                else if (!in_text && (bytes[i] == ',' || bytes[i] == '[' || bytes[i] == '{'))
                        values++;
        return values > VALUES_MAX;
}

int body_load(const char *bytes, size_t size, json_t **ret)
{
        json_error_t error; /* its text quotes the body: never looked at */

        if (is_crowded(bytes, size))
                return -EBADMSG;
        /* NULs are let in because a customer's text may hold one; no string of ours may. */
        json_t *body = json_loadb(bytes, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

        if (!json_is_object(body)) {
                json_decref(body);
                return -EBADMSG;
        }
        *ret = body;
        return 0;
}

json_t *body_free(json_t *body)
{
        json_decref(body);
        return NULL;
}

static int member(const json_t *object, const char *name, const json_t **ret)
{
        const json_t *value = json_object_get(object, name);

        if (!value || json_is_null(value))
                return -ENOENT;
        *ret = value;
        return 0;
}

int body_string(const json_t *object, const char *name, const char **ret)
{
        const json_t *value;
        int r = member(object, name, &value);

        if (r < 0)
                return r;
        if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
                return -EBADMSG;
        *ret = json_string_value(value);
        return 0;
}

int body_bool(const json_t *object, const char *name, bool *ret)
{
        const json_t *value;
        int r = member(object, name, &value);

        if (r < 0)
                return r;
        if (!json_is_boolean(value))
                return -EBADMSG;
        *ret = json_is_true(value);
        return 0;
}

int body_integer(const json_t *object, const char *name, int64_t *ret)
{
        const json_t *value;
        int r = member(object, name, &value);

        if (r < 0)
                return r;
        if (!json_is_integer(value))
                return -EBADMSG;
        *ret = json_integer_value(value);
        return 0;
}

bool body_is(const json_t *object, const char *type)
{
        const char *is;

        return body_string(object, "object", &is) >= 0 && strcmp(is, type) == 0;
}
