#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "clock.h"
#include "coupon.h"
#include "fault.h"
#include "meter.h"
#include "permission.h"
#include "reqlog.h"
#include "schedule.h"
#include "table.h"

/* The pretended provider: its accounts, keys, clock, troubles and memory of what it was asked. */

#define KEY_STATES(X)                                                                                        \
        X(ALIVE, "alive")                                                                                    \
        X(EXPIRED, "expired")                                                                                \
        X(DISCONNECTED, "disconnected")                                                                      \
        X(UNKNOWN, "unknown")                                                                                \
        X(BLOCKED, "blocked")                                                                                \
        X(BLOCKED_WITH_ADDRESS, "blocked-with-address")                                                      \
        X(REFUSED, "refused")                                                                                \
        X(UNSERVED, "unserved")

enum key_state {
#define X(id, name) KEY_##id,
        KEY_STATES(X)
#undef X
                _KEY_STATES,
};

/* Wording of a 403. */
#define REFUSAL_FORMATS(X)                                                                                   \
        X(NOW, "2026")                                                                                       \
        X(NAMED, "2019")                                                                                     \
        X(BARE, "2017")

enum refusal_format {
#define X(id, name) REFUSAL_##id,
        REFUSAL_FORMATS(X)
#undef X
                _REFUSAL_FORMATS,
};

/* One account in one mode. Lives as long as the world. */
struct realm {
        char *name; /* acct_…/live or /test */
        char *account;
        bool live;
        struct coupon_store coupons;
        struct meter meter;
        unsigned products; /* bits of enum product */
        bool products_set; /* else those of the world */
};

struct key {
        char *text;
        struct realm *realm;
        enum key_state state;
        struct permission_set granted, effective;
        bool implies; /* whether permissions bring others with them */
        enum refusal_format format;
        bool unquoted; /* the label in a 403 comes without quotes */
        bool misnames; /* a 403 names another permission than the missing one */
        char id[24];   /* mk_… */
        /* A change of state that spreads: until then some requests still meet the former one. */
        enum key_state former;
        usec_t spread_from, spread_until;
};

#define PROMOTION_SHAPES(X) X(AUTO, "auto") X(NEW, "new") X(OLD, "old")

enum promotion_shape {
#define X(id, name) SHAPE_##id,
        PROMOTION_SHAPES(X)
#undef X
                _SHAPES,
};

enum { ROW_CHANGES = 512 };

struct row_change;

struct world {
        struct table keys, realms;
        struct table replays; /* answers kept for Idempotency-Key */
        struct fault_list faults;
        struct reqlog log;
        struct schedule schedule;
        int64_t clock_offset; /* seconds by which our clock is ahead of the machine's */
        bool no_date;
        bool strict_version;
        bool samples;      /* lists hold one object with made-up personal data */
        bool lookup_first; /* absent objects are looked up before the permission */
        bool gate_first;   /* products are looked at before the permission */
        bool gate_ids;     /* and of absent objects, too */
        unsigned products; /* of accounts of which nothing else was said */
        struct row_change *row_changes;
        unsigned row_changes_count;
        enum promotion_shape shape;
        double rate; /* requests a second, account and mode; 0: no limit */
        uint64_t random;
        uint64_t connections, requests;
        unsigned in_flight, max_in_flight;
};

void world_init(struct world *w, uint64_t seed);
void world_clear(struct world *w);

int64_t world_now(const struct world *w);
uint64_t world_random(struct world *w);
void world_request_id(struct world *w, char ret[static 24]);

/* Made if it is not there yet. */
struct realm *world_realm(struct world *w, const char *account, bool live);

struct key *world_key(const struct world *w, const char *text);

/* Made, alive and without any permission, if it is not there yet; its mode follows from its prefix. */
struct key *world_add_key(struct world *w, const char *text, const char *account);
void world_drop_key(struct world *w, const char *text);
void world_drop_keys(struct world *w);
void key_settle(struct key *k); /* after a change of `granted` or `implies` */

const char *key_state_name(enum key_state state);
const char *refusal_format_name(enum refusal_format format);
const char *promotion_shape_name(enum promotion_shape shape);
