/* What a key may do, against what its profile wants. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/ids.h"
#include "engine/watch/watch.h"
#include "stripe/findings.h"

/* So many answers that tell nothing end a doubt. */
#define DOUBT_REPEATS 8

static struct doubt *doubt_find(struct work *w, unsigned row, enum level level)
{
        for (size_t i = 0; w && i < w->n_doubts; i++)
                if (w->doubts[i].item.row == row && w->doubts[i].item.level == level)
                        return &w->doubts[i];
        return NULL;
}

static void doubt_drop(struct work *w, struct doubt *doubt)
{
        *doubt = w->doubts[--w->n_doubts];
}

void doubt_put_off(struct engine *e, struct key *key, unsigned row, enum level level)
{
        struct doubt *doubt = doubt_find(key->work, row, level);

        if (!doubt)
                return;
        if (key->work->repeats >= DOUBT_REPEATS) {
                doubt_drop(key->work, doubt);
                key->work->repeats = 0;
        } else {
                doubt->when = engine_now(e) + schedule_repeat(key->work->repeats++);
        }
}

static struct doubt *doubt_new(struct work *w)
{
        w->doubts = memory_sure(reallocarray(w->doubts, w->n_doubts + 1, sizeof(*w->doubts)));
        return &w->doubts[w->n_doubts++];
}

static bool is_implied_by(const struct permission *p, unsigned row)
{
        for (size_t i = 0; i < p->n_implied_by; i++)
                if (p->implied_by[i] == row)
                        return true;
        return false;
}

/* A lost permission may have taken others along that came with it. They count as unknown until they are asked
 * again; otherwise each would be taken for a right of its own that is too much. What the profile requires is
 * asked anyway. */
static void doubt_implied(struct engine *e, struct key *key, unsigned row)
{
        for (unsigned other = 0; other < e->parts.catalogue->n; other++) {
                const struct permission *p = &e->parts.catalogue->rows[other];

                if (is_implied_by(p, row) && profile_requires(key_profile(e, key), other) == LEVEL_NONE &&
                    grant_level(grants_get(&key->grants, p->slot)) != LEVEL_NONE)
                        grants_put(&key->grants, p->slot, GRANT_UNKNOWN);
        }
}

/* Something that it must have is missing since then. */
static void note_missing(struct engine *e, struct key *key, unsigned row, enum level level,
                         int64_t since_wall)
{
        struct work *w;

        if (profile_requires(key_profile(e, key), row) < level)
                return;
        w = key_work(key);
        w->missing_since = w->missing_since ? MIN(w->missing_since, since_wall) : since_wall;
}

/* Where the profile was changed: was it that, or an answer? */
static void note_change(struct key *key, int known, bool granted)
{
        struct work *w = key->wanted_anew ? key_work(key) : NULL;

        if (w && granted)
                w->gained = true;
        else if (w && known > 0)
                w->lost = true;
}

static void permission_believe(struct engine *e, struct key *key, unsigned row, enum level level,
                               bool granted, int64_t since_wall)
{
        unsigned slot = e->parts.catalogue->rows[row].slot;
        enum grant before = grants_get(&key->grants, slot), after = grant_seen(before, level, granted);

        if (after == before)
                return;
        grants_put(&key->grants, slot, after);
        key->review = true;
        note_change(key, grant_has(before, level), granted);
        if (!granted)
                note_missing(e, key, row, level, since_wall);
        if (grant_level(after) < grant_level(before))
                doubt_implied(e, key, row);
        key->unsaved = true;
        if (grant_has(before, level) < 0) /* that it is seen for the first time is no change */
                return;
        batch_permission(recorder_batch(e), key->id, slot, before, after, since_wall);
        batch_key(recorder_batch(e), key);
        recorder_changed(e, false);
}

/* A required permission that seems to have been lost, or to be back: the second agreeing answer decides. */
static bool must_agree_twice(const struct engine *e, const struct key *key, unsigned row, enum level level,
                             int known, bool granted)
{
        if (level > profile_requires(key_profile(e, key), row))
                return false;
        return granted ? known == 0 : known != 0;
}

/* The first of two answers is kept as a doubt. False: it is the second one, and it agrees. */
static bool permission_is_doubted(struct engine *e, struct key *key, struct doubt *doubt, struct item item,
                                  bool granted)
{
        struct work *w = key_work(key);

        if (doubt && doubt->granted == granted)
                /* Too soon after the first it counts as no second. */
                return engine_now(e) - doubt->since < SCHEDULE_RECHECK;
        if (!doubt)
                doubt = doubt_new(w);
        *doubt = (struct doubt){ .item = item,
                                 .granted = granted,
                                 .since = engine_now(e),
                                 .since_wall = engine_wall(e),
                                 .when = engine_now(e) + SCHEDULE_RECHECK };
        return true;
}

void permission_answer(struct engine *e, struct key *key, unsigned row, enum level level, bool granted)
{
        int known = grant_has(grants_get(&key->grants, e->parts.catalogue->rows[row].slot), level);
        struct item item = { .row = (uint16_t) row, .level = (uint8_t) level };
        struct doubt *doubt = doubt_find(key->work, row, level);
        int64_t since_wall = doubt && doubt->granted == granted ? doubt->since_wall : engine_wall(e);

        if (known != (int) granted) {
                if (must_agree_twice(e, key, row, level, known, granted) &&
                    permission_is_doubted(e, key, doubt, item, granted))
                        return;
                permission_believe(e, key, row, level, granted, since_wall);
        }
        if (doubt)
                doubt_drop(key->work, doubt);
}

