#include "stripe/coupon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stripe/body.h"

bool coupon_is_probe(const char *id)
{
        const size_t prefix = strlen(COUPON_PREFIX);

        if (strncmp(id, COUPON_PREFIX, prefix) != 0)
                return false;

        size_t n = strspn(id + prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
        return n > 0 && id[prefix + n] == '\0' && prefix + n <= COUPON_ID_MAX;
}

struct coupon_page *coupon_page_free(struct coupon_page *page)
{
        if (!page)
                return NULL;
        for (size_t i = 0; i < page->n_found; i++)
                free(page->found[i].id);
        free(page->found);
        free(page->last_id);
        return mfree(page);
}

/* The members that count, all of them required. */
static int members_read(const json_t *object, struct coupon *ret)
{
        struct coupon coupon = { .deleted = false };
        bool valid = true;

        if (body_integer(object, "created", &coupon.created) < 0 || coupon.created <= 0 ||
            body_integer(object, "times_redeemed", &coupon.times_redeemed) < 0 || coupon.times_redeemed < 0 ||
            body_bool(object, "livemode", &coupon.livemode) < 0 ||
            body_bool(object, "valid", &valid) == -EBADMSG)
                return -EBADMSG;
        coupon.spent = !valid;
        *ret = coupon;
        return 0;
}

static int page_add(struct coupon_page *page, const json_t *object)
{
        struct coupon_found *found = &page->found[page->n_found];
        const char *id;

        if (!body_is(object, "coupon") || body_string(object, "id", &id) < 0 || id[0] == '\0')
                return -EBADMSG;
        if (!coupon_is_probe(id))
                return 0;
        if (members_read(object, &found->coupon) < 0)
                return -EBADMSG;
        found->id = strdup(id);
        if (!found->id)
                return -ENOMEM;
        page->n_found++;
        return 0;
}

/* The list in `body`: its data and whether there is more. */
static int list_load(const char *bytes, size_t size, json_t **ret_body, const json_t **ret_data,
                     bool *ret_more)
{
        _cleanup_(body_freep) json_t *body = NULL;
        int r = body_load(bytes, size, &body);

        if (r < 0)
                return r;

        const json_t *data = json_object_get(body, "data");
        if (!body_is(body, "list") || !json_is_array(data) || body_bool(body, "has_more", ret_more) < 0)
                return -EBADMSG;
        if (*ret_more && json_array_size(data) == 0) /* there would be no cursor to go on from */
                return -EBADMSG;
        *ret_data = data;
        *ret_body = TAKE(body);
        return 0;
}

int coupon_page_parse(const char *body, size_t size, struct coupon_page **ret)
{
        _cleanup_(coupon_page_freep) struct coupon_page *page = calloc(1, sizeof(*page));
        _cleanup_(body_freep) json_t *list = NULL;
        const json_t *data, *object;
        const char *last = NULL;
        size_t i;

        if (!page)
                return -ENOMEM;
        int r = list_load(body, size, &list, &data, &page->has_more);
        if (r < 0)
                return r;

        page->n_all = json_array_size(data);
        page->found = calloc(page->n_all + 1, sizeof(*page->found));
        if (!page->found)
                return -ENOMEM;
        json_array_foreach(data, i, object)
        {
                r = page_add(page, object);
                if (r < 0)
                        return r;
                body_string(object, "id", &last);
                page->last_created = 0;
                (void) body_integer(object, "created", &page->last_created);
        }
        page->last_created = MAX(page->last_created, 0);
        if (last && !(page->last_id = strdup(last)))
                return -ENOMEM;
        *ret = TAKE(page);
        return 0;
}

int coupon_parse(const char *body, size_t size, const char *id, struct coupon *ret)
{
        _cleanup_(body_freep) json_t *object = NULL;
        bool deleted = false;
        const char *is;
        int r = body_load(body, size, &object);

        if (r < 0)
                return r;
        if (!body_is(object, "coupon") || body_string(object, "id", &is) < 0 || strcmp(is, id) != 0 ||
            body_bool(object, "deleted", &deleted) == -EBADMSG)
                return -EBADMSG;
        if (!deleted)
                return members_read(object, ret);
        *ret = (struct coupon){ .deleted = true };
        return 0;
}

/* The coupon that `object` names in its member `coupon`, by its id or whole; NULL: it does not say. */
static const char *coupon_named(const json_t *object)
{
        const json_t *whole = json_object_get(object, "coupon");
        const char *id;

        if (json_is_object(whole))
                return body_string(whole, "id", &id) < 0 ? NULL : id;
        return body_string(object, "coupon", &id) < 0 ? NULL : id;
}

/* Is this promotion code surely one of another coupon's? */
static bool is_of_another(const json_t *code, const char *id)
{
        const char *old = coupon_named(code);
        const char *current = coupon_named(json_object_get(code, "promotion"));

        if (!old && !current)
                return false;
        return (!old || strcmp(old, id) != 0) && (!current || strcmp(current, id) != 0);
}

int promotion_codes_parse(const char *body, size_t size, const char *id, enum promotions *ret)
{
        _cleanup_(body_freep) json_t *list = NULL;
        const json_t *data, *code;
        bool more, any = false, others = false;
        size_t i;
        int r = list_load(body, size, &list, &data, &more);

        if (r < 0)
                return r;
        json_array_foreach(data, i, code)
        {
                if (!body_is(code, "promotion_code"))
                        return -EBADMSG;
                if (is_of_another(code, id))
                        others = true;
                else
                        any = true;
        }
        *ret = any ? PROMOTIONS_SOME : others && more ? PROMOTIONS_UNKNOWN : PROMOTIONS_NONE;
        return 0;
}
