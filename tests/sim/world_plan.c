/* A seed becomes a plan: who is there, how they are answered, and what happens when. */
#include <string.h>

#include "world.h"

/* --- what follows from a seed and a number --- */

static uint64_t mix(uint64_t a, uint64_t b)
{
        uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b * UINT64_C(0xd1342543de82ef95) + 1;

        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        return x ^ (x >> 31);
}

unsigned plan_account(const struct plan *plan, size_t key)
{
        return (unsigned) (key / plan->per_account);
}

enum oddity plan_oddity(const struct plan *plan, unsigned account)
{
        uint64_t x = mix(plan->seed ^ 0x0dd, account);

        if (x % 100 >= plan->odd_percent)
                return ODD_NONE;
        return (enum oddity)(ODD_NONE + 1 + (x >> 32) % (_ODD_MAX - 1));
}

const char *plan_profile(const struct plan *plan, size_t key)
{
        static const char *const profiles[] = {
                "selgeo",
                "selgeo",
                "selgeo",
                "selgeo",
                "stackone",
                "combidesk",
                "keybrake-refunds",
                "keybrake-catalog",
                "keybrake-reconciliation",
                "cleverops-readonly",
        };

        return profiles[mix(plan->seed ^ 0x9f1e, key) % ELEMENTSOF(profiles)];
}

bool plan_is_test(const struct plan *plan, size_t key)
{
        return mix(plan->seed ^ 0x7e57, key) % 100 < plan->test_percent;
}

bool act_reaches(const struct act *act, unsigned account)
{
        return act->share >= 100 || mix(act->at ^ act->kind, account) % 100 < act->share;
}

/* --- what happens --- */

struct dice {
        uint64_t state;
};

static uint64_t roll(struct dice *dice, uint64_t n)
{
        return mix(dice->state++, n ^ 0x5eed) % n;
}

/* Between the two, small ones as likely as large ones. */
static uint64_t roll_log(struct dice *dice, uint64_t from, uint64_t to)
{
        uint64_t doublings = 0;

        for (uint64_t x = from; x < to; x *= 2)
                doublings++;
        uint64_t base = from << roll(dice, doublings ? doublings : 1);
        return MIN(to, base + roll(dice, base));
}

static usec_t minutes(struct dice *dice, unsigned from, unsigned to)
{
        return from * MINUTE + roll(dice, (to - from) * MINUTE);
}

/* In half of the cases a while, in the other half for good. */
static usec_t while_or_ever(struct dice *dice, unsigned hours)
{
        return roll(dice, 2) ? 0 : HOUR + roll(dice, hours * HOUR);
}

static void provide(struct dice *dice, struct act *a)
{
        switch (a->kind) {
        case ACT_REVOKE_SPREADING:
                a->span = minutes(dice, 1, 20);
                break;
        case ACT_REVOKE_MANY:
                a->share = (unsigned) (5 + roll(dice, 60));
                a->span = roll(dice, 3) ? 0 : minutes(dice, 1, 10);
                break;
        case ACT_BLOCK:
        case ACT_REFUSE:
        case ACT_TAKE:
        case ACT_EXCEED:
        case ACT_TAKE_ALL:
                a->span = while_or_ever(dice, 12);
                break;
        case ACT_LIE_ALL:
                a->share = 100;
                a->span = minutes(dice, 1, 29);
                break;
        case ACT_LIE_SOME:
                a->share = (unsigned) (10 + roll(dice, 70));
                a->span = minutes(dice, 1, 40);
                break;
        case ACT_OUTAGE:
        case ACT_PAGE:
                a->share = 100;
                a->span = minutes(dice, 1, 240);
                break;
        case ACT_OUTAGE_SOME:
                a->share = (unsigned) (10 + roll(dice, 60));
                a->span = minutes(dice, 1, 240);
                break;
        case ACT_JUMP:
                a->share = (unsigned) roll(dice, 7200);
                break;
        default:
                break;
        }
}

static void ask_of_people(struct dice *dice, struct act *a)
{
        switch (a->kind) {
        case ACT_PAUSE:
                a->span = while_or_ever(dice, 24);
                break;
        case ACT_IMPORT:
                a->share = (unsigned) (1 + roll(dice, 40));
                break;
        case ACT_RESTART:
        case ACT_KILL:
                a->span = USEC_PER_SEC + roll(dice, roll(dice, 4) ? MINUTE : 2 * HOUR);
                break;
        case ACT_JOURNAL:
                a->span = minutes(dice, 1, 60);
                break;
        default:
                break;
        }
}

static void put(struct plan *plan, const struct act *act)
{
        size_t i = plan->n_acts;

        if (i == ACTS_MAX || act->at >= plan->length)
                return;
        plan->n_acts++;
        for (; i > 0 && plan->acts[i - 1].at > act->at; i--)
                plan->acts[i] = plan->acts[i - 1];
        plan->acts[i] = *act;
}

/* Often one to which something happens anyway. */
static size_t any_key(const struct plan *plan, struct dice *dice)
{
        if (plan->n_acts > 0 && roll(dice, 5) < 2)
                return plan->acts[roll(dice, plan->n_acts)].key;
        return (size_t) roll(dice, plan->keys);
}

