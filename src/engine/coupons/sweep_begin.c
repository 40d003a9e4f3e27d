/* Begins a sweep that a person asked for: which accounts it concerns, and whether it can be done. */
#include "base/why.h"
#include "engine/sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/coupons/sweep_order.h"
#include "engine/coupons/sweep_steps.h"

/* The engine counts keys by profile. */
static bool anybody_lives(const struct engine *e)
{
        for (size_t i = 0; i < e->parts.profiles->n; i++)
                if (e->parts.profiles->list[i]->sweep && e->counts.by_profile[i].alive > 0)
                        return true;
        return false;
}

static int check_key(struct engine *e, const struct sweep_request *request, bool listing, struct key **ret,
                     char **ret_why)
{
        struct key *key = engine_named(e, request->name);

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
        int r = recorder_writable(e, ret_why);

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
        order->next.ring = sweep_order_next;
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
        if (!key && !anybody_lives(e))
                return why(ret_why, -EINVAL, "There is no living key whose profile says to sweep coupons.");
        struct sweep_order *order = order_new(e, request, done, userdata);
        if (!order)
                return -ENOMEM;
        order->all = !key;
        order->key_id = key ? key->id : 0;
        agenda_set(e->agenda, &order->next, engine_now(e));
        return 0;
}

static int begin_compare_ids(const void *a, const void *b)
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
        qsort(sorted, n, sizeof(*sorted), begin_compare_ids);
        for (size_t i = 0; i < job->n_rows; i++) {
                const char *coupon = job->rows[i].row->coupon;

                /* the others are the scan's */
                job->rows[i].left_out = !bsearch(&coupon, sorted, n, sizeof(*sorted), begin_compare_ids);
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
        struct sweep_job *job = sweep_make_room(order, sweep_elect(e, key, false));
        if (!job) {
                sweep_order_free(order);
                return why(ret_why, -EMFILE, "Somebody else is sweeping the account of '%s'; try again.",
                           key->name);
        }
        job->dry_run = request->dry_run;
        job->force = request->force;
        r = ledger_scan_get(e->parts.store, &job->owner, &job->scan);
        if (r < 0 || (r = take_ids(job, ids, n_ids)) < 0) {
                sweep_job_free(job);
                sweep_order_free(order);
                return why(ret_why, r, "The coupon ledger could not be written: %s.", strerror(-r));
        }
        job->order = order;
        order->running++;
        sweep_then(job, sweep_rows, engine_now(e));
        return 0;
}
