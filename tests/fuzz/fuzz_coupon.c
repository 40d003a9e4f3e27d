/* The whole input is an answer; it is read as each kind that it could be. Its last bytes are the facts by
 * which a coupon is deleted or kept. */
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
        SEED("selgeo_probe_abcdefgh"),
        SEED("would-delete"),
        SEED("too-young"),
        SEED("{\"object\":\"list\",\"has_more\":true,\"data\":[{\"id\":\"a/"
             "b?c\",\"object\":\"coupon\",\"created\":"
             "1795000003}]}"),
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
        struct coupon_query since = { .limit = 1,
                                      .created_gte = page->last_created,
                                      .created_lte = page->last_created };
        char *path;

        HOLD(coupon_list_path(&since, &path) == 0);
        HOLD(strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789-_/?&=%BD") == strlen(path));
        free(path);

        HOLD(coupon_list_path(&query, &path) == 0);
        const char *value = strstr(path, "&starting_after=");
        HOLD(value);
        value = strchr(value, '=') + 1;
        HOLD(strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%") ==
             strlen(value));
        free(path);
}

/* --- rails --- */

/* Numbers where something changes: clocks, ages, sums that do not fit. */
static const int64_t walls[] = {
        -1,           0,         1795000000, 1795000901, 1795004501, 1795000301, 1794999000,
        253402300799, INT64_MAX, INT64_MIN,  1795000900, 1000000000,
};
static const char *const ids[] = {
        ID, "SUMMER25", "selgeo_probe_", "selgeo_probe_a/b", "", "selgeo_probe_0"
};

/* Whatever the facts are: nothing is deleted but what may be. */
static void hold_rail(const struct coupon_facts *f, enum rail rail, bool doubt)
{
        HOLD(rail < _RAIL_MAX && rail_reason(rail)[0] != '\0');
        HOLD(strcmp(coupon_reason(rail_name(rail)), rail_reason(rail)) == 0);
        HOLD(f->date_wall > 0 || doubt);
        if (rail != RAIL_DELETE)
                return;
        HOLD(coupon_is_probe(f->id) && !f->suspect && f->may_write && !f->too_many);
        HOLD(!f->coupon.deleted && f->coupon.times_redeemed == 0 && f->coupon.livemode == f->live);
        HOLD(f->promotions == PROMOTIONS_NONE ||
             (f->ours && f->coupon.spent && f->promotions != PROMOTIONS_SOME));
        HOLD(f->coupon_usec <= f->now && f->now - f->coupon_usec < COUPON_FACTS_MAX_AGE);
        HOLD(f->coupon.created > 0 && (f->date_wall > f->coupon.created || f->now_wall > f->coupon.created));
}

static int64_t wall_at(uint8_t byte)
{
        return walls[byte % ELEMENTSOF(walls)];
}

static void try_rails(const uint8_t *at)
{
        bool doubt;
        struct coupon_facts facts = {
                .id = ids[at[0] % ELEMENTSOF(ids)],
                .coupon = { .created = wall_at(at[1]),
                            .times_redeemed = at[2] & 1,
                            .livemode = at[2] & 2,
                            .deleted = at[2] & 4,
                            .spent = at[2] & 8 },
                .promotions = (enum promotions)(at[3] % 3),
                .coupon_usec = (usec_t) at[4] * USEC_PER_SEC,
                .promotions_usec = (usec_t) at[5] * USEC_PER_SEC,
                .now = (usec_t) at[6] * USEC_PER_SEC,
                .date_wall = wall_at(at[7]),
                .now_wall = wall_at(at[8]),
                .grace = at[9] == 0 ? 900 : (int64_t) at[9] * SEC_PER_DAY - SEC_PER_DAY,
                .live = at[2] & 16,
                .suspect = at[2] & 32,
                .may_write = at[2] & 64,
                .ours = at[2] & 128,
                .too_many = at[3] & 128,
        };

        enum rail rail = coupon_rails(&facts, &doubt);
        hold_rail(&facts, rail, doubt);
}

#define FACTS 10

/* Each fact by itself against those of a coupon that may be deleted. */
static void try_all_rails(void)
{
        static const uint8_t good[FACTS] = { 0, 2, 64, 1, 5, 5, 6, 4, 4, 0 };
        uint8_t facts[FACTS];

        for (size_t i = 0; i < FACTS; i++)
                for (unsigned value = 0; value < 256; value++) {
                        memcpy(facts, good, sizeof(facts));
                        facts[i] = (uint8_t) value;
                        try_rails(facts);
                }
}

/* What is asked of the provider holds only what may be asked. */
static void try_requests(const char *text, const uint8_t *data, size_t size)
{
        char *path = NULL, id[sizeof(COUPON_PREFIX) + COUPON_RANDOM];
        bool probe = coupon_is_probe(text);
        int r = coupon_path(text, &path);

        HOLD(r == (probe ? 0 : -EINVAL));
        HOLD(!probe || strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/") ==
                               strlen(path));
        free(path);
        path = NULL;
        HOLD(coupon_promotions_path(text, 10, &path) == r);
        free(path);
        path = NULL;
        HOLD(coupon_create_body(text, 1795000000, &path) == r);
        free(path);
        if (size >= COUPON_RANDOM) {
                coupon_id_make(data, id);
                HOLD(coupon_is_probe(id));
        }
        HOLD(coupon_reason(text)[0] == '\0' || strlen(text) < 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *body = fuzz_text(data, size);
        struct coupon_page *page = NULL;
        struct coupon coupon;
        enum promotions promotions = (enum promotions) 77;

        if (size == 0)
                try_all_rails();
        if (size >= FACTS)
                try_rails(data + size - FACTS);
        try_requests(body, data, size);

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
