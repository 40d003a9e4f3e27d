#include "engine/mass.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/internal.h"

#define THRESHOLD     20
#define FLEET_MIN     50 /* from this size on a tenth of the fleet is enough */
#define WINDOW        (10 * USEC_PER_MINUTE)
#define CLOSING_AFTER (10 * USEC_PER_MINUTE)

enum mass_kind {
        MASS_REVOKED,
        MASS_BLOCKED,
        _MASS_MAX,
};

/* The latest accounts that lost a key; as many as decide. */
struct tally {
        struct {
                int64_t account_id, key_id;
                usec_t when;
        } recent[THRESHOLD];
        size_t next;
};

struct mass {
        struct tally tallies[_MASS_MAX];
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

struct mass *mass_free(struct mass *mass)
{
        return mfree(mass);
}

static struct incident *mass_incident(const struct engine *e)
{
        return incident_find(e, NULL, INCIDENT_MASS_REVOCATION);
}

void mass_resume(struct engine *e)
{
        if (mass_incident(e))
                agenda_set(e->agenda, &e->mass->closing, engine_now(e) + CLOSING_AFTER);
}

static bool anybody_held(const struct engine *e)
{
        for (size_t i = 0; i < e->n_keys; i++)
                if (e->keys[i]->belief.life == LIFE_HELD)
                        return true;
        return false;
}

static void on_closing(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct incident *incident = mass_incident(e);

        if (!incident)
                return;
        if (anybody_held(e))
                agenda_set(e->agenda, alarm, engine_now(e) + USEC_PER_MINUTE);
        else
                incident_clear(e, NULL, incident, incident->count > 0 ? "none-joined" : "acquitted");
}

static size_t threshold(const struct engine *e)
{
        return e->n_keys < FLEET_MIN ? THRESHOLD : MIN((size_t) THRESHOLD, (e->n_keys + 9) / 10);
}

static bool same_account(const struct tally *t, size_t i, const struct key *key)
{
        return key->account_id ? t->recent[i].account_id == key->account_id : t->recent[i].key_id == key->id;
}

static void tally_add(struct tally *t, const struct key *key, usec_t now)
{
        size_t slot = t->next;

        for (size_t i = 0; i < THRESHOLD; i++)
                if (t->recent[i].when && same_account(t, i, key))
                        slot = i;
        if (slot == t->next)
                t->next = (t->next + 1) % THRESHOLD;
        t->recent[slot].account_id = key->account_id;
        t->recent[slot].key_id = key->id;
        t->recent[slot].when = now;
}

/* How many accounts within the last ten minutes; never more than THRESHOLD. */
static size_t tally_count(const struct tally *t, usec_t now)
{
        size_t n = 0;

        for (size_t i = 0; i < THRESHOLD; i++)
                n += t->recent[i].when && now - t->recent[i].when < WINDOW;
        return n;
}

/* Would one more be one of many? */
static bool is_mass(const struct engine *e, enum mass_kind kind)
{
        return mass_incident(e) || tally_count(&e->mass->tallies[kind], engine_now(e)) + 1 >= threshold(e);
}

static struct incident *mass_open(struct engine *e, const char *reason)
{
        struct incident *incident = mass_incident(e);
        struct notice n = { .kind = INCIDENT_MASS_REVOCATION, .reason = reason };

        agenda_set(e->agenda, &e->mass->closing, engine_now(e) + CLOSING_AFTER);
        return incident ? incident : incident_open(e, NULL, &n, engine_wall(e));
}

void mass_witnessed(struct engine *e, struct key *key)
{
        if (key->belief.holds == 0 && is_mass(e, MASS_REVOKED)) {
                mass_open(e, "many-at-once");
                life_event(e, key, BELIEF_WITNESS_DOUBTFUL, NULL);
        } else {
                life_event(e, key, BELIEF_WITNESS_HEALTHY, NULL);
        }
}

void mass_hold(struct engine *e, struct key *key)
{
        /* The first hold passed and nothing changed: this is told, but not believed. */
        if (key->belief.holds == 2)
                mass_open(e, "unconfirmed");
}

static void list(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        struct incident *mass = mass_open(e, n->kind == INCIDENT_KEY_BLOCKED ? "blocked" : "many-at-once");

        mass->count++;
        batch_incident(recorder_batch(e), mass);
        n->phase = NOTICE_LISTED;
        struct incident *incident = incident_open(e, key, n, first_wall);
        if (!incident)
                return;
        incident->parent = mass->id;
        batch_incident(recorder_batch(e), incident);
}

static void tell(struct engine *e, struct key *key, struct notice *n, int64_t first_wall, enum mass_kind kind)
{
        bool many = is_mass(e, kind);

        tally_add(&e->mass->tallies[kind], key, engine_now(e));
        if (many)
                list(e, key, n, first_wall);
        else
                incident_open(e, key, n, first_wall);
}

void mass_death(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        tell(e, key, n, first_wall, MASS_REVOKED);
}

void mass_blocked(struct engine *e, struct key *key, struct notice *n)
{
        tell(e, key, n, engine_wall(e), MASS_BLOCKED);
}
