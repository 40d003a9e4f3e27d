#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/incidents/incidents.h"
#include "stripe/findings.h"
#include "stripe/link.h"
#include "vault/vault.h"

static char *copy(const char *text)
{
        char *copied = strdup(text ? text : "");

        if (!copied)
                abort();
        return copied;
}

/* What the notice does not say itself, the key does. `owned` keeps what was made for it. */
struct filled {
        char event_id[EVENT_ID_MAX];
        char *account, *remedy;
};

static void fill_remedy(struct engine *e, const struct key *key, struct notice *n, struct filled *filled)
{
        const struct profile *profile = key_profile(e, key);

        if (n->remedy_url || n->phase == NOTICE_CLEARED)
                return;
        switch (n->kind) {
        case INCIDENT_KEY_PERMISSIONS_MISSING:
        case INCIDENT_KEY_PERMISSIONS_EXCESS:
                if (key->work && key->work->key_object[0] && filled->account &&
                    link_edit(filled->account, key->work->key_object, &filled->remedy) >= 0)
                        break;
                /* fall through */
        case INCIDENT_KEY_REVOKED:
        case INCIDENT_KEY_EXPIRED:
        case INCIDENT_KEY_INVALID:
        case INCIDENT_KEY_ROTATION_DUE:
        case INCIDENT_KEY_UNRESTRICTED:
                (void) link_create(e->parts.catalogue, profile, key_is_live_mode(key), &filled->remedy);
                break;
        default:
                return;
        }
        n->remedy_url = filled->remedy;
}

/* `mark` tells apart what kind, key and time alone do not; "" if they do. It must be the same for a repeat
 * after a crash. */
static void fill(struct engine *e, struct key *key, struct notice *n, int64_t first_wall, const char *mark,
                 struct filled *filled)
{
        char what[160];

        *filled = (struct filled){ 0 };
        snprintf(what, sizeof(what), "%s/%d%s%s", incident_kind_name(n->kind), (int) n->phase,
                 *mark ? "/" : "", mark);
        vault_event_id(e->parts.vault, what, key ? key->id : 0, first_wall, filled->event_id);
        n->event_id = filled->event_id;
        n->at = engine_wall(e);
        if (!n->since)
                n->since = first_wall;
        if (n->phase == NOTICE_OPENED && n->priority == 0)
                n->priority = incident_kind_priority(n->kind, !key || key_is_live_mode(key));
        n->priority = notice_priority(n);
        if (!key)
                return;
        filled->account = engine_account(e, key);
        n->key = key->name;
        n->mode = key_mode_name((enum key_mode) key->mode);
        n->profile = key_profile(e, key)->name;
        n->account = filled->account;
        if (!n->state)
                n->state = state_name(key_state(key, engine_wall(e)));
        fill_remedy(e, key, n, filled);
}

/* Compose the event of a filled notice, put it into the batch and the outbox. */
static void emit(struct engine *e, struct key *key, const struct notice *n)
{
        struct event *event = calloc(1, sizeof(*event));

        if (!event || notice_fields(n, &event->fields) < 0)
                abort();
        event->seq = ++e->last_event;
        event->incident = n->incident;
        event->key_id = key ? key->id : 0;
        event->at_wall = engine_wall(e);
        event->kind = n->phase == NOTICE_CLEARED    ? INCIDENT_INCIDENT_CLEARED
                      : n->phase == NOTICE_REMINDER ? INCIDENT_INCIDENT_REMINDER
                                                    : n->kind;
        event->priority = n->priority;
        snprintf(event->id, sizeof(event->id), "%s", n->event_id);
        outbox_add(e, event);
        batch_event(recorder_batch(e), event);
        recorder_changed(e, true);
}

static void filled_done(struct filled *filled)
{
        free(filled->account);
        free(filled->remedy);
}

/* The words and numbers of a filled notice are the incident's own from now on. */
static void describe(struct incident *incident, const struct notice *n)
{
        free(incident->reason);
        free(incident->detail);
        free(incident->message);
        incident->message = NULL;
        incident->reason = copy(n->reason);
        incident->detail = copy(n->missing ? n->missing : n->excess ? n->excess : n->detail);
        incident->priority = n->priority;
        incident->count = (uint32_t) MIN(n->count, (uint64_t) UINT32_MAX);
        if (notice_message(n, &incident->message) < 0)
                abort();
}

static struct incident *incident_new(struct engine *e, const struct key *key, const struct notice *n)
{
        struct incident *incident = calloc(1, sizeof(*incident));

        if (!incident)
                abort();
        incident->id = ++e->last_incident;
        incident->kind = n->kind;
        incident->key_id = key ? key->id : 0;
        incident->account_id = key ? key->account_id : 0;
        incident->opened = engine_wall(e);
        incident->reminded = engine_steady_wall(e);
        incident->acknowledgement = copy("");
        return incident;
}

