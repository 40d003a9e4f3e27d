/* A key gets a new secret: what the successor must prove, and the swap. */
#include <errno.h>
#include <string.h>

#include "base/why.h"
#include "engine/people/people.h"
#include "vault/vault.h"

static int lacks(const struct engine *e, const struct key *old, const struct grants *successor)
{
        const struct profile *profile = key_profile(e, old);

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned slot = e->parts.catalogue->rows[profile->required[i].row].slot;
                enum level level = profile->required[i].level;
                int had = grant_has(grants_get(&old->grants, slot), level);
                int has = grant_has(grants_get(successor, slot), level);

                /* A permission that cannot be told of either secret is no difference. */
                if ((has == 0 && had != 0) || (has < 0 && had == 1))
                        return true;
        }
        return false;
}

bool replace_changes_account(const struct engine *e, const struct key *old, const char *account)
{
        _cleanup_free_ char *known = engine_account(e, old);

        return known && *account != '\0' && strcmp(known, account) != 0;
}

const char *replace_refusal(const struct engine *e, const struct key *old, const struct grants *successor,
                            const char *account, bool force)
{
        _cleanup_free_ char *known = engine_account(e, old);

        if (account && replace_changes_account(e, old, account))
                return old->account_declared
                               ? "The new key belongs to another account than the one that was declared; "
                                 "nothing was changed."
                               : "The new key belongs to another account than the old one; nothing was "
                                 "changed.";
        if (force)
                return NULL;
        if (known && account && *account == '\0')
                return "Stripe did not tell whose key the new one is (it was refused nothing), so it could "
                       "not be proved that it is of the same account; nothing was changed. If you are "
                       "certain, use --force.";
        return lacks(e, old, successor) ? "" : NULL;
}

static int seal_new(struct engine *e, const struct key *key, const struct secret *secret,
                    struct sealed *current)
{
        vault_fingerprint(e->parts.vault, secret, (unsigned char *) current->fingerprint);
        return vault_seal(e->parts.vault, key->id, SLOT_CURRENT, secret, (void *) current->blob,
                          &current->size);
}

static int seal_old(struct engine *e, const struct key *key, struct sealed *old)
{
        _cleanup_(secret_freep) struct secret *opened = NULL;
        int r = engine_secret(e, key, SLOT_CURRENT, &opened);

        if (r < 0)
                return r;
        vault_fingerprint(e->parts.vault, opened, (unsigned char *) old->fingerprint);
        return vault_seal(e->parts.vault, key->id, SLOT_OLD, opened, (void *) old->blob, &old->size);
}

int replace_store(struct engine *e, const struct key *after, const struct secret *secret, bool keep_old,
                  char **ret_why)
{
        unsigned char blobs[2][VAULT_SEALED_MAX], prints[2][VAULT_FINGERPRINT_SIZE];
        struct sealed current = { .blob = blobs[0],
                                  .fingerprint = prints[0],
                                  .fingerprint_size = sizeof(prints[0]) };
        struct sealed old = { .blob = blobs[1],
                              .fingerprint = prints[1],
                              .fingerprint_size = sizeof(prints[1]) };
        int r = recorder_writable(e, ret_why);

        if (r < 0)
                return r;
        r = seal_new(e, after, secret, &current);
        if (r >= 0 && !keep_old) /* what was there cannot be opened, and is nothing to watch */
                r = store_secret_write(e->parts.store, after->id, SLOT_CURRENT, &current, NULL);
        else if (r >= 0 && (r = seal_old(e, after, &old)) >= 0)
                r = store_secret_rotate(e->parts.store, after, &current, &old);
        if (r == -EALREADY)
                return why(ret_why, r, "This secret is stored already; nothing was changed.");
        if (r < 0)
                return why(ret_why, r, "The new secret could not be stored, nothing was changed: %s.",
                           strerror(-r));
        return 0;
}

