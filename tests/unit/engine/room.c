#include "room.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WALL_START INT64_C(1800000000)

static usec_t clock_now(struct clock *clock)
{
        return CONTAINER_OF(clock, struct room, clock)->now;
}

static int64_t clock_wall(struct clock *clock)
{
        const struct room *room = CONTAINER_OF(clock, struct room, clock);

        return WALL_START + room->wall + (int64_t) (room->now / USEC_PER_SEC);
}

static void clock_arm(struct clock *clock, usec_t when, clock_fire_fn fire, void *userdata)
{
        struct room *room = CONTAINER_OF(clock, struct room, clock);

        room->armed = when;
        room->fire = fire;
        room->fire_userdata = userdata;
}

static int transport_start(struct transport *transport, const struct request *request, reply_fn done,
                           void *userdata, struct call **ret)
{
        struct room *room = CONTAINER_OF(transport, struct room, transport);

        (void) request;
        if (room->start_error)
                return room->start_error;
        assert_true(room->n_flights < ROOM_FLIGHTS);
        struct flight *flight = &room->flights[room->n_flights++];
        *flight = (struct flight){ .done = done, .userdata = userdata };
        flight->key_id = ((struct ask *) userdata)->key->id;
        *ret = (struct call *) flight;
        return 0;
}

static void transport_cancel(struct transport *transport, struct call *call)
{
        (void) transport;
        ((struct flight *) call)->over = true;
}

static void copy_field(const char *field, const char *name, char *ret, size_t size)
{
        size_t n = strlen(name);

        if (strncmp(field, name, n) == 0)
                snprintf(ret, size, "%s", field + n);
}

static int journal_send(struct journal *journal, const char *const *fields, size_t n)
{
        struct room *room = CONTAINER_OF(journal, struct room, journal);
        struct sent *sent = &room->sent[room->n_sent];
        char priority[8] = "";

        if (room->send_error)
                return room->send_error;
        assert_true(room->n_sent < ROOM_SENT);
        *sent = (struct sent){ 0 };
        for (size_t i = 0; i < n; i++) {
                copy_field(fields[i], "MESSAGE_ID=", sent->message_id, sizeof(sent->message_id));
                copy_field(fields[i], "KEYVIGIL_EVENT_ID=", sent->event_id, sizeof(sent->event_id));
                copy_field(fields[i], "PRIORITY=", priority, sizeof(priority));
        }
        sent->priority = atoi(priority);
        room->n_sent++;
        return 0;
}

static void open_engine(struct room *room)
{
        char *why = NULL;

        assert_int_equal(store_open(room->dir, NULL, NULL, &room->store, &why), 0);
        assert_int_equal(vault_new(room->dir, NULL, true, &room->vault, &why), 0);
        struct engine_parts parts = {
                .settings = &room->conf->settings,
                .catalogue = room->conf->catalogue,
                .profiles = room->conf->profiles,
                .clock = &room->clock,
                .transport = &room->transport,
                .journal = &room->journal,
                .store = room->store,
                .vault = room->vault,
                .seed = 42,
        };
        assert_int_equal(engine_new(&parts, &room->engine, &why), 0);
}