struct incident *incident_open(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        struct filled filled;
        struct incident *incident;

        /* Of mass revocations there may be one of each reason. */
        if (n->kind != INCIDENT_MASS_REVOCATION && incident_find(e, key, n->kind))
                return NULL;
        bool silent = flapping_silences(e, key, n->kind);

        incident = incident_new(e, key, n);
        if (n->phase == NOTICE_LISTED)
                incident->parent = n->incident;
        else
                n->incident = incident->id;
        fill(e, key, n, first_wall, key || !n->reason ? "" : n->reason, &filled);
        describe(incident, n);
        incident_link(e, key, incident);
        if (!silent)
                memcpy(incident->event_id, filled.event_id, sizeof(incident->event_id));
        batch_incident(recorder_batch(e), incident);
        if (!silent)
                emit(e, key, n);
        filled_done(&filled);
        recorder_changed(e, !silent);
        reminder_expect(e, incident);
        return incident;
}

bool incident_is_silent(const struct incident *incident)
{
        return incident->event_id[0] == '\0';
}

void incident_update(struct engine *e, struct key *key, struct incident *incident, struct notice *n)
{
        struct filled filled;
        char mark[48];

        n->incident = incident->id;
        n->since = incident->opened;
        snprintf(mark, sizeof(mark), "update %" PRId64, e->last_event + 1);
        fill(e, key, n, incident->opened, mark, &filled);
        describe(incident, n);
        batch_incident(recorder_batch(e), incident);
        if (!incident_is_silent(incident))
                emit(e, key, n);
        filled_done(&filled);
        recorder_changed(e, !incident_is_silent(incident));
}

/* What is missing or too much, for a kind that tells of it; lives as long as `f`. */
static void findings_put(const struct engine *e, const struct key *key, struct notice *n, struct findings *f)
{
        if (n->kind != INCIDENT_KEY_PERMISSIONS_MISSING && n->kind != INCIDENT_KEY_PERMISSIONS_EXCESS)
                return;
        findings_make(e->parts.catalogue, key_profile(e, key), &key->grants, key_is_live_mode(key), f);
        if (n->kind == INCIDENT_KEY_PERMISSIONS_MISSING) {
                n->missing = f->missing;
                n->missing_labels = f->missing_labels;
        } else {
                n->excess = f->excess;
                n->excess_labels = f->excess_labels;
        }
}

void incident_announce(struct engine *e, struct key *key, struct incident *incident)
{
        struct notice n = {
                .kind = incident->kind,
                .incident = incident->id,
                .reason = incident->reason,
                .expires = key->expires,
        };
        struct findings f = { 0 };
        struct filled filled;

        findings_put(e, key, &n, &f);
        fill(e, key, &n, incident->opened, "", &filled);
        memcpy(incident->event_id, filled.event_id, sizeof(incident->event_id));
        incident->reminded = engine_steady_wall(e);
        batch_incident(recorder_batch(e), incident);
        emit(e, key, &n);
        filled_done(&filled);
        findings_done(&f);
        reminder_expect(e, incident);
}

void incident_remind(struct engine *e, struct key *key, struct incident *incident)
{
        struct notice n = {
                .kind = incident->kind,
                .phase = NOTICE_REMINDER,
                .priority = incident->priority,
                .incident = incident->id,
                .reason = incident->reason,
                .since = incident->opened,
                .count = incident->count,
                .has_count = incident_kind_is_group(incident->kind),
        };
        struct findings f = { 0 };
        struct filled filled;
        char mark[48];

        findings_put(e, key, &n, &f);
        if (!n.missing && !n.excess)
                n.detail = incident->detail;
        snprintf(mark, sizeof(mark), "%" PRId64 " %u", incident->id, incident->reminders);
        fill(e, key, &n, incident->opened, mark, &filled);
        emit(e, key, &n);
        filled_done(&filled);
        findings_done(&f);
}

static void close_incident(struct engine *e, struct key *key, struct incident *incident)
{
        incident->cleared = engine_wall(e);
        incident_unlink(e, key, incident);
        batch_incident(recorder_batch(e), incident);
        incident_free(incident);
}

void incident_clear(struct engine *e, struct key *key, struct incident *incident, const char *reason)
{
        struct filled filled;

        if (!incident)
                return;
        if (incident_is_silent(incident)) {
                close_incident(e, key, incident);
                recorder_changed(e, false);
                return;
        }
        (void) flapping_silences(e, key, incident->kind); /* what was told is taken back all the same */
        struct notice n = {
                .kind = incident->kind,
                .phase = NOTICE_CLEARED,
                .incident = incident->id,
                .reason = reason,
                .since = incident->opened,
                .count = incident->count,
                .has_count = incident->count > 0 || incident_kind_is_group(incident->kind),
        };
        char mark[24];

        snprintf(mark, sizeof(mark), "%" PRId64, incident->id);
        fill(e, key, &n, incident->opened, mark, &filled);
        emit(e, key, &n);
        filled_done(&filled);
        close_incident(e, key, incident);
        recorder_changed(e, true);
}

void incident_drop(struct engine *e, struct key *key, enum incident_kind kind)
{
        struct incident *incident = incident_find(e, key, kind);

        if (!incident)
                return;
        close_incident(e, key, incident);
        recorder_changed(e, false);
}

void event_emit(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        struct filled filled;
        char mark[80] = "";

        if (n->coupon)
                snprintf(mark, sizeof(mark), "%s", n->coupon);
        else if (!key) /* many within a second, or on a clock that was set back */
                snprintf(mark, sizeof(mark), "%" PRId64, e->last_event + 1);
        fill(e, key, n, first_wall, mark, &filled);
        emit(e, key, n);
        filled_done(&filled);
}