/* Incidents of the old secret end with it. */
static void replace_forget_old(struct engine *e, struct key *key)
{
        static const enum incident_kind kinds[] = {
                INCIDENT_KEY_REVOKED,         INCIDENT_KEY_EXPIRED,
                INCIDENT_KEY_INVALID,         INCIDENT_KEY_BLOCKED,
                INCIDENT_KEY_ACCOUNT_REFUSED, INCIDENT_KEY_PERMISSIONS_MISSING,
                INCIDENT_KEY_UNVERIFIED,      INCIDENT_KEY_ROTATION_DUE,
                INCIDENT_KEY_UNRESTRICTED,    INCIDENT_KEY_PERMISSIONS_EXCESS,
                INCIDENT_KEY_OLD_STILL_ALIVE, INCIDENT_KEY_FLAPPING,
                INCIDENT_KEY_WRONG_ACCOUNT,   INCIDENT_KEY_UNREADABLE,
        };

        struct incident *open;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                while ((open = incident_find(e, key, kinds[i])))
                        incident_clear(e, key, open, "replaced");
}

static bool differs(enum grant had, enum grant has, enum level level)
{
        int before = grant_has(had, level), after = grant_has(has, level);

        return before >= 0 && after >= 0 && before != after;
}

/* Write down each permission that only one of the two secrets has. */
static void note_changes(struct engine *e, const struct key *key, const struct grants *before)
{
        for (unsigned row = 0; row < e->parts.catalogue->n; row++) {
                unsigned slot = e->parts.catalogue->rows[row].slot;
                enum grant had = grants_get(before, slot), has = grants_get(&key->grants, slot);

                if (differs(had, has, LEVEL_READ) || differs(had, has, LEVEL_WRITE))
                        batch_permission(recorder_batch(e), key->id, slot, had, has, engine_wall(e));
        }
}

void replace_begin(struct engine *e, struct key *key, const struct key *before)
{
        bool was_dead = before->belief.life == LIFE_DEAD;

        replace_forget_old(e, key);
        note_changes(e, key, &before->grants);
        if (key->has_old)
                rotation_watch(e, key, was_dead);
        rounds_joined(e, key);
        witness_count(e, key);
        permission_review(e, key);
        housekeeping_look(e, key);
        key_changed(e, key);
        turn_plan(e, key);
        (void) recorder_flush(e); /* in trouble it is tried again */
}

int engine_rotate(struct engine *e, const struct key_request *q, const struct secret *secret,
                  check_done_fn done, void *userdata, char **ret_why)
{
        struct key *old = engine_named(e, q->name), *key;
        _cleanup_free_ char *warning = NULL;
        uint8_t kind, mode;
        int r;

        if (!old)
                return why(ret_why, -ENOENT, "There is no key named '%s'; 'keyvigil list' shows all.",
                           q->name);
        if ((r = recorder_writable(e, ret_why)) < 0 ||
            (r = admission_secret(key_profile(e, old), secret, &kind, &mode, &warning, ret_why)) < 0)
                return r;
        if (mode != old->mode)
                return why(ret_why, -EMEDIUMTYPE, "The new key is of %s mode, the old one of %s mode.",
                           key_mode_name((enum key_mode) mode), key_mode_name((enum key_mode) old->mode));
        if ((r = admission_unknown(e, old, secret, ret_why)) < 0)
                return r;
        if (old->has_old)
                admission_warn(&warning,
                               "An older secret of this key was not dead yet when it was last asked; "
                               "from now on only the one that is replaced now is watched.");
        key = key_new(q->name);
        if (!key)
                return -ENOMEM;
        key->profile = old->profile;
        key->kind = kind;
        key->mode = mode;
        key->account_id = old->account_id; /* asked within the limits of its account */
        key->created = q->created;
        key->expires = q->expires;
        return candidate_start(e, key, q, secret, TAKE(warning), old->id, done, userdata);
}
