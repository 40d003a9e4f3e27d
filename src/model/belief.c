#include "model/belief.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/macros.h"
#include "base/names.h"
#include "model/silence.h"

static const char *const life_names[] = {
#define X(name, text) [LIFE_##name] = (text),
        LIVES(X)
#undef X
};

static const char *const event_names[] = {
#define X(name, text) [BELIEF_##name] = (text),
        BELIEF_EVENTS(X)
#undef X
};

/* Where a suspect goes back to: what it was. Not a state of its own, only a target in the table. */
#define FORMER _LIFE_MAX

/* How many dead answers a suspect needs is a setting. */
#define CONFIRMED 0

/* `agree` equal events in a row lead to `to` and `then`; until then the key stays and `meanwhile` is done. */
struct transition {
        uint8_t to, agree, then, meanwhile;
};

/* clang-format off */
#define STAY(life)                { LIFE_##life, 1, ACTION_NONE, ACTION_NONE }
#define TO(life, action)          { LIFE_##life, 1, ACTION_##action, ACTION_NONE }
#define AFTER_TWO(life)           { LIFE_##life, 2, ACTION_NONE, ACTION_RECHECK }
#define BACK                      { FORMER, 1, ACTION_NONE, ACTION_NONE }
#define WHEN_CONFIRMED(life, act) { LIFE_##life, CONFIRMED, ACTION_##act, ACTION_CONFIRM }

static const struct transition table[_LIFE_MAX][_BELIEF_EVENT_MAX] = {
        [LIFE_UNVERIFIED] = {
                [BELIEF_HEALTHY]          = TO(ALIVE, NONE),
                [BELIEF_DEAD]             = TO(SUSPECT, CONFIRM),
                [BELIEF_BLOCKED]          = AFTER_TWO(BLOCKED),
                [BELIEF_UNCLEAR]          = STAY(UNVERIFIED),
                [BELIEF_WITNESS_HEALTHY]  = STAY(UNVERIFIED),
                [BELIEF_WITNESS_DOUBTFUL] = STAY(UNVERIFIED),
                [BELIEF_HOLD_OVER]        = STAY(UNVERIFIED),
                [BELIEF_UNWITNESSED]      = STAY(UNVERIFIED),
                [BELIEF_DOUBT_OVER]       = STAY(UNVERIFIED),
        },
        [LIFE_ALIVE] = {
                [BELIEF_HEALTHY]          = STAY(ALIVE),
                [BELIEF_DEAD]             = TO(SUSPECT, CONFIRM),
                [BELIEF_BLOCKED]          = AFTER_TWO(BLOCKED),
                [BELIEF_UNCLEAR]          = STAY(ALIVE),
                [BELIEF_WITNESS_HEALTHY]  = STAY(ALIVE),
                [BELIEF_WITNESS_DOUBTFUL] = STAY(ALIVE),
                [BELIEF_HOLD_OVER]        = STAY(ALIVE),
                [BELIEF_UNWITNESSED]      = STAY(ALIVE),
                [BELIEF_DOUBT_OVER]       = STAY(ALIVE),
        },
        [LIFE_BLOCKED] = {
                [BELIEF_HEALTHY]          = AFTER_TWO(ALIVE),
                [BELIEF_DEAD]             = TO(SUSPECT, CONFIRM),
                [BELIEF_BLOCKED]          = STAY(BLOCKED),
                [BELIEF_UNCLEAR]          = STAY(BLOCKED),
                [BELIEF_WITNESS_HEALTHY]  = STAY(BLOCKED),
                [BELIEF_WITNESS_DOUBTFUL] = STAY(BLOCKED),
                [BELIEF_HOLD_OVER]        = STAY(BLOCKED),
                [BELIEF_UNWITNESSED]      = STAY(BLOCKED),
                [BELIEF_DOUBT_OVER]       = STAY(BLOCKED),
        },
        [LIFE_SUSPECT] = {
                [BELIEF_HEALTHY]          = BACK,
                [BELIEF_DEAD]             = WHEN_CONFIRMED(SUSPECT, WITNESS),
                [BELIEF_BLOCKED]          = BACK,
                [BELIEF_UNCLEAR]          = TO(SUSPECT, REPEAT),
                [BELIEF_WITNESS_HEALTHY]  = TO(DEAD, NONE),
                [BELIEF_WITNESS_DOUBTFUL] = TO(HELD, HOLD),
                [BELIEF_HOLD_OVER]        = TO(SUSPECT, ASK),
                [BELIEF_UNWITNESSED]      = TO(HELD, HOLD),
                [BELIEF_DOUBT_OVER]       = BACK,
        },
        [LIFE_HELD] = {
                [BELIEF_HEALTHY]          = BACK,
                [BELIEF_DEAD]             = TO(HELD, WITNESS),
                [BELIEF_BLOCKED]          = BACK,
                [BELIEF_UNCLEAR]          = TO(HELD, REPEAT),
                [BELIEF_WITNESS_HEALTHY]  = TO(DEAD, NONE),
                [BELIEF_WITNESS_DOUBTFUL] = TO(HELD, HOLD), /* or dead, once HOLDS_MAX holds agreed */
                [BELIEF_HOLD_OVER]        = TO(HELD, ASK),
                [BELIEF_UNWITNESSED]      = TO(DEAD, NONE), /* one hold is enough */
                [BELIEF_DOUBT_OVER]       = BACK,
        },
        [LIFE_DEAD] = {
                [BELIEF_HEALTHY]          = AFTER_TWO(ALIVE),
                [BELIEF_DEAD]             = STAY(DEAD),
                [BELIEF_BLOCKED]          = AFTER_TWO(BLOCKED),
                [BELIEF_UNCLEAR]          = STAY(DEAD),
                [BELIEF_WITNESS_HEALTHY]  = STAY(DEAD),
                [BELIEF_WITNESS_DOUBTFUL] = STAY(DEAD),
                [BELIEF_HOLD_OVER]        = STAY(DEAD),
                [BELIEF_UNWITNESSED]      = STAY(DEAD),
                [BELIEF_DOUBT_OVER]       = STAY(DEAD),
        },
};
/* clang-format on */

