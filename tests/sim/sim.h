/* The real engine, store and vault in a world made of a counter: a clock that jumps from alarm to alarm, a
 * Stripe that answers as it is told, a journal that is an array. Weeks pass in seconds, and a seed brings
 * back every run. */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "engine/import.h"
#include "engine/operations.h"
#include "engine/status.h"
#include "model/incident.h"
#include "store/store.h"
#include "vault/vault.h"

enum sim_fault {
        SIM_NONE,
        SIM_500,
        SIM_502_HTML,
        SIM_429,
        SIM_401_HTML,
        SIM_403_HTML,
        SIM_TRUNCATED,
        SIM_EMPTY,
        SIM_TIMEOUT,
        SIM_RESOLVE,
        SIM_CONNECT,
        SIM_EXPIRED,      /* 401 api_key_expired, whatever the key */
        SIM_UNRECOGNIZED, /* 404 of a retired endpoint */
        SIM_VERSION,      /* 400 of an API version that is not known */
        SIM_UNSERVED,     /* 403 that is about no permission */
        SIM_NO_PRODUCT,   /* 400 of an account that lacks a product, where the permission is granted */
        SIM_INVALID,      /* 401 Invalid API Key provided, whatever the key */
        SIM_UNLISTED,     /* 401 of the provider's shape, in words that are on no list */
        SIM_429_HOUR,     /* 429 that asks for an hour's patience */
        SIM_FEATURE_OFF,  /* 400: the account is not set up for the product */
        _SIM_FAULT_MAX,
};

enum sim_life {
        SIM_ALIVE,
        SIM_KEY_EXPIRED, /* 401 api_key_expired */
        SIM_KEY_UNKNOWN, /* 401 Invalid API Key provided */
        SIM_KEY_BLOCKED,
        SIM_KEY_REFUSED,  /* 403 account_invalid */
        SIM_KEY_UNSERVED, /* 403 "unable to serve your request" */
};

/* How Stripe words that a permission is missing. */
enum sim_wording {
        SIM_2026,          /* with a code, the permission's label, and a link to the key */
        SIM_2026_UNQUOTED, /* seen as well */
        SIM_2019,          /* no code, rak_ before the name */
        SIM_2017,          /* no name at all */
        SIM_MISNAMED,      /* as 2026, but it names another permission than the one that lacks */
        _SIM_WORDING_MAX,
};

/* A key as Stripe has it. */
struct sim_key {
        enum sim_life life;
        enum sim_wording wording;
        unsigned account;
        bool granted[SLOTS_MAX][2]; /* by catalogue row: read, write */
        bool test;                  /* of test mode */
        unsigned asked;
        usec_t died;         /* when the test made it die; 0: not */
        usec_t spread_until; /* until then one of two servers has not heard of its death */
        usec_t latency;      /* 0: everybody's */
};

struct sim_entry {
        char message_id[33], event_id[33], key[65], kind[32], incident[24], reason[32];
        int priority;
        usec_t at;
        bool unsaved;
        char *fields;
};

struct sim;
typedef enum sim_fault (*sim_fault_fn)(struct sim *sim, struct sim_key *key);
typedef void (*sim_action_fn)(struct sim *sim, int argument);

struct sim_options {
        uint64_t seed;
        size_t keys;
        unsigned keys_per_account; /* 0: 1 */
        usec_t pulse;              /* 0: 5 min */
        const char *profile;       /* NULL: selgeo */
        usec_t latency;            /* 0: 80 ms */
        size_t spares;             /* secrets beyond `keys`, for rotations and new keys; 0: 16 */
        bool full_secrets;         /* sk_ instead of rk_ */
        unsigned test_every;       /* each so many'th key is of test mode; 0: none */
        bool adopt;                /* start with every key verified and its account known */
};

/* A probe of the catalogue, as it is recognized. */
struct sim_asked {
        char line[544];
        unsigned row;
        enum level level;
};

struct sim_coupon; /* sim_coupons.h */

struct sim {
        struct clock clock;
        struct transport transport;
        struct journal journal;
        struct sim_options options;
        struct conf *conf;
        struct engine *engine;
        struct store *store;
        struct vault *vault;
        char dir[64];

