/* Does Stripe serve the key's account? A refusal that is none of a permission's may be about one endpoint
 * only: it takes two from different questions to say that it is the account, and a good answer to both of
 * them to say that this is over. */
#include <stdio.h>

#include "engine/watch/watch.h"

/* A permission that nobody requires may be refused because the account lacks a feature. */
static bool account_refused_counts(const struct engine *e, const struct key *key, const struct ask *ask,
                                   struct item item)
{
        const struct account_refused *r = key->work ? &key->work->account_refused : NULL;
        struct item pulse = pulse_item(e, key);

        if (r && r->n > 0 && (item_same(item, r->items[0]) || item_same(item, r->items[1])))
                return true;
        return !ask->probe || item_same(item, pulse) ||
               (item.row != ROW_NONE && profile_requires(key_profile(e, key), item.row) >= item.level);
}

static void account_refused_tell(struct engine *e, struct key *key, const struct judgement *j)
{
        struct notice n = {
                .kind = INCIDENT_KEY_ACCOUNT_REFUSED,
                .http_status = j->status,
                .stripe_code = j->code,
                .request_id = j->request_id,
                .detail = j->text,
        };
        incident_open(e, key, &n, engine_wall(e));
}

static void account_refused_refused(struct engine *e, struct key *key, struct item item,
                                    const struct judgement *j)
{
        struct account_refused *r = &key_work(key)->account_refused;

        if (r->n == 1 && item_same(item, r->items[0]) && r->again != 0)
                return; /* the other one comes yet */
        if (r->n == 0 || (r->n == 1 && item_same(item, r->items[0]))) {
                *r = (struct account_refused){ .items = { item, pulse_other(e, key, item) },
                                               .n = 1,
                                               .again = engine_now(e) + SCHEDULE_RECHECK };
                return;
        }
        r->again = 0;
        r->well = 0;
        if (r->n == 1)
                r->items[1] = item;
        r->n = 2;
        account_refused_tell(e, key, j);
}

static void accepted(struct engine *e, struct key *key, struct item item)
{
        struct incident *open = incident_find(e, key, INCIDENT_KEY_ACCOUNT_REFUSED);
        struct account_refused *r = key->work ? &key->work->account_refused : NULL;

        if (!open) {
                if (r)
                        *r = (struct account_refused){ 0 };
                return;
        }
        r = &key_work(key)->account_refused;
        if (r->n == 0) /* opened before a restart */
                *r = (struct account_refused){ .items = { item, pulse_other(e, key, item) }, .n = 2 };
        for (unsigned i = 0; i < 2; i++)
                if (item_same(item, r->items[i]))
                        r->well |= (uint8_t) (1u << i);
        if (r->well == 3 || item_same(r->items[0], r->items[1])) {
                incident_clear(e, key, open, "accepted");
                *r = (struct account_refused){ 0 };
        } else if (r->again == 0) {
                r->again = engine_now(e) + SCHEDULE_RECHECK;
        }
}

void account_refused_answer(struct engine *e, struct key *key, const struct ask *ask,
                            const struct judgement *j)
{
        struct item item = { .row = (uint16_t) ask->row, .level = (uint8_t) ask->level };

        if (!ask->probe) /* a list of coupons, say */
                item = (struct item){ .row = ROW_NONE, .level = LEVEL_READ };
        if (j->answer == ANSWER_ACCOUNT_REFUSED && account_refused_counts(e, key, ask, item))
                account_refused_refused(e, key, item, j);
        else if (answer_is_healthy(j->answer) &&
                 (key->incidents || (key->work && key->work->account_refused.n > 0)) &&
                 account_refused_counts(e, key, ask, item))
                accepted(e, key, item);
}

bool account_refused_take(struct work *w, usec_t now, struct item *ret)
{
        struct account_refused *r = &w->account_refused;

        if (r->again == 0 || r->again > now)
                return false;
        r->again = 0;
        *ret = r->items[r->n == 1 ? 1 : r->well & 1u];
        return true;
}
