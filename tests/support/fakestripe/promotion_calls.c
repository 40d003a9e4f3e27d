#include "coupon_calls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lists.h"
#include "refuse.h"
#include "route.h"

static struct coupon_store *store_of(struct call *c)
{
        return &c->key->realm->coupons;
}

/* Since 2025-09-30.clover the coupon stands inside `promotion`, before that at the top. */
static bool new_shape(const struct call *c)
{
        if (c->world->shape != SHAPE_AUTO)
                return c->world->shape == SHAPE_NEW;
        return !c->version || strncmp(c->version, "2025-09-30", 10) >= 0;
}

static bool promotion_active(const struct call *c, const struct promotion *p)
{
        int64_t now = world_now(c->world);

        return !p->inactive && coupon_valid(p->coupon, now) && (!p->expires_at || p->expires_at > now) &&
               (!p->max_redemptions || p->times_redeemed < p->max_redemptions);
}

static void write_optional(struct buf *b, unsigned indent, const char *name, int64_t n)
{
        buf_printf(b, ",\n%*s\"%s\": ", (int) indent, "", name);
        if (n)
                buf_printf(b, "%" PRId64, n);
        else
                buf_puts(b, "null");
}

static void write_coupon(struct call *c, const struct promotion *p, unsigned in)
{
        struct buf *b = &c->answer.body;

        if (new_shape(c)) {
                buf_printf(b, "\n%*s\"promotion\": {\n%*s\"coupon\": ", (int) in, "", (int) in + 2, "");
                buf_json(b, p->coupon->deleted ? NULL : p->coupon->id);
                buf_printf(b, ",\n%*s\"type\": \"coupon\"\n%*s}", (int) in + 2, "", (int) in, "");
        } else {
                buf_printf(b, "\n%*s\"coupon\": ", (int) in, "");
                coupon_write(b, p->coupon, c->key->realm->live, world_now(c->world), in);
        }
}

static void promotion_write(struct call *c, const struct promotion *p, unsigned indent)
{
        struct buf *b = &c->answer.body;
        int in = (int) indent + 2;

        buf_printf(b, "{\n%*s\"id\": ", in, "");
        buf_json(b, p->id);
        buf_printf(b, ",\n%*s\"object\": \"promotion_code\",\n%*s\"active\": %s,\n%*s\"code\": ", in, "", in,
                   "", promotion_active(c, p) ? "true" : "false", in, "");
        buf_json(b, p->code);
        buf_printf(b, ",\n%*s\"created\": %" PRId64 ",\n%*s\"customer\": null", in, "", p->stamp.created, in,
                   "");
        write_optional(b, indent + 2, "expires_at", p->expires_at);
        buf_printf(b, ",\n%*s\"livemode\": %s", in, "", c->key->realm->live ? "true" : "false");
        write_optional(b, indent + 2, "max_redemptions", p->max_redemptions);
        buf_printf(b, ",\n%*s\"metadata\": {},", in, "");
        write_coupon(c, p, indent + 2);
        buf_printf(b, ",\n%*s\"times_redeemed\": %" PRId64 "\n%*s}", in, "", p->times_redeemed, (int) indent,
                   "");
}

static void answer_promotion(struct call *c, const struct promotion *p, enum effect effect)
{
        answer_reset(&c->answer);
        promotion_write(c, p, 0);
        buf_puts(&c->answer.body, "\n");
        c->answer.effect = effect;
}

static const struct stamp *find_stamp(const struct coupon_store *s, const char *id)
{
        const struct promotion *p = coupon_store_promotion(s, id);

        return p ? &p->stamp : NULL;
}

/* The coupon that a parameter names; NULL, with the answer filled, if there is none. */
static struct coupon *coupon_named(struct call *c, const char *id, const char *param)
{
        struct coupon *k = coupon_store_get(store_of(c), id);

        if (!k)
                refuse_absent(c, 400, "coupon", id, param, coupon_store_get(other_mode(c), id));
        return k;
}

static bool promotion_wanted(const struct call *c, const struct promotion *p)
{
        const char *code = form_get(&c->query_form, "code"), *active = form_get(&c->query_form, "active");

        if (form_get(&c->query_form, "customer") || form_get(&c->query_form, "customer_account"))
                return false; /* none here is bound to a customer */
        if (code && strcasecmp(code, p->code) != 0)
                return false;
        return !active || (strcmp(active, "true") == 0) == promotion_active(c, p);
}

