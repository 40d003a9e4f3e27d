/* What we believe about a key's life, and how answers change it. One pure table; the engine does what it
 * says. */
#ifndef MODEL_BELIEF_H
#define MODEL_BELIEF_H

#include <stdint.h>

#define LIVES(X)                                                                                             \
        X(UNVERIFIED, "unverified") /* no judged answer yet */                                               \
        X(ALIVE, "alive")                                                                                    \
        X(BLOCKED, "blocked") /* alive, but not from our address */                                          \
        X(SUSPECT, "suspect") /* a dead answer, being confirmed */                                           \
        X(HELD, "held")       /* confirmed, but the witness is in doubt */                                   \
        X(DEAD, "dead")

enum life {
#define X(name, text) LIFE_##name,
        LIVES(X)
#undef X
                _LIFE_MAX
};

#define BELIEF_EVENTS(X)                                                                                     \
        X(HEALTHY, "healthy") /* granted, refused or account-refused: the key was accepted */                \
        X(DEAD, "dead")                                                                                      \
        X(BLOCKED, "blocked")                                                                                \
        X(UNCLEAR, "unclear") /* throttled too: no verdict about the key */                                  \
        X(WITNESS_HEALTHY, "witness-healthy")                                                                \
        X(WITNESS_DOUBTFUL, "witness-doubtful")                                                              \
        X(HOLD_OVER, "hold-over")                                                                            \
        X(UNWITNESSED, "unwitnessed") /* there is nobody who could be asked */                               \
        X(DOUBT_OVER, "doubt-over")   /* nobody asks any more, or nobody answers */

enum belief_event {
#define X(name, text) BELIEF_##name,
        BELIEF_EVENTS(X)
#undef X
                _BELIEF_EVENT_MAX
};

/* What is to be done next about the key. */
enum belief_action {
        ACTION_NONE,    /* as the schedule says */
        ACTION_RECHECK, /* ask again in 30 s: one more answer decides */
        ACTION_CONFIRM, /* ask again after the next wait of `confirm`, on a new connection */
        ACTION_REPEAT,  /* the confirming answer was none: ask again after a short, growing wait */
        ACTION_WITNESS, /* ask a witness */
        ACTION_HOLD,    /* wait for belief_hold(), then HOLD_OVER */
        ACTION_ASK,     /* ask at once, on a new connection */
};

/* Three holds that all agree are believed without a healthy witness. */
#define HOLDS_MAX 3

struct belief {
        uint8_t life;      /* enum life */
        uint8_t former;    /* what it was before it became suspect; meaningful while suspect or held */
        uint8_t streak;    /* agreeing answers towards the next state */
        uint8_t streak_of; /* enum belief_event that `streak` counts */
        uint8_t holds;     /* holds begun; 0 unless held */
};

/* `confirm` is how many further dead answers make a suspect (the number of waits of the setting, at least 1).
 * Gives the new belief and what to do. No other state, no time: the same input gives the same output. */
enum belief_action belief_apply(const struct belief *before, enum belief_event event, unsigned confirm,
                                struct belief *ret_after);

/* Seconds that hold number `holds` (1 …) lasts: 300, 600, 900. */
unsigned belief_hold(unsigned holds);

const char *life_name(enum life life);
int life_parse(const char *name, enum life *ret); /* -EINVAL */
const char *belief_event_name(enum belief_event event);

#endif
