#include "control_parts.h"

#include <string.h>

const char *item_text(const json_t *item, const char *name, const char *otherwise)
{
        const json_t *value = json_object_get(item, name);

        return json_is_string(value) ? json_string_value(value) : otherwise;
}

static double clamp(double d, double most)
{
        return d > most ? most : d < -most ? -most : d;
}

int64_t item_number(const json_t *item, const char *name, int64_t otherwise)
{
        const json_t *value = json_object_get(item, name);

        if (json_is_integer(value))
                return json_integer_value(value);
        if (!json_is_real(value))
                return otherwise;
        return (int64_t) clamp(json_real_value(value), 1e18);
}

double item_real(const json_t *item, const char *name, double otherwise)
{
        const json_t *value = json_object_get(item, name);

        return json_is_number(value) ? json_number_value(value) : otherwise;
}

bool item_flag(const json_t *item, const char *name, bool otherwise)
{
        const json_t *value = json_object_get(item, name);

        return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

bool item_members_known(struct control *c, const json_t *item, const char *const *known)
{
        const char *name;
        json_t *value;

        json_object_foreach((json_t *) item, name, value)
        {
                const char *const *k = known;

                while (*k && strcmp(*k, name) != 0)
                        k++;
                if (!*k)
                        return control_fail(c, "unknown member '%s'", name);
        }
        return true;
}

static struct realm *named_realm(struct control *c, const char *account, const char *mode)
{
        if (!account || (strcmp(mode, "live") != 0 && strcmp(mode, "test") != 0)) {
                control_fail(c, "want an account, and a mode that is live or test");
                return NULL;
        }
        return world_realm(c->world, account, strcmp(mode, "live") == 0);
}

struct realm *item_realm(struct control *c, const json_t *item)
{
        return named_realm(c, item_text(item, "account", NULL), item_text(item, "mode", "test"));
}

struct realm *query_realm(struct control *c)
{
        const char *mode = form_get(&c->query, "mode");

        return named_realm(c, form_get(&c->query, "account"), mode ? mode : "test");
}
