/* Walks over all keys in the order of their rows, once in a quarter of an hour, slice by slice: writes
 * what is only counted in memory, and looks for what no answer tells – keys without verdict for too long,
 * keys whose turn passed, secrets that grow old. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/requests/limiter.h"
#include "engine/watch/watch.h"

#define WALK_SECONDS    900
#define WALK_STEP       (USEC_PER_SEC / 10) /* between two slices, unless one of a single key comes more seldom */
#define OVERDUE_PERIODS 3
#define EXPIRY_NOTICE   (14 * SEC_PER_DAY)
#define EXPIRE_ROWS     500
#define EXPIRE_EVERY    (100 * USEC_PER_MSEC)
#define WALK_BEHIND     USEC_PER_SEC
/* After the start; then after each walk. */
#define EXPIRE_FIRST USEC_PER_MINUTE
/* Counts are written at the stop if it takes no longer, so many rows at once. */
#define SAVE_WITHIN (3 * USEC_PER_SEC / 2)
#define SAVE_ROWS   2000

struct housekeeping {
        struct alarm alarm, retention;
        int64_t expire_before; /* what retention has been deleting since the last walk */
        size_t next;
        size_t overdue, overdue_so_far; /* of the last walk, of this one */
        size_t paused_so_far;           /* without a date */
};

static void housekeeping_on_alarm(struct alarm *alarm, void *userdata);
static void housekeeping_on_retention(struct alarm *alarm, void *userdata);

int housekeeping_new(struct engine *e)
{
        e->housekeeping = calloc(1, sizeof(*e->housekeeping));
        if (!e->housekeeping)
                return -ENOMEM;
        e->housekeeping->alarm.ring = housekeeping_on_alarm;
        e->housekeeping->retention.ring = housekeeping_on_retention;
        return 0;
}

void housekeeping_free(struct engine *e)
{
        free(e->housekeeping);
        e->housekeeping = NULL;
}

size_t housekeeping_overdue(const struct engine *e)
{
        return MAX(e->housekeeping->overdue, e->housekeeping->overdue_so_far);
}

/* Was there time to ask it since we could? After a pause of the daemon nobody is to blame for what was not
 * asked. */
static bool had_its_chance(const struct engine *e, const struct key *key)
{
        return engine_now(e) - e->watching_since > OVERDUE_PERIODS * key_period(e, key);
}

static bool housekeeping_is_watched(const struct engine *e, const struct key *key)
{
        return key->paused_until <= engine_wall(e);
}

/* Every question that would do is told of as one that the catalogue asks in vain: that is one trouble, not
 * one of each key. */
static bool is_unaskable(const struct engine *e, const struct key *key)
{
        struct item item = pulse_item(e, key);

        return item.row == ROW_NONE || stale_is_told(e, item.row, (enum level) item.level);
}

static void check_verdict(struct engine *e, struct key *key)
{
        int64_t limit = (int64_t) (e->parts.settings->checks.unverified_after / USEC_PER_SEC);
        int64_t last = MAX(key->last_checked, key->added);
        struct incident *open = incident_find(e, key, INCIDENT_KEY_UNVERIFIED);
        struct notice n = { .kind = INCIDENT_KEY_UNVERIFIED,
                            .detail = key->work && key->work->last_text ? key->work->last_text : "",
                            .since = last };

        if (engine_wall(e) - last < limit && !key->unlisted)
                incident_clear(e, key, open, "verified");
        else if (!open && key->belief.life != LIFE_DEAD && had_its_chance(e, key) &&
                 !outage_excuses(e, key) && !is_unaskable(e, key))
                incident_open(e, key, &n, last);
}

/* When the current secret was made, as far as we know. */
static int64_t secret_born(const struct key *key)
{
        return key->created ? key->created : key->secret_since ? key->secret_since : key->added;
}

static void check_rotation(struct engine *e, struct key *key)
{
        usec_t due = key_profile(e, key)->rotation_due ? key_profile(e, key)->rotation_due
                                                       : e->parts.settings->rotation.due;
        int64_t wall = engine_wall(e), old_at = secret_born(key) + (int64_t) (due / USEC_PER_SEC);
        bool expiring = key->expires != 0 && key->expires - EXPIRY_NOTICE <= wall;
        struct incident *open = incident_find(e, key, INCIDENT_KEY_ROTATION_DUE);
        int64_t since = expiring ? key->expires - EXPIRY_NOTICE : old_at;
        struct notice n = { .kind = INCIDENT_KEY_ROTATION_DUE,
                            .reason = reason_name(expiring ? REASON_EXPIRY : REASON_AGE),
                            .expires = expiring ? key->expires : 0,
                            .since = since };

        if (old_at > wall && !expiring)
                incident_clear(e, key, open, "not-due");
        else if (!open && key->belief.life != LIFE_DEAD)
                incident_open(e, key, &n, wall);
        else if (open && expiring && !reasons_have(open->reasons, REASON_EXPIRY)) /* was a habit */
                incident_update(e, key, open, &n);
}

static void check_unrestricted(struct engine *e, struct key *key)
{
        struct incident *open = incident_find(e, key, INCIDENT_KEY_UNRESTRICTED);
        int64_t since = key->secret_since ? key->secret_since : key->added;
        struct notice n = { .kind = INCIDENT_KEY_UNRESTRICTED, .since = since };

        if (key->kind != KIND_SECRET)
                incident_clear(e, key, open, "replaced");
        else if (!open && key->belief.life == LIFE_ALIVE)
                incident_open(e, key, &n, engine_wall(e));
}

