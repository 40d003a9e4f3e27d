/* What a person asked for: one account or all of them, now, with a list of what was found. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sweep_internal.h"

/* Accounts of one order that are swept at a time. */
#define AT_A_TIME 32

struct sweep_order {
        struct engine *engine;
        struct alarm next;
        struct sweep_request request; /* `name` is not kept */
        int64_t *keys;                /* ids of the keys whose accounts are still to be swept */
        size_t n_keys, next_key, running;

        struct sweep_finding *findings; /* texts owned */
        size_t n, room;
        size_t swept, failed, would;
        char message[256];
        sweep_done_fn done;
        void *userdata;
        LIST_ENTRY(sweep_order) in_sweep;
};

static void order_free(struct sweep_order *order)
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
        free(order->keys);
        free(order);
}

void sweep_orders_free(struct engine *e)
{
        struct sweep_order *order;
        struct sweep_job *job;

        LIST_FOREACH(job, &e->sweep->jobs, in_sweep)
        job->order = NULL;
        while ((order = LIST_FIRST(&e->sweep->orders)))
                order_free(order);
}

void sweep_order_spared(struct sweep_order *order)
{
        order->would++;
}

size_t sweep_order_would(const struct sweep_order *order)
{
        return order->would;
}

static char *copy(const char *text)
{
        char *copied = strdup(text ? text : "");

        if (!copied)
                abort();
        return copied;
}

static const char *reason_text(const struct ledger_row *row)
{
        enum rail rail;

        if (strcmp(row->reason, "report-only") == 0)
                return "the configuration says to report only";
        if (strcmp(row->reason, SWEEP_HALF_READ) == 0)
                return "the list of coupons was not read to its end yet";
        if (strcmp(row->reason, "would-delete") == 0)
                return "it would be deleted";
        if (strcmp(row->reason, "delete-refused") == 0)
                return "Stripe refused to delete it";
        return rail_parse(row->reason, &rail) < 0 ? "" : rail_reason(rail);
}

static void add_finding(struct sweep_order *order, const struct sweep_job *job, const char *account,
                        const struct ledger_row *row)
{
        if (order->n == order->room) {
                order->room = 2 * order->room + 16;
                order->findings = reallocarray(order->findings, order->room, sizeof(*order->findings));
                if (!order->findings)
                        abort();
        }
        order->findings[order->n++] = (struct sweep_finding){
                .key = copy(job->key->name),
                .account = copy(account),
                .mode = key_mode_name((enum key_mode) job->key->mode),
                .coupon = copy(row->coupon),
                .state = coupon_state_name(row->state),
                .reason = copy(row->reason),
                .text = reason_text(row),
                .created = row->created,
        };
}

/* --- one account after the other --- */

static void order_fail(struct sweep_order *order, const struct key *key, const char *why)
{
        order->failed++;
        snprintf(order->message, sizeof(order->message), "%s%s%s", key ? key->name : "", key ? ": " : "",
                 why);
}

static void order_tell(struct sweep_order *order)
{
        struct sweep_result result = {
                .swept = order->swept,
                .failed = order->failed,
                .message = order->message,
                .findings = order->findings,
                .n = order->n,
        };

        order->done(&result, order->userdata);
        order_free(order);
}

/* A sweep of the schedule that is under way makes room: what it was deleting is looked at first. */
static struct sweep_job *make_room(struct sweep_order *order, struct key *key)
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
        struct sweep_job *job = hindered ? NULL : make_room(order, key);

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

static void on_next(struct alarm *alarm, void *userdata)
{
        struct sweep_order *order = CONTAINER_OF(alarm, struct sweep_order, next);
        struct engine *e = userdata;

        while (order->running < AT_A_TIME && order->next_key < order->n_keys) {
                struct key *key = roster_find(e, order->keys[order->next_key++]);

                key = key ? sweep_elect(e, key, true) : NULL;
                if (key)
                        start_one(order, key);
                else
                        order_fail(order, NULL, "a key was removed or died meanwhile");
        }
        if (order->running == 0)
                order_tell(order);
}

void sweep_order_ended(struct sweep_job *job, const char *why)
{
        struct sweep_order *order = TAKE(job->order);
        struct engine *e = job->engine;
        _cleanup_free_ char *account = key_account(e, job->key);

        order->running--;
        if (why)
                order_fail(order, job->key, why);
        else
                order->swept++;
        for (size_t i = 0; i < job->n_rows; i++)
                if (!job->rows[i].left_out)
                        add_finding(order, job, account, job->rows[i].row);
        agenda_set(e->agenda, &order->next, engine_now(e)); /* told on the next turn, not from in here */
}

/* --- beginning --- */

struct owned {
        struct ledger_owner owner;
        bool may_write;
};

static int compare_owned(const void *a, const void *b)
{
        const struct owned *l = a, *r = b;
        int64_t lk = l->owner.account_id ? 0 : l->owner.key_id,
                rk = r->owner.account_id ? 0 : r->owner.key_id;

        if (l->owner.account_id != r->owner.account_id)
                return l->owner.account_id < r->owner.account_id ? -1 : 1;
        if (lk != rk)
                return lk < rk ? -1 : 1;
        if (l->owner.mode != r->owner.mode)
                return l->owner.mode < r->owner.mode ? -1 : 1;
        return (int) r->may_write - (int) l->may_write;
}

