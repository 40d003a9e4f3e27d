#include "coupon_calls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "refuse.h"
#include "route.h"

enum { REDEEM_BY_MOST = 5 * 366 * 86400 };

static struct coupon_store *store_of(struct call *c)
{
        return &c->key->realm->coupons;
}

static void answer_coupon(struct call *c, const struct coupon *k, enum effect effect)
{
        answer_reset(&c->answer);
        coupon_write(&c->answer.body, k, c->key->realm->live, world_now(c->world), 0);
        buf_puts(&c->answer.body, "\n");
        c->answer.effect = effect;
}

static const struct stamp *find_stamp(const struct coupon_store *s, const char *id)
{
        const struct coupon *k = coupon_store_get(s, id);

        return k ? &k->stamp : NULL;
}

static void coupon_list(struct call *c)
{
        static const char *const names[] = { NULL };
        struct list_query q = { .names = names, .noun = "coupon", .find = find_stamp };
        struct shelf *shelf = &store_of(c)->coupon_shelf;

        if (!list_query_read(c, &q))
                return;

        struct page p = shelf_page(shelf, &q.page);

        list_begin(c, p.has_more);
        for (size_t i = p.to; i > p.from; i--) {
                list_item(c, i == p.to);
                coupon_write(&c->answer.body, (const struct coupon *) shelf->items[i - 1],
                             c->key->realm->live, world_now(c->world), 4);
        }
        list_end(c);
}

/* The coupon in the path; NULL, with the answer filled, if there is none. */
static struct coupon *coupon_of(struct call *c)
{
        struct coupon *k = coupon_store_get(store_of(c), c->id);

        if (!k)
                refuse_absent(c, 404, "coupon", c->id, "coupon", coupon_store_get(other_mode(c), c->id));
        return k;
}

static void coupon_get(struct call *c)
{
        const struct coupon *k = coupon_of(c);

        if (k)
                answer_coupon(c, k, EFFECT_READ);
}

void metadata_read(const struct form *f, struct form *ret)
{
        struct form merged = { 0 };

        for (unsigned pass = 0; pass < 2; pass++) {
                const struct form *from = pass ? f : ret;

                for (size_t i = 0; i < from->count; i++) {
                        char name[256] = "";
                        const char *value = from->pairs[i].value;

                        if (!pass)
                                snprintf(name, sizeof(name), "%s", from->pairs[i].name);
                        else if (sscanf(from->pairs[i].name, "metadata[%255[^]]]", name) != 1)
                                continue;
                        for (size_t k = 0; k < merged.count; k++)
                                if (strcmp(merged.pairs[k].name, name) == 0)
                                        form_drop(&merged, k);
                        if (*value)
                                form_add(&merged, name, value);
                }
        }
        form_clear(ret);
        *ret = merged;
}

static void coupon_update(struct call *c)
{
        static const char *const known[] = { "name", "metadata[", "currency_options[", "expand[", NULL };
        struct coupon *k = coupon_of(c);
        const char *name = form_get(&c->body_form, "name");

        if (!k || refuse_unknown_names(c, &c->body_form, known))
                return;
        metadata_read(&c->body_form, &k->metadata);
        if (name) {
                free(k->name);
                k->name = *name ? xstrdup(name) : NULL;
        }
        answer_coupon(c, k, EFFECT_CHANGED);
}

static void coupon_delete(struct call *c)
{
        struct coupon *k = coupon_of(c);

        if (!k)
                return;
        coupon_store_delete(store_of(c), k);
        answer_reset(&c->answer);
        buf_puts(&c->answer.body, "{\n  \"id\": ");
        buf_json(&c->answer.body, k->id);
        buf_puts(&c->answer.body, ",\n  \"object\": \"coupon\",\n  \"deleted\": true\n}\n");
        c->answer.effect = EFFECT_DELETED;
}

/* A positive number up to `most`, or absent. */
static bool read_number(struct call *c, const char *name, int64_t most, int64_t *ret)
{
        int64_t n = 0;
        int r = form_get_number(&c->body_form, name, &n);

        if (r == -ENOENT)
                return true;
        if (r < 0 || n < 1 || n > most) {
                answer_refuse(&c->answer, 400, "parameter_invalid_integer", name, "Invalid integer: %s",
                              form_get(&c->body_form, name));
                return false;
        }
        *ret = n;
        return true;
}

static bool read_percent(struct call *c, struct coupon *k)
{
        const char *text = form_get(&c->body_form, "percent_off");

        if (!text)
                return true;
        if (form_real(text, &k->percent_off) == 0 && k->percent_off > 0 && k->percent_off <= 100)
                return true;
        answer_refuse(&c->answer, 400, NULL, "percent_off",
                      "Invalid percent_off: must be above 0 and at most 100");
        return false;
}