static void enter(struct belief *b, enum life to)
{
        if (to == LIFE_SUSPECT)
                b->former = b->life;
        b->life = (uint8_t) to;
        b->streak = 0;
        b->streak_of = BELIEF_UNCLEAR;
}

static enum belief_action hold_begin(struct belief *b)
{
        if (b->holds >= HOLDS_MAX) {
                b->holds = 0;
                enter(b, LIFE_DEAD);
                return ACTION_NONE;
        }
        b->holds++;
        return ACTION_HOLD;
}

/* A healthy answer to a suspect acquits it; a key that was never judged before is now known to be alive. */
static enum life acquitted(const struct belief *b, enum belief_event event)
{
        return b->former == LIFE_UNVERIFIED && event == BELIEF_HEALTHY ? LIFE_ALIVE : (enum life) b->former;
}

static void count(struct belief *b, enum belief_event event)
{
        if (b->streak_of != event)
                b->streak = 0;
        b->streak_of = (uint8_t) event;
        if (b->streak < UINT8_MAX)
                b->streak++;
}

/* The state stays, its streak ends: an answer that agrees with the state denies what was being counted.
 * Unclear answers and news about witnesses say nothing about the key, and count neither way. */
static void agree(struct belief *b, enum belief_event event)
{
        if (event == BELIEF_HEALTHY || event == BELIEF_BLOCKED ||
            (event == BELIEF_DEAD && b->life == LIFE_DEAD))
                b->streak = 0;
}

enum belief_action belief_apply(const struct belief *before, enum belief_event event, unsigned confirm,
                                struct belief *ret_after)
{
        const struct transition *t = &table[before->life][event];
        struct belief b = *before;
        enum belief_action action = (enum belief_action) t->then;
        unsigned needed = t->agree == CONFIRMED ? MAX(1u, confirm) : t->agree;

        if (needed > 1 || t->agree == CONFIRMED) {
                count(&b, event);
                if (b.streak < needed) {
                        *ret_after = b;
                        return (enum belief_action) t->meanwhile;
                }
        }

        enum life to = t->to == FORMER ? acquitted(&b, event) : (enum life) t->to;
        if (to == LIFE_HELD && action == ACTION_HOLD) {
                if (b.life != LIFE_HELD)
                        enter(&b, LIFE_HELD);
                action = hold_begin(&b);
        } else if (to != (enum life) b.life) {
                enter(&b, to);
                b.holds = 0;
        } else {
                agree(&b, event);
        }
        *ret_after = b;
        return action;
}

unsigned belief_hold(unsigned holds)
{
        return SILENCE_HOLD_MAX / (1 + 2 + HOLDS_MAX) * MIN(MAX(holds, 1u), (unsigned) HOLDS_MAX);
}

const char *life_name(enum life life)
{
        return life_names[life];
}

int life_parse(const char *name, enum life *ret)
{
        int r = name_find(life_names, _LIFE_MAX, name);

        if (r < 0)
                return r;
        *ret = (enum life) r;
        return 0;
}

const char *belief_event_name(enum belief_event event)
{
        return event_names[event];
}
