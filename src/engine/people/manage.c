/* What the operator decides about keys and incidents. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/why.h"
#include "engine/people/people.h"
#include "model/silence.h"
#include "stripe/keyshape.h"
#include "stripe/redact.h"

static struct key *named(struct engine *e, const char *name, int *ret_error, char **ret_why)
{
        struct key *key = engine_named(e, name);

        if (!key)
                *ret_error =
                        why(ret_why, -ENOENT, "There is no key named '%s'; 'keyvigil list' shows all.", name);
        else if ((*ret_error = recorder_writable(e, ret_why)) < 0)
                return NULL;
        return key;
}

/* The key's own secret, for comparing it with what people write; NULL: it cannot be opened, or there is no
 * key. */
static struct secret *own_secret(struct engine *e, const struct key *key)
{
        struct secret *secret = NULL;

        return key && engine_secret(e, key, SLOT_CURRENT, &secret) >= 0 ? secret : NULL;
}

static int check_reason(struct engine *e, const struct key *key, const char *reason, char **ret_why)
{
        _cleanup_(secret_freep) struct secret *secret = reason ? own_secret(e, key) : NULL;

        return reason ? admission_text("The reason", reason, TEXT_REASON_MAX, secret, ret_why) : 0;
}

int engine_pause(struct engine *e, const char *name, int64_t until_wall, const char *reason, char **ret_why)
{
        int r = 0;
        struct key *key = named(e, name, &r, ret_why);

        if (!key || (r = check_reason(e, key, reason, ret_why)) < 0)
                return r;
        if (until_wall <= engine_wall(e))
                return why(ret_why, -EINVAL, "A pause must end in the future.");
        r = store_key_pause_reason(e->parts.store, key->id, reason ? reason : "");
        if (r < 0)
                return why(ret_why, r, "The pause could not be stored: %s.", strerror(-r));
        key->paused_until = until_wall;
        turn_reset(e, key);
        life_event(e, key, BELIEF_DOUBT_OVER, NULL); /* nobody asks on */
        rounds_left(e, key);
        key_changed(e, key);
        turn_plan(e, key);
        operator_did(e, key, "paused", 1, reason);
        (void) recorder_flush(e); /* what was promised outlives a crash; in trouble it is tried again */
        return 0;
}

int engine_resume(struct engine *e, const char *name, char **ret_why)
{
        int r = 0;
        struct key *key = named(e, name, &r, ret_why);

        if (!key)
                return r;
        key->paused_until = 0;
        r = store_key_pause_reason(e->parts.store, key->id, "");
        rounds_joined(e, key);
        key_changed(e, key);
        turn_soon(e, key, engine_now(e));
        operator_did(e, key, "resumed", 1, NULL);
        (void) recorder_flush(e);
        return r;
}

static int set_profile(struct engine *e, struct key *key, const char *name, char **ret_why)
{
        size_t index;

        if (profiles_find(e->parts.profiles, name, &index) < 0)
                return why(ret_why, -ENOENT,
                           "There is no profile named '%.64s'; 'keyvigil profiles' shows all.", name);
        const struct profile *profile = e->parts.profiles->list[index];
        if (key->kind == KIND_SECRET && !profile->any_kind)
                return why(ret_why, -EINVAL,
                           "The profile '%s' wants restricted keys, and this is a full secret key.", name);
        if ((key->mode == MODE_LIVE && !profile->live) || (key->mode == MODE_TEST && !profile->test))
                return why(ret_why, -EINVAL, "The profile '%s' is not for %s mode.", name,
                           key_mode_name((enum key_mode) key->mode));
        int r = store_key_profile(e->parts.store, key->id, name);
        if (r < 0)
                return why(ret_why, r, "The profile could not be stored: %s.", strerror(-r));
        key_uncount(e, key);
        key->profile = (uint16_t) index;
        key_count(e, key);
        series_wanted_anew(e, key);
        return 0;
}

int people_declare(struct engine *e, struct key *key, const char *account, char **ret_why)
{
        int64_t id = 0;
        int r = 0;

        if (*account != '\0') {
                r = store_account(e->parts.store, account, &id);
                if (r < 0)
                        return why(ret_why, r, "The account could not be stored: %s.", strerror(-r));
        }
        incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_WRONG_ACCOUNT), "declared-anew");
        if (id != 0 && (r = sweep_account(e, key, id)) < 0)
                return why(ret_why, r, "The coupon ledger could not be written: %s.", strerror(-r));
        if ((r = key_set_account(e, key, id)) < 0)
                return why(ret_why, r, "The account could not be kept: %s.", strerror(-r));
        key->account_declared = id != 0;
        return 0;
}

static int set_labels(struct engine *e, struct key *key, const struct key_change *c, char **ret_why)
{
        for (size_t i = 0; i < c->n_labels; i++) {
                int r = store_key_label(e->parts.store, key->id, c->labels[i].name, c->labels[i].value);
                if (r < 0)
                        return why(ret_why, r, "The label could not be stored: %s.", strerror(-r));
        }
        return 0;
}

