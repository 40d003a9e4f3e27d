#include "engine/watch/mass.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "engine/watch/watch.h"

#define THRESHOLD     20
#define FLEET_MIN     50 /* from this size on a tenth of the fleet is enough */
#define WINDOW        (10 * USEC_PER_MINUTE)
#define CLOSING_AFTER (10 * USEC_PER_MINUTE)
#define LOOK_EVERY    USEC_PER_MINUTE

enum mass_kind {
        MASS_REVOKED,
        MASS_BLOCKED,
        _MASS_MAX,
};

static const char *const reasons[] = { [MASS_REVOKED] = "revoked", [MASS_BLOCKED] = "blocked" };

/* The latest accounts that lost a key; as many as decide. */
struct tally {
        struct {
                int64_t account;
                usec_t when;
        } recent[THRESHOLD];
        size_t next;
};

struct mass {
        struct tally tallies[_MASS_MAX];
        void *joined[_MASS_MAX]; /* tree of int64_t: the accounts that the open incident counts */
        uint32_t n_joined[_MASS_MAX];
        usec_t last_joined[_MASS_MAX];
        struct alarm closing;
};

static void on_closing(struct alarm *alarm, void *userdata);

int mass_new(struct engine *e, struct mass **ret)
{
        struct mass *mass = calloc(1, sizeof(*mass));

        (void) e;
        if (!mass)
                return -ENOMEM;
        mass->closing.ring = on_closing;
        *ret = mass;
        return 0;
}

static void joined_clear(struct mass *mass, enum mass_kind kind)
{
        tdestroy(mass->joined[kind], free);
        mass->joined[kind] = NULL;
        mass->n_joined[kind] = 0;
}

struct mass *mass_free(struct mass *mass)
{
        if (!mass)
                return NULL;
        for (int kind = 0; kind < _MASS_MAX; kind++)
                joined_clear(mass, (enum mass_kind) kind);
        return mfree(mass);
}

/* A key whose account is not known counts as an account of its own. */
static int64_t account_of(const struct key *key)
{
        return key->account_id ? key->account_id : -key->id;
}

static int compare(const void *left, const void *right)
{
        int64_t a = *(const int64_t *) left, b = *(const int64_t *) right;

        return (a > b) - (a < b);
}

/* True if it had not joined before. */
static bool join(struct mass *mass, enum mass_kind kind, int64_t account)
{
        int64_t *own = malloc(sizeof(*own));
        int64_t **found;

        if (!own)
                abort();
        *own = account;
        found = tsearch(own, &mass->joined[kind], compare);
        if (!found)
                abort();
        if (*found != own) {
                free(own);
                return false;
        }
        mass->n_joined[kind]++;
        return true;
}

static struct incident *mass_incident(const struct engine *e, enum mass_kind kind)
{
        for (struct incident *incident = e->incidents; incident; incident = incident->next)
                if (incident->kind == INCIDENT_MASS_REVOCATION &&
                    (strstr(incident->reason, reasons[MASS_BLOCKED]) != NULL) == (kind == MASS_BLOCKED))
                        return incident;
        return NULL;
}

static bool is_unconfirmed(const struct incident *incident)
{
        return strstr(incident->reason, "unconfirmed") != NULL;
}

/* --- how many --- */

static size_t threshold(const struct engine *e)
{
        return e->n_keys < FLEET_MIN ? THRESHOLD : MIN((size_t) THRESHOLD, (e->n_keys + 9) / 10);
}

static void tally_add(struct tally *t, int64_t account, usec_t when)
{
        size_t slot = t->next;

        for (size_t i = 0; i < THRESHOLD; i++)
                if (t->recent[i].when && t->recent[i].account == account)
                        slot = i;
        if (slot == t->next)
                t->next = (t->next + 1) % THRESHOLD;
        if (t->recent[slot].account != account)
                t->recent[slot].when = 0;
        t->recent[slot].account = account;
        t->recent[slot].when = MAX(t->recent[slot].when, when);
}

static bool tally_holds(const struct tally *t, size_t i, usec_t now)
{
        return t->recent[i].when && now - t->recent[i].when < WINDOW;
}

