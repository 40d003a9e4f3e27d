#include "coupon.h"

#include <ctype.h>
#include <stdlib.h>

struct coupon *coupon_free(struct coupon *c)
{
        if (!c)
                return NULL;
        free(c->id);
        free(c->name);
        form_clear(&c->metadata);
        free(c);
        return NULL;
}

void coupon_store_add(struct coupon_store *s, struct coupon *c)
{
        table_put(&s->coupons, c->id, c);
        shelf_add(&s->coupon_shelf, &c->stamp);
}

void coupon_store_delete(struct coupon_store *s, struct coupon *c)
{
        table_delete(&s->coupons, c->id);
        shelf_remove(&s->coupon_shelf, &c->stamp);
        c->deleted = true;
        c->next_deleted = s->deleted;
        s->deleted = c;
}

struct coupon *coupon_store_get(const struct coupon_store *s, const char *id)
{
        return table_get(&s->coupons, id);
}

void coupon_store_add_promotion(struct coupon_store *s, struct promotion *p)
{
        p->next = p->coupon->promotions;
        p->coupon->promotions = p;
        table_put(&s->promotions, p->id, p);
        shelf_add(&s->promotion_shelf, &p->stamp);
}

struct promotion *coupon_store_promotion(const struct coupon_store *s, const char *id)
{
        return table_get(&s->promotions, id);
}

void coupon_store_clear(struct coupon_store *s)
{
        struct promotion *p;
        struct coupon *c;

        for (size_t at = 0; (p = table_next(&s->promotions, &at));) {
                free(p->id);
                free(p->code);
                free(p);
        }
        for (size_t at = 0; (c = table_next(&s->coupons, &at));)
                coupon_free(c);
        while ((c = s->deleted)) {
                s->deleted = c->next_deleted;
                coupon_free(c);
        }
        table_clear(&s->coupons);
        table_clear(&s->promotions);
        shelf_clear(&s->coupon_shelf);
        shelf_clear(&s->promotion_shelf);
}

bool coupon_valid(const struct coupon *c, int64_t now)
{
        if (c->deleted || (c->redeem_by && c->redeem_by <= now))
                return false;
        return !c->max_redemptions || c->times_redeemed < c->max_redemptions;
}

bool coupon_id_allowed(const char *id)
{
        if (!*id)
                return false;
        for (; *id; id++)
                if (!isalnum((unsigned char) *id) && *id != '_' && *id != '-')
                        return false;
        return true;
}
