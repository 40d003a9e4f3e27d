#include "desk.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(bool good, const char *what)
{
        if (good)
                return;
        perror(what);
        abort();
}

static void path_of(const struct desk *desk, const char *name, char path[static 256])
{
        must(snprintf(path, 256, "%s/%s", desk->directory, name) < 256, name);
}

void desk_open(struct desk *desk)
{
        const char *source = getenv("srcdir");
        char datadir[4096];

        *desk = (struct desk){ .directory = "/tmp/keyvigil-test-XXXXXX" };
        must(mkdtemp(desk->directory) != NULL, "mkdtemp");
        snprintf(datadir, sizeof(datadir), "%s/conf", source ? source : ".");
        must(setenv(CONF_DATADIR_VARIABLE, datadir, 1) == 0, "setenv");
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        (void) st;
        (void) flag;
        (void) ftw;
        return remove(path);
}

void desk_close(struct desk *desk)
{
        desk->conf = conf_free(desk->conf);
        must(nftw(desk->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0, "nftw");
}

void desk_write_bytes(struct desk *desk, const char *name, const void *bytes, size_t size)
{
        char path[256];

        path_of(desk, name, path);
        char *slash = strrchr(path, '/');
        *slash = '\0';
        must(mkdir(path, 0700) == 0 || errno == EEXIST, path);
        *slash = '/';
        FILE *file = fopen(path, "we");
        must(file != NULL, path);
        must(fwrite(bytes, 1, size, file) == size && fclose(file) == 0, path);
}

void desk_write(struct desk *desk, const char *name, const char *text)
{
        desk_write_bytes(desk, name, text, strlen(text));
}

void desk_remove(struct desk *desk, const char *name)
{
        char path[256];

        path_of(desk, name, path);
        must(remove(path) == 0, path);
}

/* "/tmp/keyvigil-test-abc/keyvigil.yaml:1:2: text" -> "keyvigil.yaml:1:2: text" */
static void said_collect(struct desk *desk, const struct problems *problems)
{
        size_t prefix = strlen(desk->directory) + 1, used = 0;

        desk->said[0] = '\0';
        for (size_t i = 0; i < problems->n; i++) {
                const char *text = problems->list[i].text;

                if (strncmp(text, desk->directory, prefix - 1) == 0)
                        text += prefix;
                used += (size_t) snprintf(desk->said + used, sizeof(desk->said) - used, "%s%s\n",
                                          problems->list[i].warning ? "warning: " : "", text);
                must(used < sizeof(desk->said), "room for problems");
        }
        if (problems->n_more > 0)
                snprintf(desk->said + used, sizeof(desk->said) - used, "and %zu more\n", problems->n_more);
}

int desk_load(struct desk *desk)
{
        _cleanup_(problems_clearp) struct problems problems = { .n = 0 };
        char path[256];

        path_of(desk, "keyvigil.yaml", path);
        desk->conf = conf_free(desk->conf);
        int r = conf_load(path, &desk->conf, &problems);
        said_collect(desk, &problems);
        return r;
}