static bool read_duration(struct call *c, struct coupon *k)
{
        const char *text = form_get(&c->body_form, "duration");

        snprintf(k->duration, sizeof(k->duration), "%s", text ? text : "once");
        if (strcmp(k->duration, "once") != 0 && strcmp(k->duration, "forever") != 0 &&
            strcmp(k->duration, "repeating") != 0) {
                answer_refuse(&c->answer, 400, NULL, "duration",
                              "Invalid duration: must be one of forever, once, or repeating");
                return false;
        }
        if (strcmp(k->duration, "repeating") == 0 && !form_get(&c->body_form, "duration_in_months")) {
                refuse_missing(c, "duration_in_months");
                return false;
        }
        return true;
}

/* How much it takes off. */
static bool read_amounts(struct call *c, struct coupon *k)
{
        bool percent = form_get(&c->body_form, "percent_off"), amount = form_get(&c->body_form, "amount_off");
        const char *currency = form_get(&c->body_form, "currency");

        if (!percent && !amount) {
                answer_refuse(&c->answer, 400, "parameter_missing", NULL,
                              "Must provide percent_off or amount_off.");
                return false;
        }
        if (percent && amount) {
                answer_refuse(
                        &c->answer, 400, NULL, NULL,
                        "Received both percent_off and amount_off parameters. Please pass in only one.");
                return false;
        }
        if (amount && !currency) {
                refuse_missing(c, "currency");
                return false;
        }
        if (amount)
                snprintf(k->currency, sizeof(k->currency), "%s", currency);
        return read_percent(c, k) && read_number(c, "amount_off", INT64_MAX, &k->amount_off);
}

static bool read_id(struct call *c, struct coupon *k)
{
        const char *id = form_get(&c->body_form, "id");
        char made[16];

        if (!id || !*id) {
                snprintf(made, sizeof(made), "%08" PRIx32, (uint32_t) world_random(c->world));
                k->id = xstrdup(made);
                return true;
        }
        if (!coupon_id_allowed(id)) {
                answer_refuse(&c->answer, 400, NULL, "id",
                              "Invalid id: only letters, digits, underscores and dashes are allowed.");
                return false;
        }
        if (coupon_store_get(store_of(c), id)) {
                answer_refuse(&c->answer, 400, "resource_already_exists", NULL, "Coupon already exists.");
                return false;
        }
        k->id = xstrdup(id);
        return true;
}

static bool read_redeem_by(struct call *c, struct coupon *k)
{
        int64_t now = world_now(c->world);

        if (!read_number(c, "redeem_by", now + REDEEM_BY_MOST, &k->redeem_by))
                return false;
        if (k->redeem_by == 0 || k->redeem_by > now)
                return true;
        answer_refuse(&c->answer, 400, NULL, "redeem_by", "The redeem_by timestamp must be in the future.");
        return false;
}

static void coupon_create(struct call *c)
{
        static const char *const known[] = { "id",
                                             "percent_off",
                                             "amount_off",
                                             "currency",
                                             "duration",
                                             "max_redemptions",
                                             "duration_in_months",
                                             "redeem_by",
                                             "name",
                                             "metadata[",
                                             "applies_to[",
                                             "currency_options[",
                                             "expand[",
                                             NULL };
        struct coupon *k = xcalloc(1, sizeof(*k));

        if (refuse_unknown_names(c, &c->body_form, known) || !read_amounts(c, k) || !read_duration(c, k) ||
            !read_number(c, "max_redemptions", INT64_MAX, &k->max_redemptions) ||
            !read_number(c, "duration_in_months", 1200, &k->duration_in_months) || !read_redeem_by(c, k) ||
            !read_id(c, k)) {
                coupon_free(k);
                return;
        }
        k->name = xstrdup(form_get(&c->body_form, "name"));
        metadata_read(&c->body_form, &k->metadata);
        k->stamp.created = world_now(c->world);
        coupon_store_add(store_of(c), k);
        answer_coupon(c, k, EFFECT_CREATED);
}

void coupon_call(struct call *c)
{
        switch (c->route->outcome) {
        case OUTCOME_COUPON_LIST:
                return coupon_list(c);
        case OUTCOME_COUPON_GET:
                return coupon_get(c);
        case OUTCOME_COUPON_CREATE:
                return coupon_create(c);
        case OUTCOME_COUPON_UPDATE:
                return coupon_update(c);
        case OUTCOME_COUPON_DELETE:
                return coupon_delete(c);
        default:
                return promotion_call(c);
        }
}
