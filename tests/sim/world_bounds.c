/* When all was quiet for long enough; the bounds, written down once; and what no program could tell. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* --- quiet --- */

/* Bursts, repeated questions, other requests in the lane: what an answer may take beside its own latency. */
#define SLACK MINUTE

struct noise {
        struct span list[512];
        size_t n;
};

static void noise_add(struct noise *noise, usec_t from, usec_t until)
{
        if (noise->n == ELEMENTSOF(noise->list))
                abort();
        noise->list[noise->n++] = (struct span){ from, until };
}

static void noise_add_all(struct noise *noise, const struct spans *spans, usec_t after)
{
        for (size_t i = 0; i < spans->n; i++)
                noise_add(noise, spans->list[i].from,
                          spans->list[i].until == USEC_INFINITY ? USEC_INFINITY
                                                                : spans->list[i].until + after);
}

/* How long what this act did goes on after its end, for a key of this account. 0: it was no matter of its. */
static usec_t aftermath(const struct act *act, bool mine)
{
        switch (act->kind) {
        case ACT_LIE_ALL:
        case ACT_LIE_SOME: /* the longest hold, and what it waits for */
                return 17 * MINUTE;
        case ACT_OUTAGE:
        case ACT_PAGE:
                return 3 * MINUTE;
        case ACT_OUTAGE_SOME: /* below the threshold of an outage it is the account's back-off; and for
                                 others it may take those that vouch */
                return mine ? HOUR : 3 * MINUTE;
        case ACT_SILENCE:
                return 2 * MINUTE;
        default:
                return 0;
        }
}

static void noise_of_acts(const struct world *world, unsigned account, struct noise *noise)
{
        const struct plan *plan = world->plan;

        for (size_t i = 0; i < plan->n_acts; i++) {
                const struct act *act = &plan->acts[i];
                usec_t after = aftermath(act, act_reaches(act, account));

                if (after > 0)
                        noise_add(noise, world->began + act->at, world->began + act->at + act->span + after);
        }
}

/* For four hours of each day. */
static void noise_of_oddity(const struct world *world, unsigned account, struct noise *noise)
{
        enum oddity odd = plan_oddity(world->plan, account);

        if (odd == ODD_UNLISTED || odd == ODD_OWN_500)
                noise_add(noise, 0, USEC_INFINITY);
        for (usec_t day = 0; odd == ODD_THROTTLED && day < world->ends; day += DAY)
                noise_add(noise, day, day + 6 * HOUR);
}

static usec_t quiet(const struct world *world, size_t subject, usec_t from, usec_t need, bool odd)
{
        const struct subject *s = &world->subjects[subject];
        unsigned account = world->sim->keys[s->secret].account;
        struct noise noise = { .n = 0 };

        noise_add_all(&noise, &world->down, SLACK);
        noise_add_all(&noise, &world->unjournalled, SLACK);
        noise_add_all(&noise, &s->paused, 0);
        noise_add_all(&noise, &s->gone, 0);
        noise_of_acts(world, account, &noise);
        if (odd)
                noise_of_oddity(world, account, &noise);
        for (bool moved = true; moved;) {
                moved = false;
                for (size_t i = 0; i < noise.n; i++)
                        if (noise.list[i].from < from + need && from < noise.list[i].until) {
                                if (noise.list[i].until == USEC_INFINITY)
                                        return USEC_INFINITY;
                                from = noise.list[i].until;
                                moved = true;
                        }
        }
        return from + need <= world->ends ? from + need : USEC_INFINITY;
}

usec_t truth_quiet(const struct world *world, size_t subject, usec_t from, usec_t need)
{
        return quiet(world, subject, from, need, true);
}

usec_t truth_quiet_but_odd(const struct world *world, size_t subject, usec_t from, usec_t need)
{
        return quiet(world, subject, from, need, false);
}

/* --- bounds --- */

static usec_t pulse_of(const struct world *world, size_t subject)
{
        return world->subjects[subject].slowest;
}

/* What `n` answers take for this account. */
static usec_t answers(const struct world *world, size_t subject, unsigned n)
{
        unsigned account = world->sim->keys[world->subjects[subject].secret].account;

        switch (plan_oddity(world->plan, account)) {
        case ODD_SLOW:
                return n * 16 * USEC_PER_SEC;
        case ODD_FLAKY: /* an unclear answer is repeated after 5, 10, 20 … seconds, or waits for a back-off */
                return n * 5 * MINUTE;
        default:
                return n * 200 * USEC_PER_MSEC;
        }
}

static bool is_here(const struct subject *s, usec_t at)
{
        return s->arrived > 0 && s->arrived <= at && !spans_cover(&s->gone, at);
}

/* Could this name vouch for another of that mode? */
static bool vouches(const struct world *world, size_t i, bool test, usec_t at)
{
        const struct subject *s = &world->subjects[i];
        enum oddity odd = plan_oddity(world->plan, world->sim->keys[s->secret].account);

        return s->test == test && is_here(s, at) && !spans_cover(&s->dead, at) &&
               !spans_cover(&s->paused, at) && !spans_cover(&s->blocked, at) &&
               (odd == ODD_NONE || odd == ODD_FEATURE_OFF);
}

static size_t count_vouching(const struct world *world, size_t subject, usec_t at)
{
        size_t n = 0;

        for (size_t i = 0; i < world->n_subjects; i++)
                n += i != subject && vouches(world, i, world->subjects[subject].test, at);
        return n;
}

/* May it be asked to vouch, whatever it would say? What died just now is still believed alive. */
static bool is_candidate(const struct world *world, size_t i, bool test, usec_t at)
{
        const struct subject *s = &world->subjects[i];

        return s->test == test && is_here(s, at) && !spans_cover(&s->dead, at - HOUR);
}

