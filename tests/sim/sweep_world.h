/* What the tests of the sweep share: accounts full of coupons, what interrupted checks leave there, what a
 * sweep said. */
#ifndef TESTS_SIM_SWEEP_WORLD_H
#define TESTS_SIM_SWEEP_WORLD_H

#include "check.h"
#include "engine/sweep.h"
#include "sim_coupons.h"
#include "store/ledger.h"

static inline unsigned sweep_seeds(void)
{
        const char *text = getenv("KEYVIGIL_SEEDS");

        return text ? (unsigned) strtoul(text, NULL, 10) : long_form() ? 50 : 2;
}

static inline struct sim *world(unsigned seed, size_t keys)
{
        struct sim_options options = { .seed = first_seed() + seed, .keys = keys, .adopt = true };

        return sim_new(&options);
}

static inline const char *random_id(struct sim *sim, char id[static 40])
{
        snprintf(id, 40, "selgeo_probe_%08llx", (unsigned long long) sim_random(sim, 1ull << 32));
        return id;
}

/* A connection check was interrupted, just now. */
static inline void leave(struct sim *sim, int account)
{
        char id[40];

        sim_coupon(sim, sim_coupon_add(sim, (unsigned) account, random_id(sim, id), 0))->expected = true;
}

static inline size_t left(const struct sim *sim)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_coupons; i++)
                n += sim_coupon((struct sim *) sim, i)->expected &&
                     !sim_coupon((struct sim *) sim, i)->deleted;
        return n;
}

/* What merchants have, and what only looks like a probe's. */
static inline void furnish(struct sim *sim, unsigned account, int n)
{
        static const char *const alike[] = {
                "selgeo_probe",     "selgeo_probe_",       "SELGEO_PROBE_x", "selgeo_probe_ä",
                "xselgeo_probe_ab", "selgeo_probe_a b.c!", "WELCOME10",
        };
        char id[64];

        for (size_t i = 0; i < ELEMENTSOF(alike); i++)
                sim_coupon_add(sim, account, alike[i], (int64_t) sim_random(sim, 90 * 86400));
        for (int i = 0; i < n; i++) {
                snprintf(id, sizeof(id), "merchant_%u_%d", account, i);
                sim_coupon_add(sim, account, id, (int64_t) sim_random(sim, 90 * 86400));
        }
        sim_coupon(sim, sim_coupon_add(sim, account, "selgeo_probe_other_mode", 99999))->live = false;
        sim_coupon(sim, sim_coupon_add(sim, account, "selgeo_probe_redeemed", 99999))->redeemed = 1;
        sim_coupon(sim, sim_coupon_add(sim, account, "selgeo_probe_promoted", 99999))->promoted = 1;
        sim_coupon(sim, sim_coupon_add(sim, account, "selgeo_probe_promoted_old", 99999))->promoted = 2;
}

/* Exactly the right ones are gone, and in time if `bound`. */
static inline void verify(struct sim *sim, usec_t bound)
{
        check(sim, sim->wrong_deletes == 0);
        check_fields(sim);
        for (size_t i = 0; i < sim->n_coupons; i++) {
                const struct sim_coupon *c = sim_coupon(sim, i);

                check(sim, !c->deleted || c->expected);
                check(sim, !c->expected || c->deleted);
                check(sim, !c->deleted || bound == 0 || c->deleted_at - c->appeared <= bound);
        }
}

struct told {
        int times;
        size_t n, would, deleted, kept, failed;
        char message[256], reason[32];
};

static inline void on_swept(const struct sweep_result *result, void *userdata)
{
        struct told *told = userdata;

        told->times++;
        told->n = result->n;
        told->failed = result->failed;
        told->would = told->deleted = told->kept = 0;
        snprintf(told->message, sizeof(told->message), "%s", result->message);
        for (size_t i = 0; i < result->n; i++) {
                told->would += strcmp(result->findings[i].reason, "would-delete") == 0;
                told->deleted += result->findings[i].state == COUPON_DELETED;
                told->kept += result->findings[i].state == COUPON_KEPT;
                snprintf(told->reason, sizeof(told->reason), "%s", result->findings[i].reason);
        }
}

static inline struct told sweep(struct sim *sim, bool dry_run, bool force)
{
        struct sweep_request request = { .dry_run = dry_run, .force = force };
        struct told told = { 0 };
        char *why = NULL;

        if (engine_sweep(sim->engine, &request, on_swept, &told, &why) < 0)
                fprintf(stderr, "%s\n", why ? why : "?");
        free(why);
        for (int i = 0; i < 600 && told.times == 0; i++)
                sim_run(sim, MINUTE);
        check(sim, told.times == 1);
        return told;
}

struct checked {
        int times;
        enum check_outcome outcome;
        char message[400];
};

static inline void on_checked(const struct check_result *result, void *userdata)
{
        struct checked *checked = userdata;

        checked->times++;
        checked->outcome = result->outcome;
        snprintf(checked->message, sizeof(checked->message), "%s", result->message);
}

static inline struct checked connect(struct sim *sim, enum check_kind kind)
{
        struct checked checked = { 0 };
        char *why = NULL;

        assert_true(engine_check(sim->engine, "merchant-0", kind, on_checked, &checked, &why) >= 0);
        sim_run(sim, 10 * MINUTE);
        check(sim, checked.times == 1);
        return checked;
}

#endif
