/* The end of an outage: seen soon, and followed by everything that was kept waiting, without a burst. */
#include "engine/requests/limiter.h"
#include "engine/watch/outage_side.h"
#include "model/silence.h"

/* One question goes out this often: at first; later where each costs the provider an answer. */
#define ASK_SOON  (5 * USEC_PER_SEC)
#define ASK_LATER (30 * USEC_PER_SEC)
#define SOON_FOR  (10 * USEC_PER_MINUTE)

/* After a first good answer so many are asked at once; again not before so much later. */
#define CROWD       NEWEST_MAX
#define CROWD_EVERY (10 * USEC_PER_SEC)

/* No newly troubled key for so long. */
#define SPREADS_FOR (SILENCE_OUTAGE_MAX * USEC_PER_SEC)
/* Nor for so long: then it is over for whoever gets no answer, however many they are, if anybody gets one. */
#define LASTS_FOR USEC_PER_HOUR

/* So many keys are looked at, at a time. */
#define LOOK_MAX   4096
#define WAKE_EVERY (10 * USEC_PER_MSEC)

static struct side *side_of_alarm(struct engine *e, const struct alarm *alarm, bool wake)
{
        struct side *side = &e->outage->sides[0];

        while (alarm != (wake ? &side->wake : &side->ask))
                side++;
        return side;
}

/* Ask the next `wanted` troubled keys, in turn; rather those whose account does not make us wait. */
static void ask_troubled(struct engine *e, struct side *side, size_t wanted)
{
        struct key *patient = NULL;
        size_t asked = 0, n = MIN(e->n_keys, (size_t) LOOK_MAX), start = side->next;

        for (size_t i = 0; i < n && asked < wanted; i++) {
                struct key *key = e->keys[(start + i) % e->n_keys];

                if (key->mode != side->mode || !key->troubled)
                        continue;
                if (limiter_backs_off(e, key)) {
                        patient = patient ? patient : key;
                } else if (turn_ask(e, key)) {
                        asked++;
                        side->next = (start + i + 1) % e->n_keys;
                }
        }
        if (asked == 0 && patient && turn_ask(e, patient))
                asked++;
        if (asked == 0 && n > 0)
                side->next = (start + n) % e->n_keys;
}

static void recovery_on_ask(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct side *side = side_of_alarm(e, alarm, false);

        side_look(e, side);
        if (!side->open)
                return;
        ask_troubled(e, side, 1);
        recovery_watch(e, side);
}

void recovery_watch(struct engine *e, struct side *side)
{
        bool soon = side->silent || engine_now(e) - side->opened < SOON_FOR;

        agenda_set(e->agenda, &side->ask, engine_now(e) + (soon ? ASK_SOON : ASK_LATER));
}

void recovery_sign(struct engine *e, struct side *side)
{
        usec_t now = engine_now(e);

        if (side->crowd && now - side->crowd < CROWD_EVERY)
                return;
        side->crowd = now;
        ask_troubled(e, side, CROWD);
}

/* Whoever was judged since the last key joined counts for the end; whoever is troubled, whenever it was
 * asked, counts against it. */
bool recovery_is_due(const struct engine *e, const struct side *side)
{
        size_t judged = 0, troubled = 0, n = MIN(e->n_keys, (size_t) LOOK_MAX);

        if (engine_now(e) - side->joined < SPREADS_FOR)
                return false;
        for (size_t i = 0; i < n; i++) {
                const struct key *key = e->keys[(side->next + i) % e->n_keys];

                if (key->mode != side->mode || !key->in_sample || !key->sampled)
                        continue;
                troubled += key->troubled;
                judged += !key->troubled && key->answered * USEC_PER_SEC >= side->joined;
        }
        return judged > 0 && (judged >= troubled || engine_now(e) - side->joined >= LASTS_FOR);
}

static void wake(struct engine *e, struct side *side, struct key *key)
{
        usec_t spread = USEC_PER_SEC / e->parts.settings->stripe.rate;

        key->odd = true;
        outage_count(e, key);
        key->unclear = 0;
        turn_soon(e, key, MAX(side->closed + spread * side->woken++, engine_now(e)));
}

static void recovery_on_wake(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct side *side = side_of_alarm(e, alarm, true);

        for (size_t i = 0; i < LOOK_MAX && side->walked < e->n_keys; i++) {
                struct key *key = e->keys[side->walked++];

                if (key->mode == side->mode && key->troubled)
                        wake(e, side, key);
        }
        side->waking = side->walked < e->n_keys;
        if (side->waking)
                agenda_set(e->agenda, alarm, engine_now(e) + WAKE_EVERY);
}

void recovery_begin(struct engine *e, struct side *side)
{
        agenda_clear(e->agenda, &side->ask);
        side->walked = side->woken = 0;
        side->waking = true;
        agenda_set(e->agenda, &side->wake, engine_now(e));
}

void recovery_new(struct side *side)
{
        side->ask.ring = recovery_on_ask;
        side->wake.ring = recovery_on_wake;
}