/* How many accounts within the last ten minutes, with this one. */
static size_t tally_count_with(const struct tally *t, int64_t account, usec_t now)
{
        size_t n = 1;

        for (size_t i = 0; i < THRESHOLD; i++)
                n += tally_holds(t, i, now) && t->recent[i].account != account;
        return n;
}

/* Is this one of many? */
static bool is_mass(const struct engine *e, enum mass_kind kind, const struct key *key)
{
        return mass_incident(e, kind) ||
               tally_count_with(&e->mass->tallies[kind], account_of(key), engine_now(e)) >= threshold(e);
}

static bool anybody_doubted(const struct engine *e)
{
        for (size_t i = 0; i < e->n_keys; i++)
                if (e->keys[i]->belief.life == LIFE_HELD)
                        return true;
        return false;
}

/* Accounts whose keys are doubted, with those that have joined. */
static size_t count_doubted(const struct engine *e, const struct mass *mass)
{
        void *seen = NULL;
        size_t n = 0;

        for (size_t i = 0; i < e->n_keys; i++) {
                int64_t *account = key_is_suspect(e->keys[i]) ? malloc(sizeof(*account)) : NULL;

                if (!account)
                        continue;
                *account = account_of(e->keys[i]);
                int64_t **found = tsearch(account, &seen, compare);
                if (found && *found == account && !tfind(account, &mass->joined[MASS_REVOKED], compare))
                        n++;
                else if (!found || *found != account)
                        free(account);
        }
        tdestroy(seen, free);
        return n;
}

/* --- the incident --- */

static struct incident *mass_open(struct engine *e, enum mass_kind kind, const char *reason)
{
        struct mass *mass = e->mass;
        struct incident *incident = mass_incident(e, kind);
        usec_t now = engine_now(e);

        mass->last_joined[kind] = now;
        if (!alarm_waits(&mass->closing))
                agenda_set(e->agenda, &mass->closing, now + LOOK_EVERY);
        if (incident)
                return incident;

        joined_clear(mass, kind);
        for (size_t i = 0; i < THRESHOLD; i++)
                if (tally_holds(&mass->tallies[kind], i, now))
                        (void) join(mass, kind, mass->tallies[kind].recent[i].account);
        size_t n = mass->n_joined[kind];
        if (strstr(reason, "unconfirmed"))
                n += count_doubted(e, mass);
        struct notice notice = {
                .kind = INCIDENT_MASS_REVOCATION, .reason = reason, .count = n, .has_count = true
        };
        return incident_open(e, NULL, &notice, engine_wall(e));
}

/* Nobody was called dead until now, and this was said; now some are. */
static void confirm(struct engine *e, struct incident *incident)
{
        struct notice n = {
                .kind = INCIDENT_MASS_REVOCATION,
                .reason = reasons[MASS_REVOKED],
                .count = e->mass->n_joined[MASS_REVOKED] + count_doubted(e, e->mass),
                .has_count = true,
        };

        incident_update(e, NULL, incident, &n);
        incident->count = e->mass->n_joined[MASS_REVOKED];
}

static bool is_over(const struct engine *e, enum mass_kind kind, const struct incident *incident)
{
        if (outage_is_open(e) || (kind == MASS_REVOKED && anybody_doubted(e)))
                return false; /* who may join yet cannot tell */
        return is_unconfirmed(incident) || engine_now(e) - e->mass->last_joined[kind] >= CLOSING_AFTER;
}

static void on_closing(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;

        for (int kind = 0; kind < _MASS_MAX; kind++) {
                struct incident *incident = mass_incident(e, (enum mass_kind) kind);

                if (incident && outage_is_open(e)) /* nobody could join: that time does not count */
                        e->mass->last_joined[kind] = engine_now(e);
                if (incident && is_over(e, (enum mass_kind) kind, incident))
                        incident_clear(e, NULL, incident, incident->reason);
        }
        if (mass_incident(e, MASS_REVOKED) || mass_incident(e, MASS_BLOCKED))
                agenda_set(e->agenda, alarm, engine_now(e) + LOOK_EVERY);
}

