#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stripe/coupon.h"
#include "stripe/url.h"

int coupon_list_path(const struct coupon_query *query, char **ret)
{
        struct url url;
        int r = url_open(&url);

        if (r < 0)
                return r;
        fprintf(url.stream, "/v1/coupons?limit=%u", query->limit);
        if (query->created_gte > 0) /* created[gte] */
                fprintf(url.stream, "&created%%5Bgte%%5D=%" PRId64, query->created_gte);
        if (query->created_lte > 0)
                fprintf(url.stream, "&created%%5Blte%%5D=%" PRId64, query->created_lte);
        if (query->starting_after) {
                fputs("&starting_after=", url.stream);
                url_put(&url, query->starting_after);
        }
        return url_done(&url, ret);
}

int coupon_path(const char *id, char **ret)
{
        char *path;

        if (!coupon_is_probe(id)) /* so it holds nothing that would have to be encoded */
                return -EINVAL;
        if (asprintf(&path, "/v1/coupons/%s", id) < 0)
                return -ENOMEM;
        *ret = path;
        return 0;
}

int coupon_promotions_path(const char *id, unsigned limit, char **ret)
{
        char *path;

        if (!coupon_is_probe(id))
                return -EINVAL;
        if (asprintf(&path, "/v1/promotion_codes?coupon=%s&limit=%u", id, limit) < 0)
                return -ENOMEM;
        *ret = path;
        return 0;
}

int coupon_create_body(const char *id, int64_t redeem_by_wall, char **ret)
{
        char *body;

        if (!coupon_is_probe(id))
                return -EINVAL;
        if (asprintf(&body,
                     "id=%s&percent_off=1&duration=once&max_redemptions=1&redeem_by=%" PRId64
                     "&metadata%%5Bcreated_by%%5D=keyvigil&metadata%%5Bpurpose%%5D=connection%%20check",
                     id, redeem_by_wall) < 0)
                return -ENOMEM;
        *ret = body;
        return 0;
}

void coupon_id_make(const uint8_t random[static COUPON_RANDOM],
                    char ret[static sizeof(COUPON_PREFIX) + COUPON_RANDOM])
{
        /* 32 letters: each byte gives five bits without favouring any, and none of it ever looks like a key.
         */
        static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
        char *to = mempcpy(ret, COUPON_PREFIX, strlen(COUPON_PREFIX));

        _Static_assert(sizeof(letters) - 1 == 32, "five bits a letter");
        for (size_t i = 0; i < COUPON_RANDOM; i++)
                *to++ = letters[random[i] & 31];
        *to = '\0';
}