/* The promotion codes that the filters let through, in their order. */
static void promotions_filter(struct call *c, const struct coupon *k, struct shelf *ret)
{
        const struct shelf *all = &store_of(c)->promotion_shelf;
        struct promotion *p;

        if (k) {
                for (p = k->promotions; p; p = p->next)
                        if (promotion_wanted(c, p))
                                shelf_put(ret, &p->stamp);
                return;
        }
        for (size_t i = 0; i < all->count; i++)
                if (promotion_wanted(c, (const struct promotion *) all->items[i]))
                        shelf_put(ret, all->items[i]);
}

static void promotion_list(struct call *c)
{
        static const char *const names[] = {
                "coupon", "code", "active", "customer", "customer_account", NULL
        };
        struct list_query q = { .names = names, .noun = "promotion code", .find = find_stamp };
        const char *id = form_get(&c->query_form, "coupon");
        struct coupon *k = NULL;
        struct shelf found = { 0 };

        if (!list_query_read(c, &q))
                return;
        if (id && !(k = coupon_named(c, id, "coupon")))
                return;
        promotions_filter(c, k, &found);

        struct page p = shelf_page(&found, &q.page);

        list_begin(c, p.has_more);
        for (size_t i = p.to; i > p.from; i--) {
                list_item(c, i == p.to);
                promotion_write(c, (const struct promotion *) found.items[i - 1], 4);
        }
        list_end(c);
        shelf_clear(&found);
}

static struct promotion *promotion_of(struct call *c)
{
        struct promotion *p = coupon_store_promotion(store_of(c), c->id);

        if (!p)
                refuse_absent(c, 404, "promotion code", c->id, "promotion_code",
                              coupon_store_promotion(other_mode(c), c->id));
        return p;
}

static void promotion_update(struct call *c)
{
        static const char *const known[] = { "active", "metadata[", "restrictions[", "expand[", NULL };
        struct promotion *p = promotion_of(c);
        const char *active = form_get(&c->body_form, "active");

        if (!p || refuse_unknown_names(c, &c->body_form, known))
                return;
        if (active && strcmp(active, "true") == 0 && !coupon_valid(p->coupon, world_now(c->world)))
                return answer_refuse(
                        &c->answer, 400, NULL, "active",
                        "This promotion code cannot be activated because its coupon is not valid.");
        if (active)
                p->inactive = strcmp(active, "true") != 0;
        answer_promotion(c, p, EFFECT_CHANGED);
}

static struct coupon *coupon_to_promote(struct call *c)
{
        const char *param = new_shape(c) ? "promotion[coupon]" : "coupon";
        const char *id = form_get(&c->body_form, param);

        if (id)
                return coupon_named(c, id, param);
        refuse_missing(c, new_shape(c) ? "promotion" : "coupon");
        return NULL;
}

static struct promotion *promotion_new(struct call *c, struct coupon *k)
{
        static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        const char *code = form_get(&c->body_form, "code");
        struct promotion *p = xcalloc(1, sizeof(*p));
        char made[9] = "", id[32];

        for (size_t i = 0; i < sizeof(made) - 1; i++)
                made[i] = letters[world_random(c->world) % 32];
        snprintf(id, sizeof(id), "promo_1%016" PRIx64, world_random(c->world));
        p->id = xstrdup(id);
        p->code = xstrdup(code && *code ? code : made);
        p->coupon = k;
        p->stamp.created = world_now(c->world);
        return p;
}

static void promotion_create(struct call *c)
{
        static const char *const new_names[] = {
                "promotion[type]", "promotion[coupon]", "code",    "active",
                "customer",        "expires_at",        "expand[", "max_redemptions",
                "metadata[",       "restrictions[",     NULL
        };
        static const char *const old_names[] = { "coupon",        "code",    "active",          "customer",
                                                 "expires_at",    "expand[", "max_redemptions", "metadata[",
                                                 "restrictions[", NULL };
        const char *active = form_get(&c->body_form, "active");

        if (refuse_unknown_names(c, &c->body_form, new_shape(c) ? new_names : old_names))
                return;

        struct coupon *k = coupon_to_promote(c);

        if (!k)
                return;

        struct promotion *p = promotion_new(c, k);

        p->inactive = active && strcmp(active, "false") == 0;
        form_get_number(&c->body_form, "max_redemptions", &p->max_redemptions);
        form_get_number(&c->body_form, "expires_at", &p->expires_at);
        coupon_store_add_promotion(store_of(c), p);
        answer_promotion(c, p, EFFECT_CREATED);
}

void promotion_call(struct call *c)
{
        const struct promotion *p;

        switch (c->route->outcome) {
        case OUTCOME_PROMOTION_LIST:
                return promotion_list(c);
        case OUTCOME_PROMOTION_CREATE:
                return promotion_create(c);
        case OUTCOME_PROMOTION_UPDATE:
                return promotion_update(c);
        default:
                p = promotion_of(c);
                if (p)
                        answer_promotion(c, p, EFFECT_READ);
        }
}
