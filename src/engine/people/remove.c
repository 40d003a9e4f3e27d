/* Keys leave: one, or a slice of those that a list lacks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/why.h"
#include "engine/people/people.h"
#include "store/ledger.h"

/* A probe coupon that a connection check of ours may have left is only ours to remove while we have a key. */
static int check_ours(struct engine *e, const struct key *key, char **ret_why)
{
        struct ledger_owner owner = { .account_id = key->account_id,
                                      .key_id = key->id,
                                      .mode = (enum key_mode) key->mode };
        int r = ledger_has_ours(e->parts.store, &owner);

        if (r < 0)
                return why(ret_why, r, "The coupon ledger could not be read: %s.", strerror(-r));
        if (r > 0)
                return why(ret_why, -EPERM,
                           "A probe coupon of our own may be left in the account of '%s'; 'keyvigil coupons' "
                           "shows it. It is deleted with the next sweep; --force removes the key all the "
                           "same.",
                           key->name);
        return 0;
}

/* All but the place in the list of keys. */
static void let_go(struct engine *e, struct key *key)
{
        sweep_forget(e, key, keys_place(e, key));
        series_abandon(e, key); /* whoever waits for a report gets what there is */
        rounds_left(e, key);
        burst_settled(e, key);
        outage_forget(e, key);
        witness_forget(e, key);
        rotation_forget(e, key);
        successor_forget(e, key);
        batch_forget_key(recorder_batch(e), key);
        incidents_forget(e, key);
}

void people_forget(struct engine *e, struct key *key)
{
        let_go(e, key);
        keys_remove(e, &key, 1);
}

/* Remove these keys with one commit, then forget all that goes on about them. */
static int keys_leave(struct engine *e, struct key **keys, size_t n, char **ret_why)
{
        for (size_t i = 0; i < n; i++) {
                operator_did(e, keys[i], "removed", 1, NULL);
                while (keys[i]->incidents)
                        incident_clear(e, keys[i], keys[i]->incidents, "removed");
                batch_key_removed(recorder_batch(e), keys[i]->id, engine_wall(e), keys[i]->checks);
        }
        int r = recorder_flush(e);
        for (size_t i = 0; i < n; i++)
                let_go(e, keys[i]);
        keys_remove(e, keys, n);
        if (r < 0)
                return why(
                        ret_why, r,
                        "What was removed is watched no more, but it is erased only when the database can be "
                        "written again: %s.",
                        strerror(-r));
        return 0;
}

static int ready(struct engine *e, char **ret_why)
{
        int r = recorder_writable(e, ret_why);

        if (r >= 0 && (r = recorder_flush(e)) < 0)
                return why(ret_why, r, "Nothing could be removed: %s.", strerror(-r));
        return r;
}

int engine_remove(struct engine *e, const char *name, bool force, char **ret_why)
{
        struct key *key = engine_named(e, name);
        int r;

        if (!key)
                return why(ret_why, -ENOENT, "There is no key named '%s'; 'keyvigil list' shows all.", name);
        if ((r = ready(e, ret_why)) < 0 || (!force && (r = check_ours(e, key, ret_why)) < 0))
                return r;
        return keys_leave(e, &key, 1, ret_why);
}

/* Named twice it leaves once. */
static bool is_among(struct key *const *keys, size_t n, const struct key *key)
{
        for (size_t i = 0; i < n; i++)
                if (keys[i] == key)
                        return true;
        return false;
}

int engine_remove_all(struct engine *e, const char *const *names, size_t n, bool force, struct removal *ret,
                      char **ret_why)
{
        struct key *keys[REMOVE_MAX];
        size_t n_keys = 0;
        int r = n > REMOVE_MAX ? -E2BIG : ready(e, ret_why);

        if (r < 0)
                return r;
        *ret = (struct removal){ 0 };
        for (size_t i = 0; i < n; i++) {
                struct key *key = engine_named(e, names[i]);

                if (!key)
                        ret->absent++;
                else if (!force && check_ours(e, key, NULL) < 0)
                        ret->kept[ret->n_kept++] = names[i];
                else if (!is_among(keys, n_keys, key))
                        keys[n_keys++] = key;
        }
        ret->removed = n_keys;
        return n_keys == 0 ? 0 : keys_leave(e, keys, n_keys, ret_why);
}
