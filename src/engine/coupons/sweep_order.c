/* A sweep that a person asked for: one account or all of them, now, with a list of the coupons found. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/coupons/sweep_order.h"
#include "engine/coupons/sweep_steps.h"

/* Accounts of one order that are swept at a time. */
#define AT_A_TIME 32
/* Keys that are looked at before the sockets have their turn again. */
#define ORDER_SLICE 500

void sweep_order_free(struct sweep_order *order)
{
        agenda_clear(order->engine->agenda, &order->next);
        LIST_REMOVE(order, in_sweep);
        for (size_t i = 0; i < order->n; i++) {
                free((char *) order->findings[i].key);
                free((char *) order->findings[i].account);
                free((char *) order->findings[i].coupon);
                free((char *) order->findings[i].reason);
        }
        free(order->findings);
        free(order);
}

void sweep_orders_free(struct engine *e)
{
        struct sweep_order *order;
        struct sweep_job *job;

        LIST_FOREACH(job, &e->sweep->jobs, in_sweep)
                job->order = NULL;
        while ((order = LIST_FIRST(&e->sweep->orders)))
                sweep_order_free(order);
}

void sweep_order_spared(struct sweep_order *order)
{
        order->would++;
}

size_t sweep_order_would(const struct sweep_order *order)
{
        return order->would;
}

static void add_finding(struct sweep_order *order, const struct sweep_job *job, const char *account,
                        const struct sweep_row *r)
{
        const struct ledger_row *row = r->row;

        order->findings =
                memory_sure(array_room(order->findings, order->n, 1, &order->room, sizeof(*order->findings)));
        order->findings[order->n++] = (struct sweep_finding){
                .key = memory_text(job->key->name),
                .account = memory_text(account),
                .mode = key_mode_name((enum key_mode) job->key->mode),
                .coupon = memory_text(row->coupon),
                .state = row->state,
                .why = r->why,
                .reason = memory_text(row->reason),
                .text = coupon_reason(row->reason),
                .created = row->created,
        };
}

/* --- one account after the other --- */

static void order_lack(struct sweep_order *order, const struct key *key)
{
        order->lacking++;
        snprintf(order->lack, sizeof(order->lack),
                 "%s: the key lacks “Coupons: Write”, which finding and deleting coupons needs", key->name);
}

static void order_fail(struct sweep_order *order, const struct key *key, const char *why)
{
        order->failed++;
        snprintf(order->message, sizeof(order->message), "%s%s%s", key ? key->name : "", key ? ": " : "",
                 why);
}

static void order_tell(struct sweep_order *order)
{
        if (order->all && order->swept + order->failed + order->lacking == 0)
                order_fail(order, NULL,
                           "there is no key yet that is known to be alive and to grant “Coupons: Write”");
        struct sweep_result result = {
                .swept = order->swept,
                .failed = order->failed,
                .message = order->message,
                .lacking = order->lacking,
                .lack = order->lack,
                .findings = order->findings,
                .n = order->n,
        };

        order->done(&result, order->userdata);
        sweep_order_free(order);
}

/* A sweep of the schedule that is under way makes room: what it was deleting is looked at first. */
struct sweep_job *sweep_make_room(struct sweep_order *order, struct key *key)
{
        struct engine *e = order->engine;
        struct ledger_owner owner = owner_of(key);
        struct sweep_job *job = sweep_job_of(e, &owner);

        if (job && job->order)
                return NULL;
        if (job)
                sweep_job_end(job, NULL);
        return sweep_job_new(e, key);
}

static void start_one(struct sweep_order *order, struct key *key)
{
        struct engine *e = order->engine;
        const char *hindered = sweep_hindered(e, key);
        struct sweep_job *job = hindered ? NULL : sweep_make_room(order, key);

        if (!job) {
                order_fail(order, key, hindered ? hindered : "somebody else is sweeping it already");
                return;
        }
        job->dry_run = order->request.dry_run;
        job->force = order->request.force;
        if (ledger_scan_get(e->parts.store, &job->owner, &job->scan) < 0) {
                order_fail(order, key, "the ledger could not be read");
                sweep_job_free(job);
                return;
        }
        job->order = order;
        order->running++;
        sweep_list_is_due(job, true);
        sweep_then(job, sweep_list, engine_now(e));
}

static void start_single(struct sweep_order *order)
{
        struct key *key = keys_find(order->engine, order->key_id);

        order->key_id = 0;
        key = key ? sweep_elect(order->engine, key, true) : NULL;
        if (key)
                start_one(order, key);
        else
                order_fail(order, NULL, "the key was removed or died meanwhile");
}

/* With the best key of an account and mode, if there is one. */
static void start_account(struct sweep_order *order, struct key *first, uint8_t mode)
{
        struct engine *e = order->engine;
        struct key *useful = NULL, *lacks = NULL;

        for (struct key *key = first; key; key = key->same_account) {
                if (key->mode != mode || !key_profile(e, key)->sweep)
                        continue;
                if (sweep_may_use(e, key))
                        useful = key;
                else if (sweep_lacks(e, key))
                        lacks = key;
        }
        if (useful)
                start_one(order, sweep_elect(e, useful, true));
        else if (lacks)
                order_lack(order, lacks);
}

/* All keys of an account have their turn with that which is the last of them. */
static void start_with(struct sweep_order *order, struct key *key)
{
        struct key *first = keys_of_account(order->engine, key->account_id);

        if (key->same_account)
                return;
        start_account(order, first ? first : key, MODE_LIVE);
        start_account(order, first ? first : key, MODE_TEST);
}

/* False: all keys were looked at. */
static bool walk_on(struct sweep_order *order)
{
        const struct engine *e = order->engine;
        size_t i = engine_keys_after(e, order->last_id);

        for (size_t end = MIN(e->n_keys, i + ORDER_SLICE); i < end && order->running < AT_A_TIME; i++) {
                order->last_id = e->keys[i]->id;
                start_with(order, e->keys[i]);
        }
        return i < e->n_keys;
}

void sweep_order_next(struct alarm *alarm, void *userdata)
{
        struct sweep_order *order = CONTAINER_OF(alarm, struct sweep_order, next);
        struct engine *e = userdata;
        bool goes_on = order->all && walk_on(order);

        if (order->key_id)
                start_single(order);
        if (goes_on && order->running < AT_A_TIME)
                agenda_set(e->agenda, alarm, engine_now(e) + 1); /* behind what is due already */
        else if (!goes_on && order->running == 0)
                order_tell(order);
}

void sweep_order_ended(struct sweep_job *job, const char *why)
{
        struct sweep_order *order = TAKE(job->order);
        struct engine *e = job->engine;
        _cleanup_free_ char *account = engine_account(e, job->key);

        order->running--;
        if (job->lacks)
                order_lack(order, job->key);
        else if (why)
                order_fail(order, job->key, why);
        else
                order->swept++;
        for (size_t i = 0; i < job->n_rows; i++)
                if (!job->rows[i].left_out)
                        add_finding(order, job, account, &job->rows[i]);
        agenda_set(e->agenda, &order->next, engine_now(e)); /* told on the next turn, not from in here */
}
