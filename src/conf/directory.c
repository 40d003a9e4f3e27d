#include "conf/directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SUFFIX ".yaml"

int path_join(const char *directory, const char *name, char **ret)
{
        char *path;

        if (asprintf(&path, "%s/%s", directory, name) < 0)
                return -ENOMEM;
        *ret = path;
        return 0;
}

int path_directory(const char *path, char **ret)
{
        const char *slash = strrchr(path, '/');
        char *directory = slash ? strndup(path, slash > path ? (size_t) (slash - path) : 1) : strdup(".");

        if (!directory)
                return -ENOMEM;
        *ret = directory;
        return 0;
}

static void listed_clear(struct listed *file)
{
        free(file->name);
        free(file->path);
}

void listing_clear(struct listing *listing)
{
        for (size_t i = 0; i < listing->n; i++)
                listed_clear(&listing->list[i]);
        free(listing->list);
        *listing = (struct listing){ 0 };
}

/* Takes the strings of `file`. */
static int listing_put(struct listing *listing, const struct listed *file)
{
        size_t at = 0;
        int order = 1;

        while (at < listing->n && (order = strcmp(file->name, listing->list[at].name)) > 0)
                at++;
        if (at < listing->n && order == 0) {
                listed_clear(&listing->list[at]);
                listing->list[at] = *file;
                return 0;
        }
        struct listed *list = reallocarray(listing->list, listing->n + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        memmove(&list[at + 1], &list[at], (listing->n - at) * sizeof(*list));
        list[at] = *file;
        listing->list = list;
        listing->n++;
        return 0;
}

/* Is this one of ours? Editors' copies (x.yaml~, .x.yaml.swp) and package managers' (x.yaml.dpkg-old) are
 * not. */
static bool name_fits(const char *name)
{
        size_t n = strlen(name), suffix = strlen(SUFFIX);

        return *name != '.' && n > suffix && strcmp(name + n - suffix, SUFFIX) == 0;
}

static int entry_add(struct listing *listing, const char *directory, const char *name)
{
        struct listed file = { .name = strndup(name, strlen(name) - strlen(SUFFIX)) };
        int r = file.name ? path_join(directory, name, &file.path) : -ENOMEM;

        if (r == 0)
                r = listing_put(listing, &file);
        if (r < 0)
                listed_clear(&file);
        return r;
}

static int entries_add(struct listing *listing, DIR *dir, const struct place *place,
                       struct problems *problems)
{
        size_t n = 0;
        int r = 0;

        while (r == 0) {
                errno = 0;
                const struct dirent *entry = readdir(dir);
                if (!entry)
                        break;
                if (!name_fits(entry->d_name))
                        continue;
                if (++n > LISTING_MAX) {
                        problem_error(problems, place, "more than %d files; take some out", LISTING_MAX);
                        return 0;
                }
                r = entry_add(listing, place->file, entry->d_name);
        }
        if (r == 0 && errno != 0)
                problem_error(problems, place, "cannot be read (%s)", strerrordesc_np(errno));
        return r;
}

int listing_add(struct listing *listing, const char *path, const char *suffix, struct problems *problems)
{
        _cleanup_free_ char *directory = NULL;

        if (asprintf(&directory, "%s%s", path, suffix) < 0) {
                directory = NULL; /* asprintf() leaves it undefined */
                return -ENOMEM;
        }
        const struct place place = { .file = directory };
        DIR *dir = opendir(directory);
        if (!dir) {
                if (errno != ENOENT)
                        problem_error(problems, &place, "cannot be read (%s)", strerrordesc_np(errno));
                return 0;
        }
        int r = entries_add(listing, dir, &place, problems);
        closedir(dir);
        return r;
}