/* Is there a key left that could see to the account's coupons? */
static bool account_lives(const struct engine *e, const struct key *key)
{
        if (key->belief.life != LIFE_DEAD)
                return true;
        for (const struct key *other = keys_of_account(e, key->account_id); other;
             other = other->same_account)
                if (other->belief.life != LIFE_DEAD && other->mode == key->mode)
                        return true;
        return false;
}

/* Nobody can or wants to see to them any more: an incident that could never end. */
static void check_coupons(struct engine *e, struct key *key)
{
        static const enum incident_kind kinds[] = { INCIDENT_PROBE_COUPON_KEPT, INCIDENT_PROBE_COUPON_STUCK };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                struct incident *open = incident_find(e, key, kinds[i]);

                if (!open)
                        continue;
                if (e->parts.settings->coupons.cleanup == CLEANUP_OFF)
                        incident_clear(e, key, open, "cleanup-off");
                else if (!account_lives(e, key))
                        incident_clear(e, key, open, "no-key");
        }
}

void housekeeping_look(struct engine *e, struct key *key)
{
        if (!housekeeping_is_watched(e, key))
                return;
        check_rotation(e, key);
        check_unrestricted(e, key);
        check_coupons(e, key);
}

/* It waits, as a question or, where many do, outside, and neither for a doubt to be settled nor because its
 * account is to be left alone or gets no answer: then it has had its turn when that came. */
static bool is_overdue(const struct engine *e, const struct key *key)
{
        const struct ask *ask = key->work ? key->work->ask : NULL;
        usec_t limit = OVERDUE_PERIODS * key_period(e, key);
        int64_t last = MAX(key->last_checked, MAX(key->added, e->started_wall));

        if (key_is_suspect(key) || outage_strikes(e, key) || limiter_backs_off(e, key))
                return false;
        if (ask && !ask->flying)
                return engine_now(e) - ask->queued > limit;
        return key->put_off &&
               engine_wall(e) - last > (int64_t) ((limit + key_period(e, key)) / USEC_PER_SEC);
}

static void housekeeping_visit(struct engine *e, struct key *key)
{
        if (key->unsaved && !recorder_is_full(e))
                batch_key(recorder_batch(e), key);
        if (!housekeeping_is_watched(e, key)) {
                e->housekeeping->paused_so_far += key->paused_until == INT64_MAX;
                return;
        }
        e->housekeeping->overdue_so_far += is_overdue(e, key);
        check_verdict(e, key);
        housekeeping_look(e, key);
        flapping_review(e, key);
}

/* In the order of rows, from where the walk stands: what was written longest ago comes first. */
int housekeeping_save(struct engine *e)
{
        usec_t until = engine_now(e) + SAVE_WITHIN;
        size_t n = e->n_keys, first = e->housekeeping->next;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                struct key *key = e->keys[(first + i) % n];

                if (key->unsaved)
                        batch_key(recorder_batch(e), key);
                if (batch_size(recorder_batch(e)) < SAVE_ROWS)
                        continue;
                r = recorder_flush(e);
                if (engine_now(e) >= until)
                        return r;
        }
        return r < 0 ? r : recorder_flush(e);
}

static void retention_begin(struct engine *e, usec_t when)
{
        e->housekeeping->expire_before =
                engine_wall(e) - (int64_t) (e->parts.settings->history.keep / USEC_PER_SEC);
        agenda_set(e->agenda, &e->housekeeping->retention, when);
}

static void walk_done(struct engine *e)
{
        struct housekeeping *p = e->housekeeping;
        struct incident *open = incident_find(e, NULL, INCIDENT_WATCH_BEHIND);
        struct notice n = { .kind = INCIDENT_WATCH_BEHIND, .count = p->overdue_so_far, .has_count = true };

        p->overdue = p->overdue_so_far;
        p->overdue_so_far = 0;
        paused_review(e, p->paused_so_far);
        p->paused_so_far = 0;
        p->next = 0;
        if (p->overdue > 0 && !open)
                incident_open(e, NULL, &n, engine_wall(e));
        else if (p->overdue == 0)
                incident_clear(e, NULL, open, "caught-up");
        retention_begin(e, engine_now(e));
}

/* A batch, and then the next, until nothing is left: the file is bounded by how much there is to tell, not by
 * how fast it is forgotten. */
static void housekeeping_on_retention(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        unsigned deleted = 0;
        int r = store_expire(e->parts.store, e->housekeeping->expire_before, EXPIRE_ROWS, &deleted);

        if (r >= 0 && deleted > 0)
                recorder_wrote(e);
        if (r >= 0 && deleted == EXPIRE_ROWS) /* else after the next walk */
                agenda_set(e->agenda, alarm, engine_now(e) + EXPIRE_EVERY);
}

static void housekeeping_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct housekeeping *p = e->housekeeping;
        size_t slice = (size_t) (e->n_keys * WALK_STEP / (WALK_SECONDS * USEC_PER_SEC)) + 1;

        for (size_t i = 0; i < slice && p->next < e->n_keys; i++)
                housekeeping_visit(e, e->keys[p->next++]);
        if (p->next >= e->n_keys)
                walk_done(e);
        if (batch_size(recorder_batch(e)) > 0)
                recorder_changed(e, false);
        /* From when it was due, so that a loop that is behind does not make the walk longer, slice by slice.
         */
        agenda_set(e->agenda, alarm,
                   MAX(alarm->when, engine_now(e) - WALK_BEHIND) +
                           slice * WALK_SECONDS * USEC_PER_SEC / (e->n_keys + 1));
}

void housekeeping_start(struct engine *e)
{
        agenda_set(e->agenda, &e->housekeeping->alarm, engine_now(e) + USEC_PER_SEC);
        retention_begin(e, engine_now(e) + EXPIRE_FIRST);
}
