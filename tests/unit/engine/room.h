/* A real engine that was never started: one room of it can be tried alone. Time stands until the test moves
 * it, requests go nowhere until the test answers them, journal entries are counted. No socket anywhere. */
#ifndef TEST_ENGINE_ROOM_H
#define TEST_ENGINE_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "engine/people/people.h"
#include "engine/requests/limiter.h"
#include "vault/vault.h"

#define ROOM_FLIGHTS 512
#define ROOM_SENT    512

/* A request that is on its way. */
struct flight {
        reply_fn done;
        void *userdata;
        int64_t key_id; /* of the ask */
        bool over;
};

struct sent {
        char message_id[33], event_id[33];
        int priority;
};

struct room {
        struct clock clock;
        struct transport transport;
        struct journal journal;
        usec_t now, armed;
        int64_t wall;
        clock_fire_fn fire;
        void *fire_userdata;

        struct flight flights[ROOM_FLIGHTS];
        size_t n_flights;
        int start_error; /* what the transport says instead of starting */

        struct sent sent[ROOM_SENT];
        size_t n_sent;
        int send_error;

        char dir[64];
        struct conf *conf;
        struct store *store;
        struct vault *vault;
        struct engine *engine;
        struct secret *secret;
        int64_t last_id;
};

/* For cmocka_unit_test_setup_teardown(); *state is the room. */
int room_setup(void **state);
int room_teardown(void **state);

/* A key that only the engine knows, believed alive; the store has no row of it. `account` 0: not known. */
struct key *room_key(struct room *room, int64_t account);
/* A key that is stored, and its own account's. */
struct key *room_stored_key(struct room *room, const char *name);

/* A question about the key, handed to the limiter. */
struct ask *room_ask(struct room *room, struct key *key, bool urgent);
/* How many requests are on their way. */
size_t room_flying(const struct room *room);
/* Answer the oldest request that is on its way: 200, 401 and so on; `retry_after` -1: not said. */
void room_answer(struct room *room, long status, int64_t retry_after);

/* Let time pass; alarms ring on their instant. */
void room_pass(struct room *room, usec_t span);

#endif