/* The labels that the key would have. */
struct label_count {
        const struct key_change *change;
        size_t n;
};

static int tally_stored(const struct column *columns, size_t n, void *userdata)
{
        struct label_count *tally = userdata;

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < tally->change->n_labels; k++)
                        if (strcmp(columns[i].name, "name") == 0 && columns[i].type == COLUMN_TEXT &&
                            strcmp(columns[i].text, tally->change->labels[k].name) == 0)
                                return 0; /* replaced, or taken away */
        tally->n++;
        return 0;
}

static int check_number(struct engine *e, const struct key *key, const struct key_change *c, char **ret_why)
{
        const struct query_filter filter = { .key = key->name };
        struct label_count tally = { .change = c };
        int r = c->n_labels > 0 ? store_query(e->parts.store, QUERY_LABELS, &filter, tally_stored, &tally)
                                : 0;

        if (r < 0)
                return why(ret_why, r, "The labels could not be read: %s.", strerror(-r));
        for (size_t i = 0; i < c->n_labels; i++)
                tally.n += c->labels[i].value[0] != '\0';
        return tally.n <= LABELS_MAX ? 0 : why(ret_why, -EINVAL, "A key has at most %d labels.", LABELS_MAX);
}

/* All of it before any of it is stored. */
static int check_change(struct engine *e, const struct key *key, const struct key_change *c, char **ret_why)
{
        _cleanup_(secret_freep) struct secret *secret = own_secret(e, key);
        int r = admission_labels(c->labels, c->n_labels, secret, ret_why);

        if (r >= 0)
                r = check_number(e, key, c, ret_why);
        if (r >= 0 && c->account && *c->account != '\0')
                r = admission_account(c->account, secret, ret_why);
        if (r >= 0 && c->expires != -1)
                r = admission_date("The expiry", c->expires, ret_why);
        return r;
}

/* An account that Stripe has named is compared with the declared one now. Without one, a full check soon asks
 * whose key it is. */
static int set_account(struct engine *e, struct key *key, const char *account, char **ret_why)
{
        bool is_declared = *account != '\0', was_learned = key->account_id != 0 && !key->account_declared;
        _cleanup_free_ char *learned = is_declared && was_learned ? engine_account(e, key) : NULL;
        int r = people_declare(e, key, account, ret_why);

        if (r < 0)
                return r;
        if (learned)
                account_learn(e, key, learned);
        if (is_declared)
                series_full_soon(e, key);
        return 0;
}

int engine_set(struct engine *e, const char *name, const struct key_change *c, char **ret_why)
{
        int r = 0;
        struct key *key = named(e, name, &r, ret_why);

        if (!key || (r = check_change(e, key, c, ret_why)) < 0)
                return r;
        if (c->profile && (r = set_profile(e, key, c->profile, ret_why)) < 0)
                return r;
        if (c->account && (r = set_account(e, key, c->account, ret_why)) < 0)
                return r;
        if (c->expires != -1)
                key->expires = c->expires;
        if (c->has_created)
                key->created = c->created;
        if ((r = set_labels(e, key, c, ret_why)) < 0)
                return r;
        permission_review(e, key);
        housekeeping_look(e, key);
        key_changed(e, key);
        turn_plan(e, key);
        operator_did(e, key, "set", 1, c->profile);
        if (!e->importing)
                (void) recorder_flush(e);
        return 0;
}

int engine_acknowledge(struct engine *e, int64_t id, const char *reason, int64_t until_wall, uint32_t uid,
                       char **ret_why)
{
        struct key *key;
        struct incident *incident = incident_by_id(e, id, &key);
        int r;

        if (!incident)
                return why(ret_why, -ENOENT,
                           "There is no open incident %lld; 'keyvigil incidents --open' shows all.",
                           (long long) id);
        if ((r = check_reason(e, key, reason, ret_why)) < 0 || (r = recorder_writable(e, ret_why)) < 0)
                return r;
        if (until_wall <= engine_wall(e))
                return why(ret_why, -EINVAL, "An acknowledgement must end in the future.");
        char *text = strdup(reason ? reason : "");
        if (!text)
                return -ENOMEM;
        free(incident->acknowledgement);
        incident->acknowledgement = text;
        incident->acknowledged = engine_wall(e);
        /* What nobody mended in a month is told again. */
        incident->acknowledged_until =
                until_wall == INT64_MAX ? engine_wall(e) + SILENCE_ACKNOWLEDGED_MAX : until_wall;
        incident->acknowledged_uid = uid;
        incident_count(e, incident);
        incident_write(e, incident);
        reminder_expect(e, incident);
        operator_did(e, key, "acknowledged", 1, incident_kind_name(incident->kind));
        (void) recorder_flush(e);
        return 0;
}
