#include "lists.h"

#include <errno.h>
#include <string.h>

#include "refuse.h"

static const char *const common_names[] = { "limit",   "starting_after", "ending_before",
                                            "created", "created[",       "expand[",
                                            NULL };

static bool names_known(struct call *c, const struct list_query *q)
{
        const char *known[24];
        size_t count = 0;

        for (const char *const *n = common_names; *n; n++)
                known[count++] = *n;
        for (const char *const *n = q->names; *n && count < 23; n++)
                known[count++] = *n;
        known[count] = NULL;
        return !refuse_unknown_names(c, &c->query_form, known);
}

static bool number_read(struct call *c, const char *name, int64_t *ret)
{
        int r = form_get_number(&c->query_form, name, ret);

        if (r == -EINVAL)
                answer_refuse(&c->answer, 400, "parameter_invalid_integer", name, "Invalid integer: %s",
                              form_get(&c->query_form, name));
        return r != -EINVAL;
}

static bool bounds_read(struct call *c, struct page_query *p)
{
        int64_t exact = INT64_MIN, gt = INT64_MIN, gte = INT64_MIN, lt = INT64_MAX, lte = INT64_MAX;

        if (!number_read(c, "created", &exact) || !number_read(c, "created[gt]", &gt) ||
            !number_read(c, "created[gte]", &gte) || !number_read(c, "created[lt]", &lt) ||
            !number_read(c, "created[lte]", &lte))
                return false;
        p->created_from = gt != INT64_MIN && gt >= gte && gt < INT64_MAX ? gt + 1 : gte;
        p->created_to = lt != INT64_MAX && lt <= lte && lt > INT64_MIN ? lt - 1 : lte;
        if (exact != INT64_MIN)
                p->created_from = p->created_to = exact;
        return true;
}

static bool cursor_read(struct call *c, const struct list_query *q, const char *name,
                        const struct stamp **ret)
{
        const char *id = form_get(&c->query_form, name);

        if (!id)
                return true;
        *ret = q->find(&c->key->realm->coupons, id);
        if (!*ret)
                refuse_object(c, 400, q->noun, id, name);
        return *ret;
}

bool list_query_read(struct call *c, struct list_query *q)
{
        int64_t limit = 10;

        q->page = (struct page_query){ 0 };
        if (!names_known(c, q) || !number_read(c, "limit", &limit) || !bounds_read(c, &q->page))
                return false;
        if (limit < 1 || limit > 100) {
                answer_refuse(&c->answer, 400, "parameter_invalid_integer", "limit",
                              "This value must be between 1 and 100 (it currently is '%s').",
                              form_get(&c->query_form, "limit"));
                return false;
        }
        q->page.limit = (size_t) limit;
        if (!cursor_read(c, q, "starting_after", &q->page.after) ||
            !cursor_read(c, q, "ending_before", &q->page.before))
                return false;
        if (q->page.after && q->page.before) {
                answer_refuse(&c->answer, 400, NULL, NULL,
                              "Received both starting_after and ending_before parameters. Please pass in "
                              "only one.");
                return false;
        }
        return true;
}

void list_begin(struct call *c, bool has_more)
{
        answer_reset(&c->answer);
        c->answer.effect = EFFECT_READ;
        buf_puts(&c->answer.body, "{\n  \"object\": \"list\",\n  \"url\": ");
        buf_json(&c->answer.body, c->path);
        buf_printf(&c->answer.body, ",\n  \"has_more\": %s,\n  \"data\": [", has_more ? "true" : "false");
}

void list_item(struct call *c, bool first)
{
        buf_puts(&c->answer.body, first ? "\n    " : ",\n    ");
}

void list_end(struct call *c)
{
        struct buf *b = &c->answer.body;

        buf_puts(b, b->data[b->size - 1] == '[' ? "]\n}\n" : "\n  ]\n}\n");
}

struct coupon_store *other_mode(struct call *c)
{
        const struct realm *r = c->key->realm;

        return &world_realm(c->world, r->account, !r->live)->coupons;
}

void refuse_absent(struct call *c, int status, const char *noun, const char *id, const char *param,
                   bool elsewhere)
{
        bool live = c->key->realm->live;

        if (!elsewhere)
                return refuse_object(c, status, noun, id, param);
        answer_refuse(
                &c->answer, status, "resource_missing", param,
                "No such %s: '%s'; a similar object exists in %s mode, but a %s mode key was used to make "
                "this request.",
                noun, id, live ? "test" : "live", live ? "live" : "test");
}
