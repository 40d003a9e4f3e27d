/* The whole input is an answer; it is read as each kind that it could be. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "fuzz.h"
#include "stripe/coupon.h"

#define ID "selgeo_probe_a1"
#define COUPON                                                                                               \
        "{\"id\":\"" ID                                                                                      \
        "\",\"object\":\"coupon\",\"created\":1795000000,\"livemode\":true,\"times_redeemed\":0}"

const struct seed fuzz_seeds[] = {
        SEED("{\"object\":\"list\",\"url\":\"/v1/coupons\",\"has_more\":true,\"data\":[" COUPON
             ",{\"id\":\"SUMMER25\",\"object\":\"coupon\"}]}"),
        SEED("{\"object\":\"list\",\"has_more\":false,\"data\":[]}"),
        SEED(COUPON),
        SEED("{\"id\":\"" ID "\",\"object\":\"coupon\",\"deleted\":true}"),
        SEED("{\"object\":\"list\",\"has_more\":false,\"data\":[{\"object\":\"promotion_code\",\"promotion\":"
             "{\"type\":"
             "\"coupon\",\"coupon\":\"" ID "\"}}]}"),
        SEED("{\"object\":\"list\",\"has_more\":true,\"data\":[{\"object\":\"promotion_code\","
             "\"coupon\":" COUPON "}]}"),
        SEED("{\"object\":\"list\",\"has_more\":true,\"data\":[{\"object\":\"promotion_code\",\"coupon\":"
             "\"OTHER\"}]}"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = {
        "\"object\":",
        "\"list\"",
        "\"coupon\"",
        "\"promotion_code\"",
        "\"data\":[",
        "\"has_more\":true",
        COUPON,
        "null",
        "true",
        "false",
        "-1",
        "0",
        "9223372036854775807",
        "9223372036854775808",
        "1e400",
        "\\u0000",
        "selgeo_probe_",
        "[",
        "{",
        "}",
        "]",
        ",",
        "\"deleted\":true",
};
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

static void hold_coupon(const struct coupon *coupon)
{
        HOLD(coupon->deleted ? coupon->created == 0 : coupon->created > 0);
        HOLD(coupon->times_redeemed >= 0);
}

static void hold_page(const struct coupon_page *page)
{
        HOLD(page->n_found <= page->n_all);
        HOLD((page->n_all > 0) == (page->last_id != NULL));
        HOLD(!page->has_more || (page->last_id && page->last_id[0] != '\0'));
        for (size_t i = 0; i < page->n_found; i++) {
                HOLD(coupon_is_probe(page->found[i].id));
                HOLD(!page->found[i].coupon.deleted);
                hold_coupon(&page->found[i].coupon);
        }
}

/* The cursor of a page is put into the next request: nothing of it may get out of its place. */
static void hold_next(const struct coupon_page *page)
{
        struct coupon_query query = { .limit = 100, .starting_after = page->last_id };
        char *path;

        HOLD(coupon_list_path(&query, &path) == 0);
        const char *value = strstr(path, "&starting_after=");
        HOLD(value);
        value = strchr(value, '=') + 1;
        HOLD(strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%") ==
             strlen(value));
        free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *body = fuzz_text(data, size);
        struct coupon_page *page = NULL;
        struct coupon coupon;
        enum promotions promotions = (enum promotions) 77;

        int r = coupon_page_parse(body, size, &page);
        HOLD(r == 0 ? page != NULL : r == -EBADMSG && page == NULL);
        if (page) {
                hold_page(page);
                if (page->last_id)
                        hold_next(page);
                coupon_page_free(page);
        }

        r = coupon_parse(body, size, ID, &coupon);
        HOLD(r == 0 || r == -EBADMSG);
        if (r == 0) {
                HOLD(memmem(body, size, "coupon", strlen("coupon")) || memchr(body, '\\', size));
                hold_coupon(&coupon);
        }

        r = promotion_codes_parse(body, size, ID, &promotions);
        HOLD(r == 0 ? promotions <= PROMOTIONS_SOME : r == -EBADMSG && promotions == (enum promotions) 77);
        free(body);
        return 0;
}
