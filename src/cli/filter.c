#include "cli/filter.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static void scrub_string(json_t *string)
{
        const char *text = json_string_value(string);

        if (text_is_clean(text) && strlen(text) == json_string_length(string))
                return;
        _cleanup_free_ char *copy = text_scrub(strdup(text));
        (void) json_string_set(string, copy ? copy : "?");
}

static void scrub_object(json_t *object)
{
        const char *name;
        json_t *value;
        void *next;

        json_object_foreach_safe(object, next, name, value)
        {
                json_scrub(value);
                if (text_is_clean(name))
                        continue;
                _cleanup_free_ char *copy = text_scrub(strdup(name));
                (void) json_object_set(object, copy ? copy : "?", value);
                (void) json_object_del(object, name);
        }
}

void json_scrub(json_t *json)
{
        json_t *value;
        size_t i;

        if (json_is_string(json))
                scrub_string(json);
        else if (json_is_object(json))
                scrub_object(json);
        json_array_foreach(json, i, value) json_scrub(value);
}
