/* One line of a list that the store is to be made equal to. */
#include <errno.h>
#include <string.h>

#include "base/why.h"
#include "engine/people/people.h"

/* The changes of labels: those that differ, and those that the list does not have. */
struct label_changes {
        const struct key_request *wanted;
        struct label list[2 * LABELS_MAX];
        size_t n;
        bool have[LABELS_MAX]; /* is as it is wanted already */
        bool failed;
};

static int take_label(const struct column *columns, size_t n, void *userdata)
{
        struct label_changes *changes = userdata;
        const char *name = NULL, *value = "";
        size_t i;

        for (i = 0; i < n; i++)
                if (columns[i].type == COLUMN_TEXT && strcmp(columns[i].name, "name") == 0)
                        name = columns[i].text;
                else if (columns[i].type == COLUMN_TEXT)
                        value = columns[i].text;
        for (i = 0; name && i < changes->wanted->n_labels; i++)
                if (strcmp(changes->wanted->labels[i].name, name) == 0) {
                        changes->have[i] = strcmp(changes->wanted->labels[i].value, value) == 0;
                        return 0;
                }
        if (!name || changes->n == LABELS_MAX)
                return 0;
        char *copy = strdup(name);
        changes->failed = changes->failed || !copy;
        if (copy)
                changes->list[changes->n++] = (struct label){ .name = copy, .value = "" };
        return copy ? 0 : -ENOMEM;
}

/* How many of the list are copies: those that go. */
static int compare_labels(struct engine *e, const struct key *key, const struct key_request *q,
                          struct label_changes *ret, size_t *ret_copies)
{
        const struct query_filter filter = { .key = key->name };

        *ret = (struct label_changes){ .wanted = q };
        int r = store_query(e->parts.store, QUERY_LABELS, &filter, take_label, ret);
        *ret_copies = ret->n;
        for (size_t i = 0; r >= 0 && i < q->n_labels; i++)
                if (!ret->have[i])
                        ret->list[ret->n++] = q->labels[i];
        return r;
}

static const char *other_account(const struct engine *e, const struct key *key, const struct sync_line *line)
{
        _cleanup_free_ char *account = engine_account(e, key);
        bool declared = account && key->account_declared;

        if (line->no_account)
                return declared ? "" : NULL;
        if (!line->request.account || (declared && strcmp(account, line->request.account) == 0))
                return NULL;
        return line->request.account;
}

/* -1: nothing is said, or it is so already. */
static int64_t other_date(int64_t is, int64_t wanted, bool none)
{
        if (none)
                return is ? 0 : -1;
        return wanted > 0 && wanted != is ? wanted : -1;
}

bool people_differences(const struct engine *e, const struct key *key, const struct sync_line *line,
                        struct key_change *ret)
{
        const char *profile = line->request.profile;

        *ret = (struct key_change){
                .profile = profile && strcmp(profile, key_profile(e, key)->name) != 0 ? profile : NULL,
                .account = other_account(e, key, line),
                .expires = other_date(key->expires, line->request.expires, line->no_expires),
                .created = other_date(key->created, line->request.created, line->no_created),
        };
        ret->has_created = ret->created != -1;
        return ret->profile || ret->account || ret->expires != -1 || ret->has_created;
}

/* 1: something differs, and was changed unless `dry_run`. */
static int change(struct engine *e, struct key *key, const struct sync_line *line, bool dry_run,
                  char **ret_why)
{
        struct label_changes labels = { 0 };
        struct key_change change;
        size_t copies = 0;
        int r = line->has_labels ? compare_labels(e, key, &line->request, &labels, &copies) : 0;

        if (r >= 0)
                r = people_differences(e, key, line, &change) || labels.n > 0;
        if (r > 0 && !dry_run) {
                change.labels = labels.list;
                change.n_labels = labels.n;
                r = engine_set(e, key->name, &change, ret_why);
                r = r < 0 ? r : 1;
        }
        for (size_t i = 0; i < copies; i++)
                free((char *) labels.list[i].name);
        return r;
}

/* The secret is another one. What is said of the key is set now, what is said of the secret with it. */
static int sync_replace(struct engine *e, struct key *key, const struct sync_line *line,
                        const struct secret *secret, bool dry_run, enum sync_result *ret, char **ret_warning,
                        char **ret_why)
{
        struct sync_line rest = *line;
        uint8_t kind, mode;
        int r = successor_is(e, key, secret);

        if (r != 0) {
                *ret = SYNC_WAITING;
                return MIN(r, 0);
        }
        *ret = SYNC_REPLACED;
        r = admission_secret(key_profile(e, key), secret, &kind, &mode, ret_warning, ret_why);
        if (r >= 0 && mode != key->mode)
                r = why(ret_why, -EMEDIUMTYPE, "The new key is of %s mode, the old one of %s mode.",
                        key_mode_name((enum key_mode) mode), key_mode_name((enum key_mode) key->mode));
        if (r >= 0)
                r = admission_unknown(e, key, secret, ret_why);
        if (r < 0 || dry_run)
                return r;
        rest.request.account = NULL;
        rest.request.expires = rest.request.created = 0;
        rest.no_account = rest.no_expires = rest.no_created = false;
        r = change(e, key, &rest, false, ret_why);
        return r < 0 ? r : successor_expect(e, key, &line->request, secret, ret_why);
}

int engine_sync(struct engine *e, const struct sync_line *line, const struct secret *secret, bool dry_run,
                enum sync_result *ret, char **ret_warning, char **ret_why)
{
        struct key *key = engine_named(e, line->request.name);
        int r;

        if (!key) {
                *ret = SYNC_ADDED;
                return engine_import(e, &line->request, secret, dry_run, ret_warning, ret_why);
        }
        r = people_has_secret(e, key, secret);
        if (r < 0)
                return why(ret_why, r, "The stored secrets could not be compared: %s.", strerror(-r));
        if (r == 0)
                return sync_replace(e, key, line, secret, dry_run, ret, ret_warning, ret_why);
        if (!dry_run)
                successor_forget(e, key); /* the list has come back to the one that is there */
        r = change(e, key, line, dry_run, ret_why);
        *ret = r > 0 ? SYNC_CHANGED : SYNC_UNCHANGED;
        return MIN(r, 0);
}