static void ask_at(struct plan *plan, struct dice *dice, usec_t at)
{
        struct act a = {
                .kind = (enum act_kind)(ACT_ADD + roll(dice, ACT_JOURNAL + 1 - ACT_ADD)),
                .at = at,
                .key = any_key(plan, dice),
                .detail = (unsigned) roll(dice, 1u << 20),
        };

        ask_of_people(dice, &a);
        put(plan, &a);
}

static void provide_at(struct plan *plan, struct dice *dice, usec_t at)
{
        struct act a = {
                .kind = (enum act_kind) roll(dice, ACT_ADD),
                .at = at,
                .key = any_key(plan, dice),
                .detail = (unsigned) roll(dice, 1u << 20),
        };

        provide(dice, &a);
        put(plan, &a);
        if (a.kind == ACT_REVOKE && roll(dice, 3) == 0) /* a few at a time, fewer than a group */
                for (uint64_t n = roll(dice, 4); n > 0; n--) {
                        a.key = (size_t) roll(dice, plan->keys);
                        put(plan, &a);
                }
        /* While something is wrong people are busy, and one trouble comes with another. */
        usec_t around = MIN(a.span, 4 * HOUR) + 20 * MINUTE;
        for (uint64_t n = roll(dice, 3) ? 0 : 1 + roll(dice, 5); n > 0; n--) {
                ask_at(plan, dice, a.at + roll(dice, around));
                if (roll(dice, 4) == 0)
                        provide_at(plan, dice, a.at + roll(dice, around));
        }
}

/* Most are of a few hundred keys: the time that a world takes goes by keys and pulses. */
static void large(struct plan *plan, struct dice *dice)
{
        static const unsigned pulses[] = { 15, 30, 60, 60 };
        bool largest = roll(dice, 8) == 0;

        plan->keys = (size_t) (largest ? 600 + roll(dice, 1401) : 300 + roll(dice, 200));
        plan->pulse = (largest ? 60 : pulses[roll(dice, ELEMENTSOF(pulses))]) * MINUTE;
        plan->length = 3 * DAY + roll(dice, DAY / 2);
}

static void small(struct plan *plan, struct dice *dice)
{
        static const unsigned pulses[] = { 0, 0, 5, 5, 15, 60 };

        plan->keys = (size_t) roll_log(dice, 1, 100);
        plan->pulse = pulses[roll(dice, ELEMENTSOF(pulses))] * MINUTE;
        plan->length = DAY / 2 + roll(dice, 3 * DAY);
}

/* The seventh that selgeo requires is a right to write; it goes and comes every other hour. */
static void flap(struct plan *plan, struct dice *dice)
{
        usec_t at = HOUR + roll(dice, HOUR);
        size_t key = (size_t) roll(dice, plan->keys), tried = 0;

        while (strcmp(plan_profile(plan, key), "selgeo") != 0 && tried++ < plan->keys)
                key = (key + 1) % plan->keys;
        for (size_t i = 0; i < 5; i++, at += 4 * HOUR)
                put(plan,
                    &(struct act){ .kind = ACT_TAKE, .at = at, .span = 2 * HOUR, .key = key, .detail = 6 });
}

/* What came later than the worlds that are known by their seeds: drawn from a stream of its own. */
static void more(struct plan *plan, uint64_t seed)
{
        struct dice dice = { (seed << 20) + (1u << 19) };
        usec_t third = plan->length / 3;

        if (plan->keys >= 70 && roll(&dice, 2) == 0)
                put(plan, &(struct act){ .kind = ACT_LABELS, .at = 10 * MINUTE + roll(&dice, 2 * third) });
        if (plan->keys >= 6 && plan->length > DAY + 6 * HOUR && roll(&dice, 4) == 0)
                put(plan, &(struct act){ .kind = ACT_RETIRE,
                                         .at = 10 * MINUTE + roll(&dice, third),
                                         .span = third + roll(&dice, 2) * third });
        if (plan->pulse <= 15 * MINUTE && plan->length > 16 * HOUR && roll(&dice, 4) == 0)
                flap(plan, &dice);
}

void plan_make(struct plan *plan, uint64_t seed)
{
        struct dice dice = { seed << 20 };

        *plan = (struct plan){ .seed = seed, .per_account = 1 + (roll(&dice, 3) == 0) };
        if (seed % 4 == 0)
                large(plan, &dice);
        else
                small(plan, &dice);
        plan->odd_percent = roll(&dice, 3) ? 0 : (unsigned) (5 + roll(&dice, 26));
        plan->test_percent = roll(&dice, 2) ? 0 : (unsigned) roll(&dice, 101);
        size_t people = (seed % 4 == 0 ? 5 : 0) + (size_t) roll(&dice, 6);
        size_t provider = (seed % 4 == 0 ? 2 : 1) + (size_t) roll(&dice, 6);
        for (size_t i = 0; i < provider; i++)
                provide_at(plan, &dice, 10 * MINUTE + roll(&dice, plan->length * 2 / 3));
        for (size_t i = 0; i < people; i++)
                ask_at(plan, &dice, 10 * MINUTE + roll(&dice, plan->length * 2 / 3));
        more(plan, seed);
}
