#include "engine/watch/outage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/watch/outage_side.h"

/* Opens when this many are troubled, and this share of those that count. */
#define OPEN_KEYS    5
#define OPEN_PERCENT 20
/* Or, sooner in a large fleet, this many of the newest answers. Higher, so that neither chance nor one
 * connection that went silent reaches it. */
#define OPEN_NEWEST 20
/* It is over when fewer of the newest answers are troubled: half of the opening share. */
#define CLOSE_NEWEST 3

/* The judged answer before a trouble is not older than two pulses and so much. */
#define JUDGED_SLACK (10 * USEC_PER_MINUTE)

/* A troubled key is asked once in so many pulses (SILENCE_TROUBLED_MAX). */
#define SLOWEST 50

#define UNCLEAR_MAX 7

int outage_new(struct engine *e, struct outage **ret)
{
        struct outage *outage = calloc(1, sizeof(*outage));

        (void) e;
        if (!outage)
                return -ENOMEM;
        for (int mode = 0; mode < _MODE_MAX; mode++) {
                outage->sides[mode].mode = (enum key_mode) mode;
                recovery_new(&outage->sides[mode]);
        }
        *ret = outage;
        return 0;
}

struct outage *outage_free(struct outage *outage)
{
        return mfree(outage);
}

bool outage_is_open(const struct engine *e)
{
        for (int mode = 0; mode < _MODE_MAX; mode++)
                if (e->outage->sides[mode].open)
                        return true;
        return false;
}

bool outage_strikes(const struct engine *e, const struct key *key)
{
        return key->troubled && outage_side(e, key)->open;
}

bool outage_skips(const struct engine *e, const struct key *key)
{
        return outage_strikes(e, key) &&
               turn_of(e, key, key_pulse(e, key)) % MIN(1u << key->unclear, (unsigned) SLOWEST) != 0;
}

bool outage_excuses(const struct engine *e, const struct key *key)
{
        const struct side *side = outage_side(e, key);

        return outage_strikes(e, key) || (key->troubled && side->waking) ||
               (key->odd && key->unclear == 0 && engine_now(e) - side->closed < 3 * key_period(e, key));
}

/* --- the keys that count --- */

/* It is troubled no more. */
static void side_release(struct side *side, struct key *key)
{
        if (!key->troubled)
                return;
        key->troubled = false;
        side->troubled--;
        side->twice -= key->unclear > 1;
}

static bool does_count(const struct engine *e, const struct key *key)
{
        return key->paused_until <= engine_wall(e) && key->belief.life != LIFE_DEAD && !key->odd;
}

static void set_counted(struct side *side, struct key *key, bool counted)
{
        if (counted == key->in_sample)
                return;
        side_release(side, key);
        key->in_sample = counted;
        if (counted) {
                side->counted++;
                side->sampled += key->sampled;
        } else {
                side->counted--;
                side->sampled -= key->sampled;
        }
}

void outage_count(struct engine *e, struct key *key)
{
        struct side *side = outage_side(e, key);

        set_counted(side, key, does_count(e, key));
        side_look(e, side);
}

void outage_forget(struct engine *e, struct key *key)
{
        struct side *side = outage_side(e, key);

        set_counted(side, key, false);
        side_look(e, side);
}

static void note_sampled(struct side *side, struct key *key)
{
        if (key->in_sample && !key->sampled)
                side->sampled++;
        key->sampled = true;
}

/* --- the incident --- */

static struct incident *incident_of(const struct engine *e, const struct side *side)
{
        for (struct incident *incident = e->incidents; incident; incident = incident->next)
                if (incident->kind == INCIDENT_STRIPE_OUTAGE &&
                    (strcmp(incident->mode, key_mode_name(MODE_TEST)) == 0) == (side->mode == MODE_TEST))
                        return incident;
        return NULL;
}

/* "connect 12, timeout 3" */
static void causes_text(const struct side *side, char *text, size_t size)
{
        size_t used = 0;

        text[0] = '\0';
        for (int cause = CAUSE_NONE + 1; cause < _CAUSE_MAX; cause++)
                if (side->causes[cause] > 0 && used < size)
                        used += (size_t) snprintf(text + used, size - used, "%s%s %u", used ? ", " : "",
                                                  cause_name((enum cause) cause), side->causes[cause]);
}

static void outage_begin(struct engine *e, struct side *side)
{
        char causes[256];

        causes_text(side, causes, sizeof(causes));
        struct notice n = { .kind = INCIDENT_STRIPE_OUTAGE,
                            .mode = key_mode_name(side->mode),
                            .detail = causes,
                            .count = side->troubled,
                            .has_count = true };
        incident_open(e, NULL, &n, engine_wall(e));
        side->open = true;
        side->opened = engine_now(e);
        side->recovered = (struct newest){ 0 };
        recovery_watch(e, side);
}

static void outage_end(struct engine *e, struct side *side, const char *reason)
{
        side->open = false;
        side->closed = engine_now(e);
        side->newest = (struct newest){ 0 };
        memset(side->causes, 0, sizeof(side->causes));
        incident_clear(e, NULL, incident_of(e, side), reason);
        recovery_begin(e, side);
}

/* --- is there one? --- */

/* How many must be troubled. */
static size_t outage_threshold(const struct side *side)
{
        return MAX(MIN((size_t) OPEN_KEYS, side->counted), (side->counted * OPEN_PERCENT + 99) / 100);
}