int room_setup(void **state)
{
        static const char secret[] = "rk_test_unit0unit0unit0unit0unit0unit0unit0unit0";
        struct room *room = calloc(1, sizeof(*room));
        struct problems problems = { 0 };

        assert_non_null(room);
        *state = room;
        room->clock = (struct clock){ clock_now, clock_wall, clock_arm };
        room->transport = (struct transport){ transport_start, transport_cancel };
        room->journal = (struct journal){ journal_send };
        room->now = USEC_PER_HOUR;
        room->armed = USEC_INFINITY;
        snprintf(room->dir, sizeof(room->dir), "/tmp/room-test-XXXXXX");
        assert_non_null(mkdtemp(room->dir));
        assert_int_equal(chmod(room->dir, 0750), 0);
        assert_int_equal(conf_load(NULL, &room->conf, &problems), 0);
        problems_clear(&problems);
        room->secret = secret_copy(secret, strlen(secret));
        assert_non_null(room->secret);
        open_engine(room);
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

int room_teardown(void **state)
{
        struct room *room = *state;

        engine_free(room->engine);
        store_close(room->store);
        vault_free(room->vault);
        conf_free(room->conf);
        secret_free(room->secret);
        nftw(room->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(room);
        return 0;
}

struct key *room_key(struct room *room, int64_t account)
{
        char name[32];
        size_t profile;

        snprintf(name, sizeof(name), "key-%lld", (long long) ++room->last_id);
        struct key *key = key_new(name);
        assert_non_null(key);
        assert_int_equal(profiles_find(room->conf->profiles, "selgeo", &profile), 0);
        key->id = room->last_id;
        key->profile = (uint16_t) profile;
        key->kind = KIND_RESTRICTED;
        key->mode = MODE_LIVE;
        key->account_id = account;
        key->belief = (struct belief){ .life = LIFE_ALIVE };
        key->state = STATE_HEALTHY;
        assert_int_equal(keys_add(room->engine, key), 0);
        return key;
}

struct key *room_stored_key(struct room *room, const char *name)
{
        char secret[64], *warning = NULL, *why = NULL;

        snprintf(secret, sizeof(secret), "rk_live_stored%018lld", (long long) ++room->last_id);
        struct secret *own = secret_copy(secret, strlen(secret));
        struct key_request q = { .name = name, .profile = "selgeo" };
        int r = engine_import(room->engine, &q, own, false, &warning, &why);

        if (r < 0)
                print_error("%s\n", why);
        assert_int_equal(r, 0);
        free(warning);
        secret_free(own);
        struct key *key = engine_named(room->engine, name);
        assert_non_null(key);
        room->last_id = MAX(room->last_id, key->id);
        return key;
}

static void nobody(struct engine *e, struct ask *ask, const struct judgement *j, const struct reply *reply)
{
        (void) e;
        (void) ask;
        (void) j;
        (void) reply;
}

struct ask *room_ask(struct room *room, struct key *key, bool urgent)
{
        struct ask *ask = ask_path(room->engine, key, METHOD_GET, strdup("/v1/coupons/absent"));

        assert_non_null(ask);
        ask->secret = room->secret;
        ask->urgent = urgent;
        ask->done = nobody;
        ask_submit(room->engine, ask);
        return ask;
}

size_t room_flying(const struct room *room)
{
        size_t n = 0;

        for (size_t i = 0; i < room->n_flights; i++)
                n += !room->flights[i].over;
        return n;
}

static const char *body_of(long status)
{
        switch (status) {
        case 200:
                return "{\"object\":\"coupon\",\"id\":\"x\"}";
        case 404:
                return "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"resource_missing\","
                       "\"message\":\"No such "
                       "coupon\"}}";
        case 429:
                return "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"rate_limit\",\"message\":"
                       "\"slow\"}}";
        default:
                return "{\"error\":{\"type\":\"api_error\",\"message\":\"sorry\"}}";
        }
}

void room_answer(struct room *room, long status, int64_t retry_after)
{
        const char *body = body_of(status);
        struct reply reply = {
                .detail = "",
                .status = status,
                .body = body,
                .size = strlen(body),
                .request_id = "req_1",
                .date_wall = -1,
                .retry_after = retry_after,
                .should_retry = -1,
        };

        for (size_t i = 0; i < room->n_flights; i++)
                if (!room->flights[i].over) {
                        room->flights[i].over = true;
                        room->flights[i].done(&reply, room->flights[i].userdata);
                        return;
                }
        fail_msg("nothing is on its way");
}

void room_pass(struct room *room, usec_t span)
{
        usec_t until = room->now + span;

        while (room->armed <= until) {
                room->now = MAX(room->now, room->armed);
                room->armed = USEC_INFINITY;
                room->fire(room->fire_userdata);
        }
        room->now = until;
}
