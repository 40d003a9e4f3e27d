#include "stripe/plan.h"

/* Coupons on a page of the list, and the reads a month that listing all of them may cost at most. */
#define COUPONS_PAGE 100
#define LISTING_MAX  1000.0

/* The rest of the permissions is looked at this much more seldom than the riskiest. */
#define EXCESS_REST 4

static double times_a_month(usec_t period)
{
        return period == 0 ? 0 : (double) PLAN_MONTH_SECONDS * (double) USEC_PER_SEC / (double) period;
}

static void count(struct plan_load *load, const struct probe *probe, double times)
{
        if (!probe)
                return;
        if (probe->method == METHOD_GET)
                load->gets += times;
        else
                load->posts += times;
}

/* The probe that a required level is asked with: where write cannot be asked, read tells at least half. */
static const struct probe *required_probe(const struct permission *permission, enum level level, bool live)
{
        const struct probe *probe = permission_probe(permission, level, live);

        return probe || level != LEVEL_WRITE ? probe : permission_probe(permission, LEVEL_READ, live);
}

/* Does what the profile requires bring this level of the permission along? Then it is never a finding. */
static bool is_implied(const struct permission *permission, enum level level, const struct profile *profile)
{
        enum level needed = level == LEVEL_WRITE ? LEVEL_WRITE : LEVEL_READ;

        if (level == LEVEL_WRITE && !permission->implied_write)
                return false;
        for (size_t i = 0; i < permission->n_implied_by; i++)
                if (profile_requires(profile, permission->implied_by[i]) >= needed)
                        return true;
        return false;
}

static void count_excess(struct plan_load *load, const struct settings *settings,
                         const struct permission *permission, enum level required,
                         const struct profile *profile, bool live)
{
        bool risky = permission->risk == RISK_MONEY || permission->risk == RISK_PERSONAL;
        double times = times_a_month(settings->checks.excess * (risky ? 1 : EXCESS_REST));

        if (profile->excess == EXCESS_ALLOW || required == LEVEL_WRITE)
                return;
        if (profile->excess == EXCESS_REPORT && required == LEVEL_NONE &&
            !is_implied(permission, LEVEL_READ, profile))
                count(load, permission_probe(permission, LEVEL_READ, live), times);
        if (!is_implied(permission, LEVEL_WRITE, profile))
                count(load, permission_probe(permission, LEVEL_WRITE, live), times);
}

void plan_key(const struct settings *settings, const struct catalogue *catalogue,
              const struct profile *profile, bool live, struct plan_key *ret)
{
        const struct probe *pulse = NULL;
        struct plan_key key = { 0 };

        for (unsigned row = 0; row < catalogue->n; row++) {
                const struct permission *permission = &catalogue->rows[row];
                enum level required = profile_requires(profile, row);

                if (required != LEVEL_NONE)
                        count(&key.full, required_probe(permission, required, live),
                              times_a_month(settings->checks.full));
                if (required == LEVEL_WRITE && !pulse)
                        pulse = permission_probe(permission, LEVEL_WRITE, live);
                count_excess(&key.excess, settings, permission, required, profile, live);
        }
        double pulses = times_a_month(profile->pulse ? profile->pulse : settings->checks.pulse);
        if (pulse)
                count(&key.pulse, pulse, pulses);
        else
                key.pulse.gets = pulses;
        *ret = key;
}

double plan_scan(const struct settings *settings, const struct profile *profile, uint64_t coupons)
{
        uint64_t pages = (coupons + COUPONS_PAGE - 1) / COUPONS_PAGE;
        double listing;

        if (!profile->sweep || settings->coupons.cleanup == CLEANUP_OFF)
                return 0;
        listing = (double) pages * times_a_month(settings->coupons.scan_all);
        return times_a_month(settings->coupons.scan) + MIN(listing, LISTING_MAX);
}
