/* Many keys at once: stored without asking, or made equal to a list. */
#ifndef ENGINE_IMPORT_H
#define ENGINE_IMPORT_H

#include "engine/engine.h"
#include "engine/request.h"

/* Store without asking; it is checked soon. Errors as engine_add(). `ret_warning` (NULL if there is nothing
 * to say; the caller frees): what engine_add() would report as its warning. After engine_import_begin() many
 * of these are one transaction. */
int engine_import(struct engine *engine, const struct key_request *request, const struct secret *secret,
                  bool dry_run, char **ret_warning, char **ret_why);

/* What became of imported keys. Zeroed at first, the caller's until engine_import_end(). */
struct import_lines {
        size_t open;   /* taken, and in a transaction that is not committed */
        size_t stored; /* on disk */
        size_t lost;   /* taken, but the transaction could not be committed: none of it is stored */
        int error;     /* the last reason for that */
};

/* Many keys are one transaction, which may stay open over several turns of the loop, with
 * engine_import_pause() at the end of each; it is committed when it is about a second old, or as soon as
 * anything else is to be stored. -EBUSY and the like: nothing can be stored now (`ret_why`). */
int engine_import_begin(struct engine *engine, struct import_lines *lines, char **ret_why);
void engine_import_pause(struct engine *engine);
/* Commit what is open of `lines`. */
void engine_import_end(struct engine *engine, struct import_lines *lines);

/* A line of a list that the store is to be made equal to. What it does not say stays as it is. */
struct sync_line {
        struct key_request request;
        bool has_labels;                         /* its labels are all that the key shall have */
        bool no_account, no_expires, no_created; /* to be taken away */
};

enum sync_result {
        SYNC_ADDED,
        SYNC_REPLACED, /* the secret is another one, which has its place with its first healthy answer */
        SYNC_WAITING,  /* that one waits for its answer already */
        SYNC_CHANGED,  /* what is said beside the secret */
        SYNC_UNCHANGED,
};

/* Like engine_import(), for names that may be there already. Secrets are compared, not opened. */
int engine_sync(struct engine *engine, const struct sync_line *line, const struct secret *secret,
                bool dry_run, enum sync_result *ret, char **ret_warning, char **ret_why);

#endif
