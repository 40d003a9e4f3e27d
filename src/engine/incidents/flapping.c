/* A key that keeps changing in one way is told once, and changes of that kind stay silent until none came for
 * a day; everything else about the key is told as ever. They are counted among the stored incidents, so a
 * restart forgets nothing. What was told before the silence is taken back in it as well; what opens in the
 * silence and outlasts it is told at its end. A silence of a week ends so, too: the next change begins
 * another. */
#include "engine/incidents/incidents.h"
#include "model/silence.h"

#define CHANGES_MAX 4
#define WINDOW      SEC_PER_DAY

/* Kinds that are one way of changing, and what it is called. */
static const struct family {
        enum reason name;
        enum incident_kind kinds[INCIDENT_CHANGES_KINDS];
        size_t n;
} families[] = {
        { REASON_KEY_REVOKED, { INCIDENT_KEY_REVOKED, INCIDENT_KEY_EXPIRED, INCIDENT_KEY_INVALID }, 3 },
        { REASON_KEY_BLOCKED, { INCIDENT_KEY_BLOCKED }, 1 },
        { REASON_KEY_ACCOUNT_REFUSED, { INCIDENT_KEY_ACCOUNT_REFUSED }, 1 },
        { REASON_KEY_PERMISSIONS_MISSING, { INCIDENT_KEY_PERMISSIONS_MISSING }, 1 },
};

static bool family_has(const struct family *family, enum incident_kind kind)
{
        for (size_t i = 0; i < family->n; i++)
                if (family->kinds[i] == kind)
                        return true;
        return false;
}

static const struct family *family_of(enum incident_kind kind)
{
        for (size_t i = 0; i < ELEMENTSOF(families); i++)
                if (family_has(&families[i], kind))
                        return &families[i];
        return NULL;
}

static struct incident *open_of(const struct key *key, const struct family *family)
{
        struct incident *i = key->incidents;

        while (i && !(i->kind == INCIDENT_KEY_FLAPPING && reasons_have(i->reasons, family->name)))
                i = i->next;
        return i;
}

/* With its current secret. Without the database there is no history to count in: then everything is told. */
static unsigned count_changes(const struct engine *e, const struct key *key, const struct family *family,
                              int64_t *ret_first)
{
        int64_t now = engine_wall(e), since = MAX(now - WINDOW, key->secret_since);
        unsigned n;

        if (store_incident_changes(e->parts.store, key->id, family->kinds, family->n, since, now, &n,
                                   ret_first) < 0)
                return 0;
        return n;
}

bool flapping_silences(struct engine *e, struct key *key, enum incident_kind kind)
{
        const struct family *family = key ? family_of(kind) : NULL;
        int64_t first = 0;

        if (!family)
                return false;
        if (open_of(key, family))
                return true;
        unsigned n = count_changes(e, key, family, &first) + 1; /* this one is not recorded yet */
        if (n <= CHANGES_MAX)
                return false;
        struct notice notice = {
                .kind = INCIDENT_KEY_FLAPPING,
                .reason = reason_name(family->name),
                .since = first,
                .count = n,
                .has_count = true,
                .detail = reason_name(family->name),
        };
        incident_open(e, key, &notice, engine_wall(e));
        return true;
}

/* The silence is over: tell of what opened in it and is still open. */
static void end_silence(struct engine *e, struct key *key, struct incident *open, const struct family *family,
                        const char *reason)
{
        struct incident *next;

        incident_clear(e, key, open, reason);
        for (struct incident *i = key->incidents; i; i = next) {
                next = i->next;
                if (family_has(family, i->kind) && incident_is_silent(i))
                        incident_announce(e, key, i);
        }
}

void flapping_review(struct engine *e, struct key *key)
{
        int64_t first;

        for (size_t i = 0; key->incidents && i < ELEMENTSOF(families); i++) {
                struct incident *open = open_of(key, &families[i]);
                int64_t age = open ? engine_wall(e) - open->opened : 0;

                if (!open || age < WINDOW || key_is_suspect(key))
                        continue;
                if (count_changes(e, key, &families[i], &first) == 0)
                        end_silence(e, key, open, &families[i], "steady");
                else if (age >= SILENCE_FLAPPING_MAX)
                        end_silence(e, key, open, &families[i], "week");
        }
}