static bool sample_is_large(const struct side *side)
{
        return side->sampled >= MIN((size_t) NEWEST_MAX, side->counted);
}

static bool should_open(const struct side *side)
{
        if (side->counted < OPEN_KEYS)
                return side->counted > 0 && side->twice >= side->counted;
        return sample_is_large(side) &&
               (side->troubled >= outage_threshold(side) || side->newest.n_bad >= OPEN_NEWEST);
}

static bool outage_is_over(const struct side *side)
{
        if (side->counted == 0) /* nobody is left who could tell */
                return true;
        if (side->counted <= NEWEST_MAX)
                return sample_is_large(side) && 2 * side->troubled < outage_threshold(side);
        return (sample_is_large(side) && side->troubled < CLOSE_NEWEST) ||
               (side->recovered.n == NEWEST_MAX && side->recovered.n_bad < CLOSE_NEWEST);
}

void side_look(struct engine *e, struct side *side)
{
        if (!side->open)
                return;
        if (outage_is_over(side))
                outage_end(e, side, "answers-again");
        else if (recovery_is_due(e, side))
                outage_end(e, side, "not-spreading");
}

/* --- answers --- */

static bool was_judged(const struct engine *e, const struct key *key)
{
        usec_t ago = engine_now(e) - key->answered * USEC_PER_SEC;

        if (key->unclear > 0)
                return false;
        if (!key->sampled) /* since the start; that one has no verdict may be told already, as its own matter
                            */
                return !incident_find(e, key, INCIDENT_KEY_UNVERIFIED);
        return ago <= 2 * key_pulse(e, key) + JUDGED_SLACK;
}

static void outage_on_unclear(struct engine *e, struct side *side, struct key *key, const struct judgement *j)
{
        bool joins = key->in_sample && !key->troubled && was_judged(e, key);

        side->silent = j->status == 0;
        if (joins) {
                key->troubled = true;
                side->troubled++;
                side->joined = engine_now(e);
        }
        key->unclear = (uint8_t) MIN(key->unclear + 1, UNCLEAR_MAX);
        if (key->odd && key->unclear == 1) { /* asked anew, in vain: this is to be known after a restart */
                batch_key(recorder_batch(e), key);
                recorder_changed(e, false);
        }
        note_sampled(side, key);
        if (!key->troubled)
                return;
        side->twice += key->unclear == 2;
        side->causes[j->cause]++;
        newest_put(&side->recovered, key->id, true);
        if (joins)
                newest_put(&side->newest, key->id, true);
        /* A key that failed before this trouble does not open it. In a small fleet each key must have failed
         * twice. */
        if (!side->open && !side->waking && (joins || side->counted < OPEN_KEYS) && should_open(side))
                outage_begin(e, side);
}

static void outage_on_judged(struct engine *e, struct side *side, struct key *key)
{
        bool was = key->troubled;

        side_release(side, key);
        key->answered = (uint32_t) (engine_now(e) / USEC_PER_SEC);
        key->unclear = 0;
        key->odd = false;
        set_counted(side, key, does_count(e, key));
        note_sampled(side, key);
        if (!key->in_sample)
                return;
        newest_put(&side->newest, key->id, false);
        if (side->open && was) {
                newest_put(&side->recovered, key->id, false);
                recovery_sign(e, side);
        }
        if (side->open)
                side_look(e, side);
        else if (side->troubled == 0)
                memset(side->causes, 0, sizeof(side->causes));
}

/* A provider-shaped answer is the key's own matter, however odd; being asked to slow down is no answer. */
void outage_sample(struct engine *e, struct key *key, const struct judgement *j)
{
        struct side *side = outage_side(e, key);

        if (j->answer == ANSWER_THROTTLED || judgement_is_in_vain(j) || j->cause == CAUSE_LOCAL)
                return;
        if (answer_is_judged(j->answer))
                outage_on_judged(e, side, key);
        else if (j->cause != CAUSE_UNLISTED)
                outage_on_unclear(e, side, key, j);
        else if (!key->troubled && key->unclear < UNCLEAR_MAX)
                key->unclear++;
}

/* --- after a restart --- */

/* Of the answers that opened it each was kept: those keys are the ones to ask. */
static int take_unclear(int64_t key_id, int64_t at_wall, void *userdata)
{
        struct engine *e = userdata;
        struct key *key = keys_find(e, key_id);
        struct side *side = key ? outage_side(e, key) : NULL;
        const struct incident *incident = side && side->open ? incident_of(e, side) : NULL;

        if (!incident || !key->in_sample || key->troubled || key->last_checked > at_wall ||
            at_wall < incident->opened - (int64_t) (2 * key_pulse(e, key) / USEC_PER_SEC))
                return 0;
        key->troubled = true;
        key->unclear = 1;
        side->troubled++;
        note_sampled(side, key);
        return 0;
}

void outage_resume(struct engine *e)
{
        int64_t since = INT64_MAX;

        for (int mode = 0; mode < _MODE_MAX; mode++) {
                struct side *side = &e->outage->sides[mode];
                const struct incident *incident = incident_of(e, side);

                if (!incident)
                        continue;
                side->open = true;
                side->opened = side->joined = engine_now(e);
                since = MIN(since, incident->opened - SEC_PER_DAY);
                recovery_watch(e, side);
        }
        if (since != INT64_MAX) /* without them any key is asked */
                (void) store_load_unclear(e->parts.store, since, take_unclear, e);
}