/* Holds that are due: a group's, or those that nobody's word shortens. An only key waits for one hold. Who is
 * asked to vouch may have died as well, unheard of until then: that is one hold if few died, and all three
 * if so many did that the next one may have, too, or if those who live cannot vouch. */
static usec_t holds(const struct world *world, size_t subject, usec_t died)
{
        const struct subject *s = &world->subjects[subject];
        usec_t known = died + pulse_of(world, subject);
        size_t others = count_vouching(world, subject, known), candidates = 0,
               deaths = truth_deaths_before(world, s->test, known);

        for (size_t i = 0; i < world->n_subjects; i++)
                candidates += i != subject && is_candidate(world, i, s->test, died);
        if (others < 3)
                return candidates > 0 ? 37 * MINUTE : 7 * MINUTE;
        if (deaths < 2)
                return 0;
        return deaths * 10 > others ? 37 * MINUTE : 7 * MINUTE;
}

usec_t bound_death(const struct world *world, size_t subject, usec_t died)
{
        usec_t spread = 0;

        for (size_t i = 0; i < world->plan->n_acts; i++)
                if (world->plan->acts[i].kind == ACT_REVOKE_SPREADING && world->plan->acts[i].key == subject)
                        spread = world->plan->acts[i].span + pulse_of(world, subject);
        return pulse_of(world, subject) + 35 * USEC_PER_SEC + answers(world, subject, 5) + 20 * USEC_PER_SEC +
               SLACK + spread + holds(world, subject, died);
}

usec_t bound_block(const struct world *world, size_t subject)
{
        return pulse_of(world, subject) + 30 * USEC_PER_SEC + answers(world, subject, 3) + SLACK;
}

usec_t bound_refused(const struct world *world, size_t subject)
{
        return 2 * pulse_of(world, subject) + 60 * USEC_PER_SEC + answers(world, subject, 4) + SLACK;
}

usec_t bound_missing(const struct world *world, size_t subject, bool write)
{
        usec_t turn = 24 * HOUR + pulse_of(world, subject);

        if (write)
                turn = world->subjects[subject].writes * pulse_of(world, subject);
        return turn + 35 * USEC_PER_SEC + answers(world, subject, 16) + 2 * SLACK;
}

usec_t bound_clear(const struct world *world, size_t subject)
{
        return HOUR + pulse_of(world, subject) + 30 * USEC_PER_SEC + answers(world, subject, 16) + 2 * SLACK;
}

usec_t bound_odd(const struct world *world, size_t subject)
{
        unsigned account = world->sim->keys[world->subjects[subject].secret].account;

        if (plan_oddity(world->plan, account) == ODD_UNLISTED &&
            count_vouching(world, subject, world->began) > 0 &&
            count_vouching(world, subject, world->ends) > 0)
                return 5 * pulse_of(world, subject) + 16 * MINUTE + HOUR;
        return 26 * HOUR;
}

/* --- what no program could tell --- */

static bool is_lie(const struct act *act)
{
        return act->kind == ACT_LIE_ALL || act->kind == ACT_LIE_SOME;
}

/* All keys of the mode for half an hour or more; or some of them, then the group's rule limits how many; or
 * an only key, and with it those that only it could vouch for. One lie may follow another before a hold is
 * over. */
bool truth_excuses(const struct world *world, size_t subject, usec_t first, usec_t told)
{
        const struct subject *s = &world->subjects[subject];
        unsigned account = world->sim->keys[s->secret].account;
        size_t vouching = 0;
        usec_t lied = 0;

        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];
                usec_t from = world->began + act->at;

                if (!is_lie(act) || !act_reaches(act, account) || told < from ||
                    first > from + act->span + 20 * MINUTE)
                        continue;
                if (act->share < 100 && first < from + act->span + MINUTE)
                        return true;
                lied += MIN(told - from, act->span);
        }
        for (size_t i = 0; i < world->n_subjects; i++)
                vouching += vouches(world, i, s->test, told);
        return lied >= 30 * MINUTE || (lied >= 5 * MINUTE && vouching <= 1);
}

/* Since when a death may have been first heard of within that time: not while nothing answers, or nobody
 * asks. */
static usec_t heard_since(const struct world *world, usec_t from, usec_t at)
{
        usec_t since = from;

        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];
                usec_t begin = world->began + act->at;

                if (aftermath(act, true) > 0 && begin <= at && begin + act->span + HOUR > from)
                        since = MIN(since, begin);
        }
        for (size_t i = 0; i < world->down.n; i++)
                if (world->down.list[i].from <= at && world->down.list[i].until + HOUR > from)
                        since = MIN(since, world->down.list[i].from);
        if (since == from)
                return from;
        return heard_since(world, since > world->longest_pulse ? since - world->longest_pulse : 0, at);
}

static size_t deaths_before(const struct world *world, bool test, usec_t at, bool lived)
{
        usec_t window = HOUR + MAX(10 * MINUTE, world->longest_pulse + 2 * MINUTE) + world->longest_pulse;
        usec_t from = heard_since(world, at > window ? at - window : 0, at);
        size_t n = 0;

        for (size_t i = 0; i < world->n_subjects; i++) {
                const struct subject *s = &world->subjects[i];

                for (size_t k = 0; s->test == test && k < s->dead.n; k++)
                        n += s->dead.list[k].from >= from && s->dead.list[k].from <= at &&
                             (!lived || s->dead.list[k].from > s->arrived);
        }
        return n;
}

size_t truth_deaths_before(const struct world *world, bool test, usec_t at)
{
        return deaths_before(world, test, at, false);
}

size_t truth_losses_before(const struct world *world, bool test, usec_t at)
{
        return deaths_before(world, test, at, true);
}