        usec_t now;
        int64_t wall_offset; /* seconds that the wall clock is ahead of 1,800,000,000 + now */
        usec_t armed;
        clock_fire_fn fire;
        void *fire_userdata;
        uint64_t random;

        struct sim_key *keys;
        struct sim_entry *entries;
        size_t n_entries, entries_room;
        struct call **flights; /* heap by time */
        size_t n_flights, flights_room;
        struct {
                usec_t when;
                sim_action_fn action;
                int argument;
        } actions[4096];
        size_t n_actions;
        void *paths; /* tree: probe path to row and level */

        struct sim_coupon *coupons;
        size_t n_coupons, coupons_room;
        unsigned deletes, lists, reads, created,
                wrong_deletes; /* requests of each sort; `lists` are reads, too */
        usec_t asked_at;       /* when what is being answered was sent */
        bool refuse_deletes, no_date;
        size_t body_max; /* larger answers about coupons are cut off; 0: none is */
        void (*before_coupon)(struct sim *sim, enum method method, const char *path);

        const char *asked_path, *asked_form; /* these four for `fault` and `before_coupon` */
        enum method asked_method;
        const struct sim_asked *asked; /* NULL: no probe of the catalogue's */
        sim_fault_fn fault;
        bool refused[SLOTS_MAX][2]; /* to everybody, by catalogue row: read, write */
        /* The one connection that all share until a request wants a newer one. One that went silent is used
         * until a request on it has timed out, as the real transport does it. */
        struct {
                usec_t opened;
                bool silent;
        } line;
        bool journal_down;
        void *userdata; /* the test's */
        uint64_t requests;
        usec_t request_times[64]; /* of the last ones */
        double worst_burst;
};

struct sim *sim_new(const struct sim_options *options);
/* A fleet of the usual kind whose first full checks are behind it, at the start of its daemon. Those are made
 * once for each size and copied; the seed decides all that comes after. */
struct sim *sim_new_settled(uint64_t seed, size_t keys);
struct sim *sim_free(struct sim *sim);

/* Run until `now` is `until`. */
void sim_run_until(struct sim *sim, usec_t until);
void sim_run(struct sim *sim, usec_t span);

/* The secret of sim->keys[i]; the caller owns it. There are more of them than `keys`, see `spares`. */
struct secret *sim_secret(const struct sim *sim, size_t i);

/* The connection that is open goes silent: nothing more comes over it. */
void sim_silence(struct sim *sim);

/* Do something at an instant. */
void sim_at(struct sim *sim, usec_t when, sim_action_fn action, int argument);

/* Stop in the middle, as kill -9 does (or cleanly), and start again after `down`. */
void sim_restart(struct sim *sim, bool crash, usec_t down);

/* Uniform in [0, n). */
uint64_t sim_random(struct sim *sim, uint64_t n);
bool sim_chance(struct sim *sim, double probability);

const char *sim_name(size_t i, char name[static 32]);
void sim_kill(struct sim *sim, size_t i, enum sim_life life);
void sim_revive(struct sim *sim, size_t i);
/* Grant just what the profile requires. */
void sim_grant_profile(struct sim *sim, size_t i, const char *profile);
void sim_grant(struct sim *sim, size_t i, const char *label, enum level level, bool granted);

/* May the key do it? By its own right, or by one that Stripe adds to another. */
bool sim_is_granted(const struct sim *sim, const struct sim_key *key, unsigned row, enum level level);

/* How many journal entries of this kind (by MESSAGE_ID; -1: any); for this key if it is not negative. */
size_t sim_count(const struct sim *sim, int kind, long key);
/* incident-cleared entries about this kind. */
size_t sim_cleared(const struct sim *sim, int kind, long key);
const struct sim_entry *sim_first(const struct sim *sim, int kind, long key);
const struct sim_entry *sim_last(const struct sim *sim, int kind, long key);
void sim_forget_entries(struct sim *sim);

/* Fails the test unless every event id stands for one content only. */
void sim_assert_ids(const struct sim *sim);

#endif
