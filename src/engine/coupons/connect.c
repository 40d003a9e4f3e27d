/* A connection check with a real coupon. The coupon's row is in the ledger before the coupon can exist;
 * whatever becomes of the clean-up, the sweep finds the row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/coupons/connect.h"

#define REDEEM_WITHIN SEC_PER_HOUR

struct connect {
        struct engine *engine;
        struct key *key;
        struct ledger_row *row;
        struct ask *ask;
        bool again; /* the delete is being tried for the second time */
        struct chain *chain;
        LIST_ENTRY(connect) in_sweep;
};

static void connect_free(struct connect *c)
{
        ask_cancel(c->engine, c->ask);
        ledger_row_free(c->row);
        LIST_REMOVE(c, in_sweep);
        free(c);
}

bool connect_is_about(const struct engine *e, const struct ledger_row *row)
{
        const struct connect *c;

        LIST_FOREACH(c, &e->sweep->connects, in_sweep)
                if (strcmp(c->row->coupon, row->coupon) == 0) /* random, so unique */
                        return true;
        return false;
}

static void connect_end(struct connect *c, enum check_outcome outcome, const char *text)
{
        struct chain *chain = c->chain;

        chain->outcome = outcome;
        snprintf(chain->text, sizeof(chain->text), "%s", text);
        connect_free(c);
        chain_check(chain);
}

/* Each step is on disk before it is taken. */
static int step(struct connect *c, enum coupon_state state)
{
        struct engine *e = c->engine;
        int r;

        c->row->state = state;
        c->row->updated = engine_wall(e);
        c->row->owner.account_id = c->key->account_id; /* may have been learned since */
        r = recorder_flush(e);
        return r < 0 ? r : ledger_put(e->parts.store, c->row, NULL);
}

static void remove_coupon(struct connect *c);

static void left_behind(struct connect *c)
{
        connect_end(c, OUTCOME_WELL,
                    "The connection works: a coupon could be created. It could not be deleted again yet; the "
                    "sweep does that, and until then it is harmless.");
}

static void connect_on_removed(struct engine *e, struct ask *ask, const struct judgement *j,
                               const struct reply *reply)
{
        struct connect *c = ask->userdata;
        enum sweep_verdict verdict = sweep_verdict(j);
        struct coupon coupon;

        (void) e;
        c->ask = NULL;
        if (verdict == SWEEP_MISSING ||
            (verdict == SWEEP_ANSWER &&
             coupon_parse(reply->body, reply->size, c->row->coupon, &coupon) >= 0 && coupon.deleted)) {
                (void) step(c, COUPON_DELETED); /* else the sweep looks, and finds it deleted */
                connect_end(c, OUTCOME_WELL, "The connection works: a coupon was created and deleted again.");
        } else if (!c->again) {
                c->again = true;
                remove_coupon(c);
        } else {
                left_behind(c);
        }
}

static void ask_for(struct connect *c, enum method method, char *path, char *body, ask_done_fn done)
{
        struct ask *ask = ask_path(c->engine, c->key, method, path);

        if (!ask) {
                free(body);
                connect_end(c, OUTCOME_UNCLEAR, "Could not tell: out of memory.");
                return;
        }
        ask->row = ROW_NONE;
        ask->body = body;
        ask->urgent = true;
        ask->done = done;
        ask->userdata = c;
        c->ask = ask;
        ask_submit(c->engine, ask);
}

static void remove_coupon(struct connect *c)
{
        char *path = NULL;

        if (step(c, COUPON_DELETING) < 0 || coupon_path(c->row->coupon, &path) < 0)
                left_behind(c);
        else
                ask_for(c, METHOD_DELETE, path, NULL, connect_on_removed);
}

