#include <string.h>

#include "stripe/coupon.h"

/* The end of the year 9999: no clock that can be believed is beyond. */
#define WALL_MAX INT64_C(253402300799)

static const struct {
        const char *name, *told, *reason;
} rails[] = {
#define X(name, word, told, why) [RAIL_##name] = { (word), (told), (why) },
        RAILS(X) NO_RAILS(X)
#undef X
};

const char *rail_name(enum rail rail)
{
        return rails[rail].name;
}

const char *rail_reason(enum rail rail)
{
        return rails[rail].reason;
}

const char *rail_told(enum rail rail)
{
        return rails[rail].told;
}

enum rail rail_parse(const char *word)
{
        for (size_t i = 0; i < ELEMENTSOF(rails); i++)
                if (strcmp(word, rails[i].name) == 0)
                        return (enum rail) i;
        return RAIL_OTHER;
}

const char *coupon_reason(const char *word)
{
        enum rail rail = rail_parse(word);

        return rail == RAIL_OTHER ? "" : rail_reason(rail);
}

/* `answered` in the future is no fresh answer either, but a mistake. */
static bool is_fresh(usec_t answered, usec_t now)
{
        return answered <= now && now - answered < COUPON_FACTS_MAX_AGE;
}

static bool wall_is_sane(int64_t wall)
{
        return wall > 0 && wall <= WALL_MAX;
}

static bool is_clock_in_doubt(const struct coupon_facts *facts)
{
        if (!wall_is_sane(facts->date_wall) || !wall_is_sane(facts->now_wall))
                return true;

        int64_t off = facts->date_wall - facts->now_wall;
        return off > COUPON_CLOCK_DOUBT || off < -COUPON_CLOCK_DOUBT;
}

/* By the provider's clock, which stamped the coupon, too; where that cannot be relied on, by both; without
 * it, by ours with a margin. */
static bool is_old_enough(const struct coupon_facts *facts, bool doubt)
{
        bool said = wall_is_sane(facts->date_wall);
        int64_t now = said ? facts->date_wall : facts->now_wall;

        if (said && doubt)
                now = MIN(now, facts->now_wall);
        if (!wall_is_sane(now) || !wall_is_sane(facts->coupon.created))
                return false;
        return now - facts->coupon.created > MAX(facts->grace, 0) + (said ? 0 : COUPON_CLOCK_MARGIN);
}

/* No promotion code can give it to anybody. */
static bool is_out_of_use(const struct coupon_facts *facts)
{
        return facts->promotions == PROMOTIONS_NONE || (facts->ours && facts->coupon.spent);
}

enum rail coupon_rails(const struct coupon_facts *facts, bool *ret_clock_doubt)
{
        const struct coupon *coupon = &facts->coupon;
        bool doubt = is_clock_in_doubt(facts);

        *ret_clock_doubt = doubt;
        if (!coupon_is_probe(facts->id))
                return RAIL_NOT_OURS;
        if (facts->suspect)
                return RAIL_KEY_SUSPECT;
        if (!is_fresh(facts->coupon_usec, facts->now))
                return RAIL_STALE_FACTS;
        if (coupon->deleted)
                return RAIL_GONE;
        if (coupon->livemode != facts->live)
                return RAIL_OTHER_MODE;
        if (coupon->times_redeemed != 0)
                return RAIL_REDEEMED;
        if (!is_old_enough(facts, doubt))
                return RAIL_TOO_YOUNG;
        if (!facts->may_write)
                return RAIL_NO_WRITE;
        if (facts->promotions == PROMOTIONS_SOME)
                return RAIL_PROMOTED;
        if (!is_out_of_use(facts))
                return RAIL_PROMOTIONS_UNKNOWN;
        if (!is_fresh(facts->promotions_usec, facts->now))
                return RAIL_STALE_FACTS;
        return facts->too_many ? RAIL_UNUSUAL_NUMBER : RAIL_DELETE;
}
