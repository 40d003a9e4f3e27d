#include "conf/instance.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

#define FOLDER       SYSCONFDIR "/keyvigil/"
#define SUFFIX       ".yaml"
#define INSTANCE_MAX 32

/* It becomes part of paths and of units' names. */
static bool is_name(const char *name, size_t size)
{
        static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789",
                          rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
        static const char *const others[] = { "keyvigil", "permissions" };

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (strlen(others[i]) == size && memcmp(others[i], name, size) == 0)
                        return false;
        return size > 0 && size <= INSTANCE_MAX && strchr(first, name[0]) && strspn(name, rest) >= size;
}

int instance_path(const char *name, char **ret)
{
        char *path;

        if (!is_name(name, strlen(name)))
                return -EINVAL;
        if (asprintf(&path, FOLDER "%s" SUFFIX, name) < 0)
                return -ENOMEM;
        *ret = path;
        return 0;
}

static int put(char **to, const char *before, const char *name, size_t size, const char *after)
{
        char *text;

        if (asprintf(&text, "%s%.*s%s", before, (int) size, name, after) < 0)
                return -ENOMEM;
        free(*to);
        *to = text;
        return 0;
}

int instance_default(const char *path, struct settings *settings)
{
        size_t n = strlen(FOLDER), size = strlen(path);

        if (size <= n + strlen(SUFFIX) || memcmp(path, FOLDER, n) != 0 ||
            strcmp(path + size - strlen(SUFFIX), SUFFIX) != 0)
                return 0;
        const char *name = path + n;
        size -= n + strlen(SUFFIX);
        if (!is_name(name, size))
                return 0;
        int r = put(&settings->state_dir, "/var/lib/keyvigil-", name, size, "");
        if (r >= 0)
                r = put(&settings->control.socket, "/run/keyvigil-", name, size, "/control.sock");
        return r < 0 ? r : put(&settings->control.read_socket, "", name, 0, "");
}