void permission_feature_off(struct engine *e, struct key *key, unsigned row)
{
        unsigned slot = e->parts.catalogue->rows[row].slot;

        if (grants_get(&key->grants, slot) != GRANT_UNKNOWN)
                return;
        grants_put(&key->grants, slot, GRANT_OFF);
        key_count(e, key);
        batch_key(recorder_batch(e), key);
        recorder_changed(e, false);
}

/* Is what was found due to a changed profile? Where nothing new was found it is as it was. */
static bool is_by_profile(const struct key *key, const struct incident *open, const char *found, bool changed)
{
        if (open && !ids_grew(open->detail, found))
                return reasons_have(open->reasons, REASON_PROFILE);
        return key->wanted_anew && !changed;
}

/* `since_wall`: the first refusal. */
static void review_missing(struct engine *e, struct key *key, const struct findings *f, int64_t since_wall)
{
        struct incident *open = incident_find(e, key, INCIDENT_KEY_PERMISSIONS_MISSING);
        bool by_profile = is_by_profile(key, open, f->missing, key->work && key->work->lost);
        struct notice n = {
                .kind = INCIDENT_KEY_PERMISSIONS_MISSING,
                .reason = by_profile ? reason_name(REASON_PROFILE) : NULL,
                .missing = f->missing,
                .missing_labels = f->missing_labels,
                /* One that was stored so was never well. */
                .previous_state =
                        state_name(key->missing && !open ? STATE_UNVERIFIED : (enum state) key->state),
                .count = f->n_missing,
                .has_count = true,
        };

        key->missing = f->n_missing > 0;
        if (open && f->n_missing == 0)
                incident_clear(e, key, open, "granted-again");
        else if (!open && f->n_missing > 0)
                incident_open(e, key, &n, since_wall);
        else if (open && strcmp(open->detail, f->missing) != 0)
                incident_update(e, key, open, &n);
}

/* What moves money or shows personal data weighs most; so does any right to write where none is needed. */
static int excess_priority(const struct profile *profile, const struct findings *f, bool live)
{
        int priority = incident_kind_priority(INCIDENT_KEY_PERMISSIONS_EXCESS, live);
        bool reads_only = true;

        for (size_t i = 0; i < profile->n_required; i++)
                reads_only = reads_only && profile->required[i].level != LEVEL_WRITE;
        return f->worst <= RISK_PERSONAL || (reads_only && f->excess_writes) ? priority : priority + 1;
}

static void review_excess(struct engine *e, struct key *key, const struct findings *f)
{
        struct incident *open = incident_find(e, key, INCIDENT_KEY_PERMISSIONS_EXCESS);
        bool by_profile = is_by_profile(key, open, f->excess, key->work && key->work->gained);
        char reason[48];
        struct notice n = {
                .kind = INCIDENT_KEY_PERMISSIONS_EXCESS,
                .priority = excess_priority(key_profile(e, key), f, key_is_live_mode(key)),
                .excess = f->excess,
                .excess_labels = f->excess_labels,
                .reason = reason,
                .count = f->n_excess,
                .has_count = true,
        };

        snprintf(reason, sizeof(reason), "%s%s%s", risk_name(f->worst), by_profile ? " " : "",
                 by_profile ? reason_name(REASON_PROFILE) : "");
        if (key->kind != KIND_RESTRICTED || (!open && f->n_excess == 0))
                return;
        if (open && f->n_excess == 0)
                incident_clear(e, key, open, "taken-away");
        else if (!open && excess_is_swept(e, key))
                incident_open(e, key, &n, engine_wall(e));
        else if (open && strcmp(open->detail, f->excess) != 0)
                incident_update(e, key, open, &n);
}

/* What is asked no more cannot be told, whatever was seen once: no answer would ever correct it. */
static void forget_unasked(struct engine *e, struct key *key)
{
        for (unsigned row = 0; row < e->parts.catalogue->n; row++) {
                const struct permission *p = &e->parts.catalogue->rows[row];
                enum level known = grant_level(grants_get(&key->grants, p->slot));

                if (known == LEVEL_NONE || permission_probe(p, known, key_is_live_mode(key)))
                        continue;
                grants_put(&key->grants, p->slot, GRANT_UNKNOWN);
                key->unsaved = true;
        }
}

void permission_revived(struct engine *e, struct key *key)
{
        const struct profile *profile = key_profile(e, key);
        bool any = false;

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned slot = e->parts.catalogue->rows[profile->required[i].row].slot;

                if (grant_has(grants_get(&key->grants, slot), profile->required[i].level) != 0)
                        continue;
                grants_put(&key->grants, slot, GRANT_UNKNOWN);
                any = key->unsaved = true;
        }
        if (any)
                series_full_soon(e, key);
}

void permission_review(struct engine *e, struct key *key)
{
        bool was_missing = key->missing;
        int64_t since_wall = engine_wall(e);
        struct findings f;

        if (!key->review || key->belief.life != LIFE_ALIVE)
                return;
        key->review = false;
        key_count(e, key);
        if (key->work && key->work->missing_since) {
                since_wall = key->work->missing_since;
                key->work->missing_since = 0;
        }
        forget_unasked(e, key);
        findings_make(e->parts.catalogue, key_profile(e, key), &key->grants, key_is_live_mode(key), &f);
        review_missing(e, key, &f, since_wall);
        review_excess(e, key, &f);
        if (key->work)
                key->work->lost = key->work->gained = false;
        uint32_t mark = findings_mark(f.missing, f.excess);
        if (mark != key->findings)
                batch_findings(recorder_batch(e), key->id, f.missing, f.excess);
        if (mark != key->findings || key->missing != was_missing)
                key_changed_at(e, key, since_wall);
        key->findings = mark;
        findings_done(&f);
}
