/* Many keys at once, from a list: stored as they are, asked soon. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "engine/people/people.h"
#include "engine/requests/limiter.h"
#include "engine/watch/watch.h"

/* A transaction ends when it is as old as this. */
#define IMPORT_COMMIT USEC_PER_SEC

/* Imported keys get their first turn soon, at half the rate, so that those already watched keep theirs. */
static void first_turn(struct engine *e, struct key *key)
{
        usec_t now = engine_now(e), step = 2 * USEC_PER_SEC / MAX(e->parts.settings->stripe.rate, 1u);

        turn_plan(e, key);
        e->import_next = MAX(e->import_next, now) + step;
        turn_soon(e, key, e->import_next);
}

int engine_import(struct engine *e, const struct key_request *q, const struct secret *secret, bool dry_run,
                  char **ret_warning, char **ret_why)
{
        _cleanup_free_ char *warning = NULL;
        struct key *key;
        int r = admission_check(e, q, secret, &key, &warning, ret_why);

        if (r < 0)
                return r;
        if (dry_run) {
                r = admission_unused(e, q->name, secret, ret_why);
                free(key);
        } else {
                r = admission_store(e, key, q, secret, ret_why);
                if (r < 0)
                        free(key);
        }
        if (r < 0)
                return r;
        if (!dry_run) {
                first_turn(e, key);
                if (e->import)
                        e->import->open++;
        }
        *ret_warning = TAKE(warning);
        return 0;
}

/* Keys have ids in the order in which they came, so those of a transaction are the last ones. */
static void import_on_ended(int result, void *userdata)
{
        struct engine *e = userdata;
        struct import_lines *lines = TAKE(e->import);

        if (result < 0) {
                while (e->n_keys > 0 && e->keys[e->n_keys - 1]->id >= e->import_first)
                        people_forget(e, e->keys[e->n_keys - 1]);
                lines->lost += lines->open;
                lines->error = result;
        } else {
                lines->stored += lines->open;
                recorder_wrote(e);
        }
        lines->open = 0;
}

static int open_transaction(struct engine *e, struct import_lines *lines, char **ret_why)
{
        int r;

        if (recorder_is_full(e))
                return why(
                        ret_why, -EBUSY,
                        "a program reads the database and keeps its log from being emptied, and the log is "
                        "as large as it may be; close that program, then import the rest");
        recorder_tidy(e);
        r = store_next_key_id(e->parts.store, &e->import_first);
        if (r >= 0)
                r = store_begin(e->parts.store, import_on_ended, e);
        if (r < 0)
                return why(ret_why, r, "the database is in trouble, nothing was stored: %s", strerror(-r));
        e->importing = true;
        e->import = lines;
        e->import_begun = engine_now(e);
        return 0;
}

int engine_import_begin(struct engine *e, struct import_lines *lines, char **ret_why)
{
        if (e->import && e->import != lines) /* two imports take turns */
                (void) store_end(e->parts.store, true);
        if (!e->import)
                return open_transaction(e, lines, ret_why);
        int r = store_begin(e->parts.store, import_on_ended, e);
        e->importing = r >= 0;
        return r;
}

void engine_import_pause(struct engine *e)
{
        e->importing = false;
        store_pause(e->parts.store);
        if (e->import && engine_now(e) - e->import_begun >= IMPORT_COMMIT)
                (void) store_end(e->parts.store, true); /* import_on_ended() keeps the result */
}

void engine_import_end(struct engine *e, struct import_lines *lines)
{
        e->importing = false;
        if (e->import == lines)
                (void) store_end(e->parts.store, true);
}