static void connect_on_created(struct engine *e, struct ask *ask, const struct judgement *j,
                               const struct reply *reply)
{
        struct connect *c = ask->userdata;
        struct coupon coupon;
        char text[384];

        c->ask = NULL;
        /* A request that was sent again on a new connection: the id is random, so it is ours. */
        if (strcmp(j->code, "resource_already_exists") == 0) {
                remove_coupon(c);
                return;
        }
        switch (sweep_verdict(j)) {
        case SWEEP_ANSWER:
                if (coupon_parse(reply->body, reply->size, c->row->coupon, &coupon) < 0)
                        break;
                c->row->created = coupon.created;
                remove_coupon(c);
                return;
        case SWEEP_REFUSED:
        case SWEEP_MISSING:
                (void) step(c, COUPON_GONE);
                snprintf(text, sizeof(text), "Stripe did not let the key create a coupon: %s.",
                         j->text[0] ? j->text : "no reason was given");
                connect_end(c, OUTCOME_FINDINGS, text);
                return;
        case SWEEP_KEY:
                (void) step(c, COUPON_GONE);
                turn_soon(e, c->key, engine_now(e));
                connect_end(c, OUTCOME_UNCLEAR, "Could not tell: Stripe did not accept the key.");
                return;
        case SWEEP_UNCLEAR:
                break;
        }
        /* It may exist: the row stays, and the sweep looks. */
        connect_end(c, OUTCOME_UNCLEAR,
                    "Could not tell whether a coupon could be created: no answer that "
                    "could be judged. If it exists, the sweep removes it.");
}

static struct ledger_row *connect_row_new(struct engine *e, const struct key *key)
{
        char id[sizeof(COUPON_PREFIX) + COUPON_RANDOM];
        struct ledger_row *row = calloc(1, sizeof(*row));
        uint8_t random[COUPON_RANDOM];

        if (!row)
                return NULL;
        for (size_t i = 0; i < COUPON_RANDOM; i++)
                random[i] = (uint8_t) engine_random(e);
        coupon_id_make(random, id);
        row->owner = owner_of(key);
        row->coupon = strdup(id);
        row->created = engine_wall(e);
        row->state = COUPON_FOUND;
        row->source = COUPON_FROM_CONNECT;
        row->ours = true;
        return row->coupon ? row : ledger_row_free(row);
}

static void connect_refuse(struct chain *chain, const char *text)
{
        chain->outcome = OUTCOME_UNCLEAR;
        snprintf(chain->text, sizeof(chain->text), "%s", text);
        chain_check(chain);
}

void connect_start(struct chain *chain)
{
        struct engine *e = chain->engine;
        struct key *key = engine_named(e, chain->name);
        struct connect *c;
        char *body = NULL, *path;

        if (!key) {
                chain_gone(chain, "The key was removed meanwhile.");
                return;
        }
        if (key_is_suspect(key) || key->belief.life == LIFE_DEAD || outage_strikes(e, key)) {
                connect_refuse(chain, "No coupon was tried: the key, or Stripe, is in doubt.");
                return;
        }
        c = calloc(1, sizeof(*c));
        if (c)
                c->row = connect_row_new(e, key);
        if (!c || !c->row) {
                free(c);
                connect_refuse(chain, "No coupon was tried: out of memory.");
                return;
        }
        c->engine = e;
        c->key = key;
        c->chain = chain;
        LIST_INSERT_HEAD(&e->sweep->connects, c, in_sweep);
        path = strdup(COUPON_CREATE_PATH);
        if (!path || coupon_create_body(c->row->coupon, engine_wall(e) + REDEEM_WITHIN, &body) < 0 ||
            step(c, COUPON_FOUND) < 0) {
                free(path);
                free(body);
                connect_end(c, OUTCOME_UNCLEAR, "No coupon was tried: it could not be written down before.");
                return;
        }
        ask_for(c, METHOD_POST, path, body, connect_on_created);
}

void connects_forget(struct engine *e, const struct key *key)
{
        struct connect *c, *next;

        for (c = LIST_FIRST(&e->sweep->connects); c; c = next) {
                next = LIST_NEXT(c, in_sweep);
                if (c->key == key) {
                        struct chain *chain = c->chain;

                        connect_free(c);
                        agenda_set(e->agenda, &chain->next, engine_now(e)); /* finds that the key is gone */
                }
        }
}

/* Their coupons, if there are any, are where nobody asks now. */
void connects_give_up(struct engine *e)
{
        struct connect *c;

        while ((c = LIST_FIRST(&e->sweep->connects)))
                connect_end(c, OUTCOME_UNCLEAR,
                            "Could not tell: the address of Stripe was changed meanwhile.");
}

void connects_free(struct engine *e)
{
        struct connect *c;

        while ((c = LIST_FIRST(&e->sweep->connects)))
                connect_free(c);
        chains_free(e);
}
