/* What Stripe and the way to it answer in a world: the acts that go on, and the odd merchants. */
#include <string.h>

#include "world.h"

bool act_is_on(const struct world *world, const struct act *act)
{
        usec_t from = world->began + act->at;

        return from <= world->sim->now && world->sim->now < from + act->span;
}

static enum sim_fault pick(const enum sim_fault *list, size_t n, unsigned detail)
{
        return list[detail % n];
}

static enum sim_fault fault_of(const struct act *act)
{
        static const enum sim_fault lies[] = { SIM_EXPIRED, SIM_INVALID };
        static const enum sim_fault pages[] = { SIM_401_HTML, SIM_403_HTML, SIM_502_HTML, SIM_TRUNCATED,
                                                SIM_EMPTY };
        static const enum sim_fault outages[] = { SIM_TIMEOUT, SIM_RESOLVE, SIM_CONNECT, SIM_500 };

        switch (act->kind) {
        case ACT_LIE_ALL:
        case ACT_LIE_SOME:
                return pick(lies, ELEMENTSOF(lies), act->detail);
        case ACT_PAGE:
                return pick(pages, ELEMENTSOF(pages), act->detail);
        case ACT_OUTAGE:
        case ACT_OUTAGE_SOME:
                return pick(outages, ELEMENTSOF(outages), act->detail);
        default:
                return SIM_NONE;
        }
}

#define RETIRED "checkout_session"

bool act_retires(const struct plan *plan, const char *permission)
{
        bool retires = false;

        for (size_t i = 0; i < plan->n_acts; i++)
                retires = retires || plan->acts[i].kind == ACT_RETIRE;
        return retires && strcmp(permission, RETIRED) == 0;
}

/* Only whom Stripe lets in hears of it. */
static bool is_retired(const struct sim *sim, const struct sim_key *key)
{
        return key->life == SIM_ALIVE && sim->asked &&
               strcmp(sim->conf->catalogue->rows[sim->asked->row].name, RETIRED) == 0;
}

static bool is_gated(const struct sim *sim)
{
        return sim->asked && strncmp(sim->conf->catalogue->rows[sim->asked->row].name, "issuing", 7) == 0;
}

static enum sim_fault oddly(struct world *world, enum oddity odd)
{
        struct sim *sim = world->sim;

        switch (odd) {
        case ODD_UNLISTED:
                return SIM_UNLISTED;
        case ODD_OWN_500:
                return SIM_500;
        case ODD_FEATURE_OFF:
                return is_gated(sim) ? SIM_FEATURE_OFF : SIM_NONE;
        case ODD_THROTTLED:
                return sim->now % DAY < 5 * HOUR ? SIM_429_HOUR : SIM_NONE;
        case ODD_FLAKY:
                return sim_random(sim, 3) == 0 ? SIM_500 : SIM_NONE;
        default:
                return SIM_NONE;
        }
}

enum sim_fault world_fault(struct sim *sim, struct sim_key *key)
{
        struct world *world = sim->userdata;
        const struct plan *plan = world->plan;
        bool retired = false;

        for (size_t i = 0; i < plan->n_acts; i++) {
                const struct act *act = &plan->acts[i];

                if (act_is_on(world, act) && fault_of(act) != SIM_NONE && act_reaches(act, key->account))
                        return fault_of(act);
                if (act->kind == ACT_RETIRE && act_is_on(world, act) && is_retired(sim, key))
                        retired = true;
        }
        return retired ? SIM_UNRECOGNIZED : oddly(world, plan_oddity(plan, key->account));
}
