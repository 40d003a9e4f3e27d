#include "route.h"

#include <stdbool.h>
#include <string.h>

#include "form.h"
#include "route_rows.h"

#define ROW(method, path, outcome, permission, param, noun)                                                  \
        { method, path, OUTCOME_##outcome, { permission }, param, noun, NULL, NULL },
#define SAYS(method, path, outcome, permission, param, says)                                                 \
        { method, path, OUTCOME_##outcome, { permission }, param, NULL, NULL, says },
#define BOTH(method, path, outcome, first, second)                                                           \
        { method, path, OUTCOME_##outcome, { first, second }, "account", "account", NULL, NULL },
#define OR(method, path, outcome, permission, param, noun, instead)                                          \
        { method, path, OUTCOME_##outcome, { permission }, param, noun, instead, NULL },
#define LIST(path, permission)         ROW("GET", path, LIST, permission "_read", NULL, NULL)
#define SINGLE(path, permission, noun) ROW("GET", path, OBJECT, permission, NULL, noun)
#define SEEK(path, permission, param)  ROW("GET", path, NEEDS, permission "_read", param, NULL)
#define ONE(path, permission, param, noun)                                                                   \
        ROW("GET", path "/{id}", NO_OBJECT, permission "_read", param, noun)
#define BAD(path, permission, param, noun)                                                                   \
        ROW("GET", path "/{id}", BAD_OBJECT, permission "_read", param, noun)
#define EDIT(path, permission, param, noun)                                                                  \
        ROW("POST", path "/{id}", NO_OBJECT, permission "_write", param, noun)
#define DROP(path, permission, param, noun)                                                                  \
        ROW("DELETE", path "/{id}", NO_OBJECT, permission "_write", param, noun)
#define NEEDS(path, permission, param) ROW("POST", path, NEEDS, permission "_write", param, NULL)
#define MAKES(path, permission, noun)  ROW("POST", path, CREATES, permission "_write", NULL, noun)
#define DO(path, permission, noun)     ROW("POST", path, NO_OBJECT, permission "_write", noun, noun)
#define RES(path, permission, param, noun)                                                                   \
        LIST(path, permission) ONE(path, permission, param, noun) EDIT(path, permission, param, noun)

static const struct route routes[] = { ROUTES_CORE ROUTES_BILLING ROUTES_CONNECT ROUTES_REST };

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

/* Whether the path fits; `ret_id` and `ret_size` are what stood for `{id}`. */
static bool pattern_fits(const char *pattern, const char *path, const char **ret_id, size_t *ret_size)
{
        while (*pattern) {
                if (*pattern != '{') {
                        if (*pattern++ != *path++)
                                return false;
                        continue;
                }
                *ret_id = path;
                *ret_size = strcspn(path, "/");
                if (*ret_size == 0)
                        return false;
                path += *ret_size;
                pattern += strlen("{id}");
        }
        return *path == '\0';
}

const struct route *route_find(const char *method, const char *path, char *ret_id, size_t room)
{
        for (size_t i = 0; i < ROUTES; i++) {
                const char *id = NULL;
                size_t size = 0;

                if (strcmp(routes[i].method, method) != 0 ||
                    !pattern_fits(routes[i].pattern, path, &id, &size))
                        continue;
                form_decode(id ? id : "", size, false, ret_id, room);
                return &routes[i];
        }
        return NULL;
}

const struct route *route_at(size_t index)
{
        return index < ROUTES ? &routes[index] : NULL;
}
