#include "control/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The length of the segment at `text`. */
static size_t segment(const char *text)
{
        return strcspn(text, "/");
}

static bool path_matches(const char *pattern, const char *path, char argument[static ROUTE_ARGUMENT_MAX])
{
        argument[0] = '\0';
        for (;;) {
                size_t want = segment(pattern), have = segment(path);

                if (want == 1 && *pattern == '*') {
                        if (have == 0 || have >= ROUTE_ARGUMENT_MAX)
                                return false;
                        memcpy(argument, path, have);
                        argument[have] = '\0';
                } else if (want != have || memcmp(pattern, path, want) != 0) {
                        return false;
                }
                pattern += want;
                path += have;
                if (*pattern == '\0' || *path == '\0')
                        return *pattern == *path;
                pattern++;
                path++;
        }
}

int route_find(const struct route *routes, size_t n, const char *method, const char *path,
               const struct route **ret, char argument[static ROUTE_ARGUMENT_MAX])
{
        char found[ROUTE_ARGUMENT_MAX];
        int r = -ENOENT;

        for (size_t i = 0; i < n; i++) {
                if (!path_matches(routes[i].path, path, found))
                        continue;
                if (strcmp(routes[i].method, method) == 0) {
                        memcpy(argument, found, sizeof(found));
                        *ret = &routes[i];
                        return 0;
                }
                r = -EOPNOTSUPP;
        }
        return r;
}

void route_methods(const struct route *routes, size_t n, const char *path, char *ret, size_t size)
{
        char argument[ROUTE_ARGUMENT_MAX];
        size_t used = 0;

        ret[0] = '\0';
        for (size_t i = 0; i < n && used < size; i++)
                if (path_matches(routes[i].path, path, argument))
                        used += (size_t) snprintf(ret + used, size - used, "%s%s", used ? ", " : "",
                                                  routes[i].method);
}

bool route_knows(const struct route *route, const char *name)
{
        const char *at = route->parameters;
        size_t size = strlen(name);

        while (at && *at != '\0') {
                size_t n = strcspn(at, " ");

                if (n == size && memcmp(at, name, n) == 0)
                        return true;
                at += n;
                at += strspn(at, " ");
        }
        return false;
}
