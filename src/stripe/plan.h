/* How many requests the watch needs, told from the configuration and from which keys there are. Counted for a
 * month of 30 days and a quiet fleet: doubts, outages and checks on request come on top. Stripe guarantees an
 * account 10,000 reads a month; requests that are not reads do not count against that, which is why a pulse
 * is a POST wherever the profile allows it. Pure. */
#ifndef STRIPE_PLAN_H
#define STRIPE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "model/profile.h"
#include "model/settings.h"
#include "stripe/catalogue.h"

#define PLAN_MONTH_SECONDS (INT64_C(30) * 86400)

/* Above this many reads of one account and month there is a warning. */
#define PLAN_READS_WARNING 5000

/* Above this share of the rate that is allowed there is a warning. */
#define PLAN_RATE_WARNING 0.8

struct plan_load {
        double gets, posts; /* a month */
};

/* What one key of a profile costs. */
struct plan_key {
        struct plan_load pulse, full, excess;
};

void plan_key(const struct settings *settings, const struct catalogue *catalogue,
              const struct profile *profile, bool live, struct plan_key *ret);

/* The reads that looking for probe coupons costs in one account with `coupons` coupons. */
double plan_scan(const struct settings *settings, const struct profile *profile, uint64_t coupons);

struct json_t;
struct plan;

/* What an account is taken to have that was never counted, unless somebody knows better. */
#define PLAN_COUPONS 1000

/* `coupons`: how many an account is taken to have where nobody counted. All is borrowed. -ENOMEM. */
int plan_new(const struct settings *settings, const struct catalogue *catalogue,
             const struct profiles *profiles, uint64_t coupons, struct plan **ret);
struct plan *plan_free(struct plan *plan);
DEFINE_CLEANUP(struct plan, plan_free)

/* Nobody ever counted them. */
#define PLAN_UNCOUNTED UINT64_MAX

/* An account in one mode, or a key whose account is not known, with what is known of its coupons. */
void plan_next_account(struct plan *plan, bool live, uint64_t coupons);
/* One of its keys. */
void plan_add(struct plan *plan, size_t profile);

struct plan_sum {
        size_t keys, accounts;
        size_t accounts_over; /* are read more often than PLAN_READS_WARNING */
        double needed_rate;   /* requests a second */
        double most_reads;    /* of any account in a month */
        /* In that account: the profile whose pulses read it most, and how often. NULL: none does. */
        const struct profile *reader;
        double reader_reads;
};
void plan_sum(const struct plan *plan, struct plan_sum *ret);

#define PLAN_WARNINGS_MAX 2
#define PLAN_WARNING_SIZE 480

/* What is worth a warning, as sentences. Gives how many. */
size_t plan_warnings(const struct plan_sum *sum, const struct settings *settings,
                     char ret[static PLAN_WARNINGS_MAX][PLAN_WARNING_SIZE]);

/* The warning that a single key of this profile is worth. False: none. */
bool plan_key_warning(const struct settings *settings, const struct catalogue *catalogue,
                      const struct profile *profile, bool live, char ret[static PLAN_WARNING_SIZE]);

/* All of it for programs, as jansson has it; the body of GET /v1/plan. NULL without memory. */
struct json_t *plan_json(const struct plan *plan);

#endif