/* The best key of each account and mode. */
static int take_all(struct sweep_order *order)
{
        struct engine *e = order->engine;
        _cleanup_free_ struct owned *owned = calloc(e->n_keys + 1, sizeof(*owned));
        size_t n = 0;

        order->keys = calloc(e->n_keys + 1, sizeof(*order->keys));
        if (!owned || !order->keys)
                return -ENOMEM;
        for (size_t i = 0; i < e->n_keys; i++)
                if (key_profile(e, e->keys[i])->sweep && sweep_may_use(e, e->keys[i]))
                        owned[n++] = (struct owned){
                                .owner = owner_of(e->keys[i]),
                                .may_write = sweep_grant(e, e->keys[i], "coupon", LEVEL_WRITE) == 1,
                        };
        qsort(owned, n, sizeof(*owned), compare_owned);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || !owner_equal(&owned[i - 1].owner, &owned[i].owner))
                        order->keys[order->n_keys++] = owned[i].owner.key_id;
        return 0;
}

static int check_key(struct engine *e, const struct sweep_request *request, bool listing, struct key **ret,
                     char **ret_why)
{
        struct key *key = roster_named(e, request->name);

        if (!key)
                return why(ret_why, -ENOENT, "There is no key named '%s'; 'keyvigil list' shows all.",
                           request->name);
        if (listing && !key_profile(e, key)->sweep)
                return why(ret_why, -EINVAL, "The profile '%s' of '%s' says not to sweep coupons.",
                           key_profile(e, key)->name, key->name);
        if (!sweep_elect(e, key, listing))
                return why(ret_why, -EINVAL, "'%s': %s.", key->name, sweep_hindered(e, key));
        *ret = key;
        return 0;
}

static int check_now(struct engine *e, bool dry_run, char **ret_why)
{
        int r = intake_writable(e, ret_why);

        if (r < 0)
                return r;
        if (e->parts.settings->coupons.cleanup == CLEANUP_OFF && !dry_run)
                return why(ret_why, -EINVAL,
                           "The configuration says 'cleanup: off'; --dry-run looks all the "
                           "same.");
        return 0;
}

static struct sweep_order *order_new(struct engine *e, const struct sweep_request *request,
                                     sweep_done_fn done, void *userdata)
{
        struct sweep_order *order = calloc(1, sizeof(*order));

        if (!order)
                return NULL;
        order->engine = e;
        order->request = *request;
        order->done = done;
        order->userdata = userdata;
        order->next.ring = on_next;
        LIST_INSERT_HEAD(&e->sweep->orders, order, in_sweep);
        return order;
}

int engine_sweep(struct engine *e, const struct sweep_request *request, sweep_done_fn done, void *userdata,
                 char **ret_why)
{
        struct key *key = NULL;
        int r = check_now(e, request->dry_run, ret_why);

        if (r < 0 || (request->name && (r = check_key(e, request, true, &key, ret_why)) < 0))
                return r;
        struct sweep_order *order = order_new(e, request, done, userdata);
        if (!order)
                return -ENOMEM;
        if (!key)
                r = take_all(order);
        else if (!(order->keys = calloc(1, sizeof(*order->keys))))
                r = -ENOMEM;
        else
                order->keys[order->n_keys++] = key->id;
        if (r >= 0 && order->n_keys == 0)
                r = why(ret_why, -EINVAL,
                        "There is no living key whose profile says to sweep coupons and that may list them.");
        if (r < 0)
                order_free(order);
        else
                agenda_set(e->agenda, &order->next, engine_now(e));
        return r;
}

static int compare_ids(const void *a, const void *b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* In the job's rows, and in the ledger. */
static int take_ids(struct sweep_job *job, const char *const *ids, size_t n)
{
        _cleanup_free_ const char **sorted = calloc(n + 1, sizeof(*sorted));
        int r = sorted ? sweep_rows_load(job) : -ENOMEM;

        if (r < 0)
                return r;
        memcpy(sorted, ids, n * sizeof(*sorted));
        qsort(sorted, n, sizeof(*sorted), compare_ids);
        for (size_t i = 0; i < job->n_rows; i++) {
                const char *coupon = job->rows[i].row->coupon;

                /* the others are the scan's */
                job->rows[i].left_out = !bsearch(&coupon, sorted, n, sizeof(*sorted), compare_ids);
        }
        for (size_t i = 0; r >= 0 && i < n; i++)
                if (i == 0 || strcmp(sorted[i - 1], sorted[i]) != 0)
                        r = sweep_row_found(job, sorted[i], 0, COUPON_FROM_ADDED);
        return r < 0 ? r : sweep_found(job);
}

int engine_coupons_add(struct engine *e, const struct sweep_request *request, const char *const *ids,
                       size_t n_ids, sweep_done_fn done, void *userdata, char **ret_why)
{
        struct key *key;
        int r = check_now(e, request->dry_run, ret_why);

        if (r < 0 || (r = check_key(e, request, false, &key, ret_why)) < 0)
                return r;
        for (size_t i = 0; i < n_ids; i++)
                if (!coupon_is_probe(ids[i]))
                        return why(ret_why, -EINVAL,
                                   "Number %zu of the ids is not that of a probe coupon (selgeo_probe_ and "
                                   "letters, digits, _ or -); nothing was done.",
                                   i + 1);
        struct sweep_order *order = order_new(e, request, done, userdata);
        if (!order)
                return -ENOMEM;
        struct sweep_job *job = make_room(order, sweep_elect(e, key, false));
        if (!job) {
                order_free(order);
                return why(ret_why, -EMFILE, "Somebody else is sweeping the account of '%s'; try again.",
                           key->name);
        }
        job->dry_run = request->dry_run;
        job->force = request->force;
        r = ledger_scan_get(e->parts.store, &job->owner, &job->scan);
        if (r < 0 || (r = take_ids(job, ids, n_ids)) < 0) {
                sweep_job_free(job);
                order_free(order);
                return why(ret_why, r, "The coupon ledger could not be written: %s.", strerror(-r));
        }
        job->order = order;
        order->running++;
        sweep_then(job, sweep_rows, engine_now(e));
        return 0;
}
