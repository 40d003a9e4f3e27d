/* The door: what may be stored, and how it gets there. Nothing here asks anybody. */
#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/datetime.h"
#include "base/text.h"
#include "base/why.h"
#include "engine/people/people.h"
#include "stripe/keyshape.h"
#include "stripe/redact.h"
#include "vault/vault.h"

void admission_warn(char **warning, const char *format, ...)
{
        _cleanup_free_ char *added = NULL, *before = *warning;
        va_list arguments;

        *warning = NULL;
        va_start(arguments, format);
        if (vasprintf(&added, format, arguments) < 0)
                added = NULL;
        va_end(arguments);
        if (!added || !before)
                *warning = added ? TAKE(added) : TAKE(before);
        else if (asprintf(warning, "%s %s", before, added) < 0)
                *warning = NULL;
}

int admission_secret(const struct profile *profile, const struct secret *secret, uint8_t *ret_kind,
                     uint8_t *ret_mode, char **ret_warning, char **ret_why)
{
        enum key_kind kind;
        enum key_mode mode;
        bool odd;
        const char *reason;
        int r = keyshape_parse(secret, &kind, &mode, &odd, &reason);

        if (r < 0)
                return why(ret_why, -EKEYREJECTED, "This is not a key that can be stored: %s.", reason);
        if (kind == KIND_SECRET && !profile->any_kind)
                return why(ret_why, -EINVAL,
                           "This is a full secret key (sk_…), and the profile '%s' wants a restricted one "
                           "(rk_…); create one "
                           "with 'keyvigil link %s'.",
                           profile->name, profile->name);
        if ((mode == MODE_LIVE && !profile->live) || (mode == MODE_TEST && !profile->test))
                return why(ret_why, -EINVAL,
                           "This is a %s mode key, and the profile '%s' is not for that mode.",
                           key_mode_name(mode), profile->name);
        if (odd)
                admission_warn(ret_warning, "The key has an unusual length (%zu bytes); was it copied whole?",
                               secret->size);
        if (kind == KIND_SECRET)
                admission_warn(
                        ret_warning,
                        "This is a full secret key: whoever holds it may do everything in the account. "
                        "The profile '%s' tolerates it; a restricted key ('keyvigil link %s') is better.",
                        profile->name, profile->name);
        *ret_kind = (uint8_t) kind;
        *ret_mode = (uint8_t) mode;
        return 0;
}

int admission_text(const char *what, const char *text, size_t max, const struct secret *secret,
                   char **ret_why)
{
        const char *reason;

        if (text_check(text, max, secret, &reason) < 0)
                return why(ret_why, -EINVAL, "%s %s (at most %zu bytes of plain text).", what, reason, max);
        if (looks_like_key(text))
                return why(ret_why, -EINVAL, "%s looks like a key; keys belong on standard input only.",
                           what);
        return 0;
}

int admission_mode(const struct secret *secret, int wanted, char **ret_why)
{
        enum key_kind kind;
        enum key_mode mode;
        bool odd;
        const char *reason;

        if (wanted < 0 || keyshape_parse(secret, &kind, &mode, &odd, &reason) < 0 || (int) mode == wanted)
                return 0;
        return why(ret_why, -EMEDIUMTYPE, "This is a key of %s mode, and one of %s mode was announced.",
                   key_mode_name(mode), key_mode_name((enum key_mode) wanted));
}

static int check_name(const char *name, const struct secret *secret, char **ret_why)
{
        if (!key_name_valid(name))
                return why(ret_why, -EINVAL,
                           "This is not a name for a key: a letter or digit, then up to 63 letters, digits, "
                           "'.', "
                           "'_', ':', '@' or '-', and "
                           "nothing that looks like a key itself.");
        return admission_text("The name", name, TEXT_NAME_MAX, secret, ret_why);
}

int admission_labels(const struct label *labels, size_t n, const struct secret *secret, char **ret_why)
{
        int r;

        if (n > LABELS_MAX)
                return why(ret_why, -EINVAL, "A key has at most %d labels.", LABELS_MAX);
        for (size_t i = 0; i < n; i++) {
                bool taken_away = labels[i].value[0] == '\0'; /* whatever it was called */

                if (!taken_away && !text_is_label_name(labels[i].name))
                        return why(ret_why, -EINVAL,
                                   "A label is named by a small letter, then up to 47 small letters, digits "
                                   "or '_'.");
                if ((r = admission_text("The name of a label", labels[i].name, TEXT_NAME_MAX, secret,
                                        ret_why)) < 0 ||
                    (r = admission_text("The value of a label", labels[i].value, TEXT_LABEL_VALUE_MAX, secret,
                                        ret_why)) < 0)
                        return r;
        }
        return 0;
}

int admission_account(const char *account, const struct secret *secret, char **ret_why)
{
        if (!account_valid(account))
                return why(ret_why, -EINVAL, "'%.40s' is not an account; it must look like acct_1A2b3C.",
                           account);
        return admission_text("The account", account, TEXT_NAME_MAX, secret, ret_why);
}

int admission_date(const char *what, int64_t wall, char **ret_why)
{
        if (wall == 0 || wall_is_plausible(wall))
                return 0;
        return why(ret_why, -EINVAL, "%s must lie between the years 2011 and 9999.", what);
}

static void check_pattern(const struct profile *profile, const char *name, char **ret_warning)
{
        regex_t pattern;

        if (profile->name_pattern[0] == '\0' ||
            regcomp(&pattern, profile->name_pattern, REG_EXTENDED | REG_NOSUB) != 0)
                return;
        if (regexec(&pattern, name, 0, NULL, 0) != 0)
                admission_warn(ret_warning, "The name '%s' does not match the name_pattern of '%s': %s", name,
                               profile->name, profile->name_pattern);
        regfree(&pattern);
}

