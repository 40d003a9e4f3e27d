/* A secret under a name, whatever was there before. */
#ifndef ENGINE_PUT_H
#define ENGINE_PUT_H

#include "engine/engine.h"
#include "engine/request.h"

/* The length of a version, which tells one secret of a key from the next; with its NUL. */
#define KEY_VERSION_MAX 24

enum put_result {
        PUT_ADDED,
        PUT_ROTATED,
        PUT_UNCHANGED, /* this secret is stored under this name */
        PUT_DEFERRED,  /* stored, but not proved yet; an operator-action `decided` will tell */
        PUT_UNDECIDED, /* could not be told in time; nothing is stored */
        PUT_REFUSED,   /* the result says why */
};

struct put_options {
        int mode;             /* enum key_mode that the secret must be of; -1: any */
        usec_t deadline;      /* from now */
        bool defer;           /* store it undecided (a new key only) */
        const char *if_match; /* the version that the key must have; "*": it must be there */
};

/* `result` is NULL for PUT_UNCHANGED, PUT_DEFERRED and PUT_UNDECIDED at the deadline. */
typedef void (*put_done_fn)(enum put_result what, const struct check_result *result, void *userdata);

/* Have this secret stored under this name, whatever was there before: add it, rotate to it, or find it there.
 * The same call again is harmless. What else the request says is set if it differs. Errors as engine_add(),
 * and -EMEDIUMTYPE: the secret is of another mode; -ESTALE: the version is another one. */
int engine_put(struct engine *engine, const struct key_request *request, const struct secret *secret,
               const struct put_options *options, put_done_fn done, void *userdata, char **ret_why);

#endif
