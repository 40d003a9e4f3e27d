#include "control_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const coupon_members[] = {
        "account",  "mode",     "id",        "created",     "times_redeemed",     "max_redemptions",
        "currency", "name",     "redeem_by", "percent_off", "duration_in_months", "amount_off",
        "duration", "generate", "prefix",    "step",        "metadata",           NULL
};
static const char *const promotion_members[] = { "account",        "mode",    "id",
                                                 "coupon",         "code",    "active",
                                                 "times_redeemed", "created", "max_redemptions",
                                                 "expires_at",     NULL };

static void read_metadata(struct form *f, json_t *metadata)
{
        const char *name;
        json_t *value;

        json_object_foreach(metadata, name, value) if (json_is_string(value))
                form_add(f, name, json_string_value(value));
}

static void put_coupon(struct coupon_store *s, const char *id, int64_t created, json_t *item)
{
        struct coupon *k = xcalloc(1, sizeof(*k)), *old = coupon_store_get(s, id);
        double percent = item_real(item, "percent_off", json_object_get(item, "amount_off") ? 0 : 1);

        if (old)
                coupon_store_delete(s, old);
        *k = (struct coupon){
                .stamp = { .created = created },
                .id = xstrdup(id),
                .percent_off = percent,
                .amount_off = item_number(item, "amount_off", 0),
                .duration_in_months = item_number(item, "duration_in_months", 0),
                .max_redemptions = item_number(item, "max_redemptions", 0),
                .redeem_by = item_number(item, "redeem_by", 0),
                .times_redeemed = item_number(item, "times_redeemed", 0),
                .name = xstrdup(item_text(item, "name", NULL)),
        };
        snprintf(k->duration, sizeof(k->duration), "%s", item_text(item, "duration", "once"));
        snprintf(k->currency, sizeof(k->currency), "%s", item_text(item, "currency", ""));
        read_metadata(&k->metadata, json_object_get(item, "metadata"));
        coupon_store_add(s, k);
}

bool control_coupons_put(struct control *c)
{
        size_t i;
        json_t *item;

        json_array_foreach(c->items, i, item)
        {
                int64_t created = item_number(item, "created", world_now(c->world));
                int64_t count = item_number(item, "generate", 0), step = item_number(item, "step", 1);
                const char *id = item_text(item, "id", NULL), *prefix = item_text(item, "prefix", "coupon_");
                struct realm *r = item_realm(c, item);
                char made[300];

                if (!r || !item_members_known(c, item, coupon_members))
                        return false;
                if (!id && count < 1)
                        return control_fail(c, "item %zu needs an id, or generate", i + 1);
                if (id)
                        put_coupon(&r->coupons, id, created, item);
                for (int64_t n = 0; n < count; n++) {
                        snprintf(made, sizeof(made), "%.200s%06" PRId64, prefix, n);
                        put_coupon(&r->coupons, made, created + n * step, item);
                }
        }
        return true;
}

bool control_coupons_get(struct control *c)
{
        const char *prefix = form_get(&c->query, "prefix"), *sep = "\n";
        struct realm *r = query_realm(c);
        size_t count = 0;

        if (!r)
                return false;

        struct shelf *shelf = &r->coupons.coupon_shelf;
        struct page p = shelf_page(shelf, &(struct page_query){ .created_from = INT64_MIN,
                                                                .created_to = INT64_MAX,
                                                                .limit = SIZE_MAX });

        buf_puts(&c->out, "{\"coupons\":[");
        for (size_t i = p.to; i > p.from; i--) {
                const struct coupon *k = (const struct coupon *) shelf->items[i - 1];

                if (prefix && strncmp(k->id, prefix, strlen(prefix)) != 0)
                        continue;
                buf_printf(&c->out, "%s{\"id\":", sep);
                buf_json(&c->out, k->id);
                buf_printf(&c->out, ",\"created\":%" PRId64 ",\"times_redeemed\":%" PRId64 "}",
                           k->stamp.created, k->times_redeemed);
                sep = ",\n";
                count++;
        }
        buf_puts(&c->out, "\n],\"deleted\":[");
        sep = "\n";
        for (const struct coupon *k = r->coupons.deleted; k; k = k->next_deleted) {
                buf_puts(&c->out, sep);
                buf_json(&c->out, k->id);
                sep = ",\n";
        }
        buf_printf(&c->out, "\n],\"count\":%zu}\n", count);
        return true;
}

bool control_coupons_delete(struct control *c)
{
        struct realm *r = query_realm(c);

        if (r)
                coupon_store_clear(&r->coupons);
        return r;
}

static void put_promotion(struct control *c, struct coupon_store *s, struct coupon *k, json_t *item)
{
        struct promotion *p = xcalloc(1, sizeof(*p));
        char id[40], code[24];

        snprintf(id, sizeof(id), "promo_1%016" PRIx64, world_random(c->world));
        snprintf(code, sizeof(code), "CODE%08" PRIX32, (uint32_t) world_random(c->world));
        *p = (struct promotion){
                .stamp = { .created = item_number(item, "created", world_now(c->world)) },
                .id = xstrdup(item_text(item, "id", id)),
                .code = xstrdup(item_text(item, "code", code)),
                .coupon = k,
                .inactive = !item_flag(item, "active", true),
                .times_redeemed = item_number(item, "times_redeemed", 0),
                .max_redemptions = item_number(item, "max_redemptions", 0),
                .expires_at = item_number(item, "expires_at", 0),
        };
        coupon_store_add_promotion(s, p);
}

bool control_promotions_put(struct control *c)
{
        size_t i;
        json_t *item;

        json_array_foreach(c->items, i, item)
        {
                struct realm *r = item_realm(c, item);
                const char *coupon = item_text(item, "coupon", NULL), *id = item_text(item, "id", NULL);
                struct coupon *k = r && coupon ? coupon_store_get(&r->coupons, coupon) : NULL;

                if (!r || !item_members_known(c, item, promotion_members))
                        return false;
                if (!k || (id && coupon_store_promotion(&r->coupons, id)))
                        return control_fail(c, "item %zu needs a coupon that is there, and an id of its own",
                                            i + 1);
                put_promotion(c, &r->coupons, k, item);
        }
        return true;
}