static int declare_account(struct engine *e, struct key *key, const char *account, char **ret_why)
{
        if (!account)
                return 0;
        int r = store_account(e->parts.store, account, &key->account_id);
        if (r < 0)
                return why(ret_why, r, "The account could not be stored: %s.", strerror(-r));
        key->account_declared = true;
        return 0;
}

static int store_error(int r, const char *name, const char *other, char **ret_why)
{
        if (r == -EALREADY)
                return why(ret_why, r, "This secret is stored already, as '%s'.", other ? other : "?");
        if (r == -EEXIST)
                return why(ret_why, r,
                           "There is a key named '%s' already; 'keyvigil rotate %s' replaces its secret.",
                           name, name);
        return why(ret_why, r, "The key could not be stored: %s.", strerror(-r));
}

int admission_unknown(struct engine *e, const struct key *successor_of, const struct secret *secret,
                      char **ret_why)
{
        unsigned char fingerprint[VAULT_FINGERPRINT_SIZE];
        const struct sealed sealed = { .fingerprint = fingerprint, .fingerprint_size = sizeof(fingerprint) };
        _cleanup_free_ char *other = NULL;

        vault_fingerprint(e->parts.vault, secret, fingerprint);
        int r = store_secret_unknown(e->parts.store, &sealed, successor_of ? successor_of->id : 0, &other);
        if (r == -EALREADY && successor_of && other && strcmp(other, successor_of->name) == 0)
                return why(ret_why, r, "This is the secret that '%s' has already.", other);
        return r < 0 ? store_error(r, "", other, ret_why) : 0;
}

/* All that people wrote, against the secret that comes with it. */
static int check_texts(const struct key_request *q, const struct secret *secret, char **ret_why)
{
        int r = check_name(q->name, secret, ret_why);

        if (r >= 0)
                r = admission_labels(q->labels, q->n_labels, secret, ret_why);
        if (r >= 0 && q->account)
                r = admission_account(q->account, secret, ret_why);
        if (r >= 0)
                r = admission_date("The date of creation", q->created, ret_why);
        return r < 0 ? r : admission_date("The expiry", q->expires, ret_why);
}

int admission_unused(struct engine *e, const char *name, const struct secret *secret, char **ret_why)
{
        int64_t taken;

        if (store_key_id(e->parts.store, name, &taken) >= 0)
                return store_error(-EEXIST, name, NULL, ret_why);
        return admission_unknown(e, NULL, secret, ret_why);
}

int admission_check(struct engine *e, const struct key_request *q, const struct secret *secret,
                    struct key **ret, char **ret_warning, char **ret_why)
{
        const char *profile_name = q->profile ? q->profile : "selgeo";
        size_t profile;
        uint8_t kind, mode;
        int r;

        if ((r = recorder_writable(e, ret_why)) < 0 ||
            (r = admission_mode(secret, q->has_mode ? q->mode : -1, ret_why)) < 0 ||
            (r = check_texts(q, secret, ret_why)) < 0)
                return r;
        if (profiles_find(e->parts.profiles, profile_name, &profile) < 0)
                return why(ret_why, -ENOENT,
                           "There is no profile named '%.64s'; 'keyvigil profiles' shows all.", profile_name);
        r = admission_secret(e->parts.profiles->list[profile], secret, &kind, &mode, ret_warning, ret_why);
        if (r < 0)
                return r;
        check_pattern(e->parts.profiles->list[profile], q->name, ret_warning);
        _cleanup_free_ struct key *key = key_new(q->name);
        if (!key)
                return -ENOMEM;
        key->profile = (uint16_t) profile;
        key->kind = kind;
        key->mode = mode;
        key->created = q->created;
        key->expires = q->expires;
        key->added = key->secret_since = key->life_since = engine_wall(e);
        r = declare_account(e, key, q->account, ret_why);
        if (r < 0)
                return r;
        *ret = TAKE(key);
        return 0;
}

int admission_store(struct engine *e, struct key *key, const struct key_request *q,
                    const struct secret *secret, char **ret_why)
{
        unsigned char blob[VAULT_SEALED_MAX], fingerprint[VAULT_FINGERPRINT_SIZE];
        const char *names[LABELS_MAX], *values[LABELS_MAX];
        _cleanup_free_ char *other = NULL;
        struct sealed sealed = { .blob = blob,
                                 .fingerprint = fingerprint,
                                 .fingerprint_size = sizeof(fingerprint) };
        int r = store_next_key_id(e->parts.store, &key->id);

        if (r < 0 || (r = vault_seal(e->parts.vault, key->id, SLOT_CURRENT, secret, blob, &sealed.size)) < 0)
                return store_error(r, key->name, NULL, ret_why);
        vault_fingerprint(e->parts.vault, secret, fingerprint);
        for (size_t i = 0; i < q->n_labels; i++) {
                names[i] = q->labels[i].name;
                values[i] = q->labels[i].value;
        }
        struct key_details details = { .profile = key_profile(e, key)->name,
                                       .label_names = names,
                                       .label_values = values,
                                       .n_labels = q->n_labels };
        key->state = (uint8_t) key_state(key, engine_wall(e));
        r = store_key_add(e->parts.store, key, &details, &sealed, &other);
        if (r < 0)
                return store_error(r, key->name, other, ret_why);
        r = keys_add(e, key);
        if (r < 0)
                return store_error(r, key->name, NULL, ret_why);
        rounds_joined(e, key);
        witness_count(e, key);
        return 0;
}