void mass_witnessed(struct engine *e, struct key *key)
{
        if (key->belief.holds == 0 && is_mass(e, MASS_REVOKED, key)) {
                mass_open(e, MASS_REVOKED, reasons[MASS_REVOKED]);
                life_event(e, key, BELIEF_WITNESS_DOUBTFUL, NULL);
        } else {
                life_event(e, key, BELIEF_WITNESS_HEALTHY, NULL);
        }
}

void mass_hold(struct engine *e, struct key *key)
{
        /* The first hold passed and nothing changed: this is told, but not believed. */
        if (key->belief.holds == 2)
                mass_open(e, MASS_REVOKED, "revoked unconfirmed");
}

static void list(struct engine *e, struct key *key, struct notice *n, int64_t first_wall, enum mass_kind kind)
{
        struct incident *mass = mass_open(e, kind, reasons[kind]);

        bool joins = join(e->mass, kind, account_of(key));

        if (is_unconfirmed(mass))
                confirm(e, mass);
        else if (joins)
                mass->count++;
        batch_incident(recorder_batch(e), mass);
        n->phase = NOTICE_LISTED;
        n->incident = mass->id;
        incident_open(e, key, n, first_wall);
}

static void tell(struct engine *e, struct key *key, struct notice *n, int64_t first_wall, enum mass_kind kind)
{
        if (is_mass(e, kind, key))
                list(e, key, n, first_wall, kind);
        else
                incident_open(e, key, n, first_wall);
        tally_add(&e->mass->tallies[kind], account_of(key), engine_now(e));
}

void mass_death(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        tell(e, key, n, first_wall, MASS_REVOKED);
}

void mass_blocked(struct engine *e, struct key *key, struct notice *n)
{
        tell(e, key, n, engine_wall(e), MASS_BLOCKED);
}

/* --- after a restart --- */

static bool counts_as(const struct incident *incident, enum mass_kind *ret)
{
        *ret = incident->kind == INCIDENT_KEY_BLOCKED ? MASS_BLOCKED : MASS_REVOKED;
        return incident->kind == INCIDENT_KEY_BLOCKED || incident->kind == INCIDENT_KEY_REVOKED ||
               incident->kind == INCIDENT_KEY_EXPIRED || incident->kind == INCIDENT_KEY_INVALID;
}

/* The instant of the loop's clock that this second was. */
static usec_t instant_of(const struct engine *e, int64_t wall)
{
        usec_t age = (usec_t) MAX(engine_wall(e) - wall, INT64_C(0)) * USEC_PER_SEC;

        return engine_now(e) > age ? engine_now(e) - age : 1;
}

static void remember(struct engine *e, const struct key *key, const struct incident *incident)
{
        usec_t when = instant_of(e, incident->opened);
        enum mass_kind kind;

        if (!counts_as(incident, &kind))
                return;
        if (engine_wall(e) - incident->opened < (int64_t) (WINDOW / USEC_PER_SEC))
                tally_add(&e->mass->tallies[kind], account_of(key), when);

        const struct incident *mass = mass_incident(e, kind);
        if (mass && (incident->parent == mass->id ||
                     (incident->parent == 0 && incident->opened <= mass->opened &&
                      mass->opened - incident->opened < (int64_t) (WINDOW / USEC_PER_SEC))))
                (void) join(e->mass, kind, account_of(key));
        if (mass && incident->parent == mass->id)
                e->mass->last_joined[kind] = MAX(e->mass->last_joined[kind], when);
}

void mass_resume(struct engine *e)
{
        for (int kind = 0; kind < _MASS_MAX; kind++) {
                const struct incident *incident = mass_incident(e, (enum mass_kind) kind);

                if (!incident)
                        continue;
                e->mass->last_joined[kind] = instant_of(e, incident->opened);
                agenda_set(e->agenda, &e->mass->closing, engine_now(e) + LOOK_EVERY);
        }
        for (size_t i = 0; i < e->n_keys; i++)
                for (const struct incident *incident = e->keys[i]->incidents; incident;
                     incident = incident->next)
                        remember(e, e->keys[i], incident);
}
