/* The *.yaml files of directories, in the order of their names. */
#ifndef CONF_DIRECTORY_H
#define CONF_DIRECTORY_H

#include <stddef.h>

#include "conf/problem.h"

/* Files in one directory beyond this are a mistake. */
#define LISTING_MAX 1000

struct listed {
        char *name; /* without ".yaml" */
        char *path;
};

/* Zeroed memory is empty. Sorted by name, no name twice. */
struct listing {
        struct listed *list;
        size_t n;
};

void listing_clear(struct listing *listing);

/* Add the files of the directory `path` + `suffix`; one of a name that is in the listing already takes its
 * place. Hidden files are passed over. A directory that does not exist holds nothing; one that cannot be read
 * is a problem. -ENOMEM. */
int listing_add(struct listing *listing, const char *path, const char *suffix, struct problems *problems);

/* "directory/name"; the caller frees. -ENOMEM. */
int path_join(const char *directory, const char *name, char **ret);

/* What is before the last slash; "." if there is none. The caller frees. -ENOMEM. */
int path_directory(const char *path, char **ret);

#endif
