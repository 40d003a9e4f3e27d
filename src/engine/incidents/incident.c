#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/group.h"
#include "engine/incidents/ids.h"
#include "engine/incidents/incidents.h"
#include "stripe/findings.h"
#include "vault/vault.h"

/* Fills in from the key whatever the notice does not say. `owned` keeps the texts that this makes. */
struct filled {
        char event_id[EVENT_ID_MAX];
        char *account, *remedy;
};

static void fill_remedy(struct engine *e, const struct key *key, struct notice *n, struct filled *filled)
{
        if (n->remedy_url || n->phase == NOTICE_CLEARED)
                return;
        n->remedy_url = filled->remedy = remedy_of(e, key, n->kind);
}

/* `number` and `mark` tell apart what kind and key alone do not. They must be the same for a repeat after a
 * crash. */
static void incident_fill(struct engine *e, struct key *key, struct notice *n, int64_t first_wall,
                          int64_t number, const char *mark, struct filled *filled)
{
        /* Who repeats it after a crash, or after a fail-over, may know less of the others, or more: alone or
         * as one of a group, it is the same event. */
        enum notice_phase phase = n->phase == NOTICE_LISTED ? NOTICE_OPENED : n->phase;
        char what[160];

        *filled = (struct filled){ 0 };
        snprintf(what, sizeof(what), "%s/%d%s%s", incident_kind_name(n->kind), (int) phase, *mark ? "/" : "",
                 mark);
        vault_event_id(e->parts.vault, what, key ? key->id : 0, number, filled->event_id);
        n->event_id = filled->event_id;
        n->at = engine_wall(e);
        if (!n->since)
                n->since = first_wall;
        if (n->priority == 0)
                n->priority = incident_kind_priority(n->kind, !key || key_is_live_mode(key));
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
static void incident_emit(struct engine *e, struct key *key, const struct notice *n)
{
        struct event *event = memory_sure(calloc(1, sizeof(*event)));

        if (notice_fields(n, &event->fields) < 0)
                memory_end();
        if (key)
                labels_add(e, key, &event->fields);
        event->seq = ++e->last_event;
        event->incident = n->incident;
        event->key_id = key ? key->id : 0;
        event->at_wall = engine_wall(e);
        event->kind = n->phase == NOTICE_CLEARED    ? INCIDENT_INCIDENT_CLEARED
                      : n->phase == NOTICE_REMINDER ? INCIDENT_INCIDENT_REMINDER
                                                    : n->kind;
        event->priority = notice_priority(n);
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
        struct notice plain = *n;

        if (n->phase == NOTICE_LISTED)
                plain.phase = NOTICE_OPENED;
        free(incident->reason);
        free(incident->detail);
        free(incident->message);
        incident->message = NULL;
        incident->reason = memory_text(n->reason);
        incident->reasons = reasons_parse(n->reason);
        incident->detail = memory_text(n->missing ? n->missing : n->excess ? n->excess : n->detail);
        incident->priority = n->priority;
        incident->count = (uint32_t) MIN(n->count, (uint64_t) UINT32_MAX);
        if (notice_message(&plain, &incident->message) < 0)
                memory_end();
}

/* What is written in the batch is not kept here, too: a million open incidents would be a million sentences.
 */
void incident_write(struct engine *e, struct incident *incident)
{
        batch_incident(recorder_batch(e), incident);
        incident->message = mfree(incident->message);
        incident->acknowledgement = mfree(incident->acknowledgement);
}

void incident_describe(struct engine *e, struct incident *incident, const char *detail)
{
        free(incident->detail);
        incident->detail = memory_text(detail);
        incident_write(e, incident);
}

/* Without the database the numbers of the past are not known: two incidents may get the same one. */
static uint32_t next_number(struct engine *e, const struct key *key, const struct incident *incident)
{
        uint32_t stored = 0;

        if (!key)
                return (uint32_t) incident->id;
        (void) store_incident_number(e->parts.store, key->id, incident->kind, &stored);
        return 1 + MAX(stored, batch_incident_number(recorder_batch(e), key->id, incident->kind));
}

static struct incident *incident_new(struct engine *e, const struct key *key, const struct notice *n)
{
        struct incident *incident = memory_sure(calloc(1, sizeof(*incident)));

        incident->id = ++e->last_incident;
        incident->kind = n->kind;
        incident->key_id = key ? key->id : 0;
        incident->account_id = key ? key->account_id : 0;
        incident->opened = engine_wall(e);
        incident->reminded = engine_steady_wall(e);
        incident->mode = key ? key_mode_name((enum key_mode) key->mode) : n->mode ? n->mode : "";
        incident->number = next_number(e, key, incident);
        return incident;
}

/* `group`: 0, or the one that stands for it (SILENCE_MEMBER_MAX). */
static void list_under(struct incident *incident, struct notice *n, int64_t group)
{
        if (group == 0)
                return;
        if (incident->parent == 0)
                incident->parent = group;
        n->phase = NOTICE_LISTED;
        n->parent = group;
}

struct incident *incident_open(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        struct filled filled;
        struct incident *incident;

        /* Of groups there may be one of each mode, reason and permission; of outages one of each mode; and a
         * key may flap in several ways. */
        if (!incident_kind_is_group(n->kind) && n->kind != INCIDENT_STRIPE_OUTAGE &&
            n->kind != INCIDENT_KEY_FLAPPING && incident_find(e, key, n->kind))
                return NULL;
        bool silent = flapping_silences(e, key, n->kind);

        incident = incident_new(e, key, n);
        n->incident = incident->id;
        if (key && !silent)
                list_under(incident, n, group_join(e, key, n, "", incident));
        incident_fill(e, key, n, first_wall, incident->number, "", &filled);
        incident->since = n->since;
        describe(incident, n);
        incident->quiet = n->phase == NOTICE_LISTED;
        incident_link(e, key, incident);
        if (!silent)
                memcpy(incident->event_id, filled.event_id, sizeof(incident->event_id));
        incident_write(e, incident);
        if (!silent)
                incident_emit(e, key, n);
        filled_done(&filled);
        recorder_changed(e, !silent);
        reminder_expect(e, incident);
        return incident;
}

bool incident_is_silent(const struct incident *incident)
{
        return incident->event_id[0] == '\0';
}

/* An acknowledgement covers what was said then. */
static void ack_end(struct incident *incident)
{
        incident->acknowledged = incident->acknowledged_until = 0;
}

/* More of them is told like an incident of its own, fewer for the record only (SILENCE_SHRUNK_MAX). */
static void update_permissions(struct engine *e, struct key *key, struct incident *incident, struct notice *n)
{
        n->quiet = !ids_grew(incident->detail, n->missing ? n->missing : n->excess);
        if (n->quiet)
                return;
        ack_end(incident);
        list_under(incident, n, group_join(e, key, n, incident->detail, incident));
}

/* Tells one change of it from the next. About a key it is how many events of its kind there were, so that who
 * goes on from a copy of the database, or from before a crash, says the same. */
static int64_t change_number(struct engine *e, const struct key *key, const struct incident *incident)
{
        uint32_t stored = 0;

        if (!key)
                return e->last_event + 1;
        (void) store_event_number(e->parts.store, key->id, incident->kind, &stored);
        return (int64_t) stored + batch_event_number(recorder_batch(e), key->id, incident->kind);
}

void incident_update(struct engine *e, struct key *key, struct incident *incident, struct notice *n)
{
        struct filled filled;
        char mark[48];

        n->incident = incident->id;
        n->since = incident->since;
        if (key && (n->missing || n->excess))
                update_permissions(e, key, incident, n);
        else
                ack_end(incident);
        snprintf(mark, sizeof(mark), "update %" PRId64, change_number(e, key, incident));
        incident_fill(e, key, n, incident->since, incident->number, mark, &filled);
        describe(incident, n);
        incident->quiet = incident->quiet && n->phase == NOTICE_LISTED;
        incident_count(e, incident);
        incident_write(e, incident);
        if (!incident_is_silent(incident))
                incident_emit(e, key, n);
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
        incident_fill(e, key, &n, incident->since, incident->number, "", &filled);
        memcpy(incident->event_id, filled.event_id, sizeof(incident->event_id));
        incident->reminded = engine_steady_wall(e);
        incident_write(e, incident);
        incident_emit(e, key, &n);
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
                .since = incident->since,
                .count = incident->count,
                .has_count = incident_kind_is_group(incident->kind),
        };
        struct findings f = { 0 };
        struct filled filled;
        char mark[48];

        findings_put(e, key, &n, &f);
        if (!n.missing && !n.excess)
                n.detail = incident->detail;
        snprintf(mark, sizeof(mark), "%u", incident->reminders);
        incident_fill(e, key, &n, incident->since, incident->number, mark, &filled);
        incident_emit(e, key, &n);
        filled_done(&filled);
        findings_done(&f);
}

static void close_incident(struct engine *e, struct key *key, struct incident *incident)
{
        incident->cleared = engine_wall(e);
        incident_unlink(e, key, incident);
        incident_write(e, incident);
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
                .quiet = incident->quiet,
                .mode = incident->mode,
                .reason = reason,
                .since = incident->since,
                .count = incident->count,
                .has_count = incident->count > 0 || incident_kind_is_group(incident->kind),
        };

        incident_fill(e, key, &n, incident->since, incident->number, "", &filled);
        incident_emit(e, key, &n);
        filled_done(&filled);
        close_incident(e, key, incident);
        recorder_changed(e, true);
}

void event_emit(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        struct filled filled;
        char mark[80] = "";

        if (n->coupon)
                snprintf(mark, sizeof(mark), "%s", n->coupon);
        else if (!key || n->action) /* many within a second, or on a clock that was set back */
                snprintf(mark, sizeof(mark), "%" PRId64, e->last_event + 1);
        incident_fill(e, key, n, first_wall, first_wall, mark, &filled);
        incident_emit(e, key, n);
        filled_done(&filled);
}
