/* A stored key, as it is in memory: everything about it but its secret, its labels and its past. A million of
 * these are kept, so what is only needed while something goes on lives in `work`. */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/agenda.h"
#include "model/belief.h"
#include "model/grants.h"
#include "model/profile.h"

enum key_kind {
        KIND_RESTRICTED,
        KIND_SECRET,
};

enum key_mode {
        MODE_LIVE,
        MODE_TEST,
        _MODE_MAX,
};

const char *key_kind_name(enum key_kind kind); /* "restricted", "secret" */
const char *key_mode_name(enum key_mode mode); /* "live", "test" */

/* Which of a key's secrets. */
enum slot {
        SLOT_CURRENT,
        SLOT_OLD,  /* replaced by a rotation, watched until it is dead */
        SLOT_NEXT, /* to replace the current one as soon as it has proved itself */
};

/* How a dead key ended. */
#define ENDS(X)                                                                                              \
        X(NONE, "")                                                                                          \
        X(EXPIRED, "expired")                                                                                \
        X(REVOKED, "revoked")                                                                                \
        X(ROLLED, "rolled")                                                                                  \
        X(INVALID, "invalid") /* never once healthy: most likely a bad copy */

enum end {
#define X(name, text) END_##name,
        ENDS(X)
#undef X
                _END_MAX
};

const char *end_name(enum end end);
int end_parse(const char *name, enum end *ret); /* -EINVAL */

/* What people see. Derived, never stored as a belief. */
#define STATES(X)                                                                                            \
        X(UNVERIFIED, "unverified")                                                                          \
        X(HEALTHY, "healthy")                                                                                \
        X(DEGRADED, "degraded") /* alive, a permission is missing */                                         \
        X(BLOCKED, "blocked")                                                                                \
        X(EXPIRED, "expired")                                                                                \
        X(REVOKED, "revoked")                                                                                \
        X(ROLLED, "rolled")                                                                                  \
        X(INVALID, "invalid")                                                                                \
        X(UNREADABLE, "unreadable") /* its stored secret cannot be opened: nobody watches it */              \
        X(PAUSED, "paused")

enum state {
#define X(name, text) STATE_##name,
        STATES(X)
#undef X
                _STATE_MAX
};

const char *state_name(enum state state);
int state_parse(const char *name, enum state *ret); /* -EINVAL */

struct work;     /* engine/: checks under way, doubts, recheck dates */
struct incident; /* engine/: what is open about this key */

struct key {
        struct alarm due;           /* the next thing that is to be done about it */
        int64_t id;                 /* > 0, never used twice */
        int64_t account_id;         /* row of the account; 0: not known */
        struct work *work;          /* NULL while all is quiet */
        struct incident *incidents; /* open ones, newest first */
        struct key *same_account;   /* engine/: the next one of its account */

        /* Seconds since 1970; 0: never, or not known. */
        int64_t added;
        int64_t created, expires; /* as declared */
        int64_t life_since;
        int64_t suspect_since;
        int64_t paused_until; /* INT64_MAX: until resumed */
        int64_t last_checked; /* last judged answer */
        int64_t last_healthy;
        int64_t last_full;      /* last complete check of the profile's permissions */
        int64_t last_excess[2]; /* up to when the excess check has asked: riskiest, rest */
        int64_t secret_since;   /* when the current secret was stored */

        uint32_t checks;     /* judged answers in the open span */
        uint32_t findings;   /* findings_mark() of what its row shows as missing and in excess */
        uint32_t held_until; /* seconds since 1970 when the hold that runs is over; 0: none runs */
        uint32_t answered;   /* engine/: the second of the loop's clock of its last judged answer */
        uint16_t profile;    /* index in struct profiles */
        uint8_t kind, mode;  /* enum key_kind, enum key_mode */
        struct belief belief;
        uint8_t end;               /* enum end; NONE unless dead */
        uint8_t state;             /* enum state as last recorded in a span */
        bool account_declared : 1; /* by the operator; else learned from an answer */
        bool has_old : 1;          /* a secret in SLOT_OLD */
        bool has_next : 1;         /* engine/: another one, which did not prove itself yet */
        bool has_edit_url : 1;     /* the store has the link to its page in the Dashboard */
        bool missing : 1;          /* a required permission is missing, confirmed */
        bool unwitnessed : 1;      /* declared dead without a witness */
        bool unreadable : 1;       /* its secret could not be opened when it was last to be asked */
        bool dirty : 1;            /* its row waits to be written: store/batch.h */
        bool unsaved : 1;          /* something steady was counted or seen since its row was written */
        bool counted : 1;          /* engine/: belongs to the healthy ones of its mode */
        bool review : 1;           /* engine/: its findings must be looked at again */
        bool swept : 1;            /* engine/: somebody had everything asked that could be too much */
        bool wanted_anew : 1; /* engine/: its profile asks for something else since its last full check */
        bool put_off : 1;     /* engine/: its turn came when too many were waiting */
        bool in_round : 1;    /* engine/: takes part in rounds */
        bool round_done : 1;  /* engine/: had its turn in the round that runs */
        bool in_sample : 1;   /* engine/: counts when it is judged whether there is an outage */
        bool sampled : 1;     /* engine/: was answered, or not, in this run */
        bool troubled : 1;    /* engine/: gets no answer, by the path's or the provider's fault */
        bool unlisted : 1;    /* is answered as no rule lists, and told so: unverified */
        bool odd : 1;         /* gets none since long: that is no sign of an outage any more */
        uint8_t unclear : 3;  /* engine/: how often in a row it was unclear, at most 7 */
        struct {
                uint8_t state : 4; /* enum state */
                bool is : 1, doubted : 1, held : 1, dead : 1, paused : 1, untold : 1;
        } counted_as; /* engine/keys/counts.c */
        struct grants grants;
        char name[]; /* NUL-terminated, [A-Za-z0-9][A-Za-z0-9._:@-]{0,63} */
};

/* Zeroed but for the name (copied). NULL without memory. The caller owns it. */
struct key *key_new(const char *name);

/* Tells two findings apart without keeping their text for every key; nothing found is 0. */
uint32_t findings_mark(const char *missing, const char *excess);

/* The state that people see, at `now_wall`. A suspect or held key shows what it was before. */
enum state key_state(const struct key *key, int64_t now_wall);

static inline bool key_is_live_mode(const struct key *key)
{
        return key->mode == MODE_LIVE;
}

static inline bool key_is_suspect(const struct key *key)
{
        return key->belief.life == LIFE_SUSPECT || key->belief.life == LIFE_HELD;
}

#endif
