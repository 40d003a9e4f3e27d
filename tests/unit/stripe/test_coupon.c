/* Requests for coupons, and what the answers say. */
#include "stripe/coupon.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "stripe/redact.h"

#define ID "selgeo_probe_a1"

/* A coupon as the API gives it, with what is not looked at. */
#define COUPON(id, created, redeemed, live)                                                                  \
        "{\"id\":\"" id "\",\"object\":\"coupon\",\"amount_off\":null,\"created\":" created                  \
        ",\"currency\":null,\"duration\":\"once\",\"livemode\":" live                                        \
        ",\"max_redemptions\":1,\"metadata\":{},\"name\":null,\"percent_off\":1.0,\"redeem_by\":null,"       \
        "\"times_redeemed\":" redeemed ",\"valid\":true}"
#define PAGE(more, data)                                                                                     \
        "{\"object\":\"list\",\"url\":\"/v1/coupons\",\"has_more\":" more ",\"data\":[" data "]}"

static void probe_ids(void **state)
{
        static const struct {
                const char *id;
                bool probe;
        } cases[] = {
                { "selgeo_probe_a", true },
                { "selgeo_probe_A-b_9", true },
                { "selgeo_probe__", true },
                { "selgeo_probe_-", true },
                { "selgeo_probe_", false },
                { "selgeo_probe", false },
                { "", false },
                { "Selgeo_probe_a", false },
                { "selgeo_Probe_a", false },
                { "selgeo_probe_a b", false },
                { " selgeo_probe_a", false },
                { "selgeo_probe_a/b", false },
                { "selgeo_probe_a.b", false },
                { "selgeo_probe_a\n", false },
                { "selgeo_probe_..", false },
                { "xselgeo_probe_a", false },
                { "selgeo-probe-a", false },
                { "selgeo_probe_\xc3\xbc", false },
                { "selgeo_probe_a%2Fb", false },
                { "SUMMER25", false },
                { "selgeo_probe_a?x", false },
        };
        char longest[COUPON_ID_MAX + 2];

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(coupon_is_probe(cases[i].id), cases[i].probe);

        memset(longest, 'a', sizeof(longest));
        memcpy(longest, COUPON_PREFIX, strlen(COUPON_PREFIX));
        longest[COUPON_ID_MAX + 1] = '\0';
        assert_false(coupon_is_probe(longest));
        longest[COUPON_ID_MAX] = '\0';
        assert_true(coupon_is_probe(longest));
}

static int page_parse(const char *body, struct coupon_page **ret)
{
        return coupon_page_parse(body, strlen(body), ret);
}

static void a_page(void **state)
{
        _cleanup_(coupon_page_freep) struct coupon_page *page = NULL;

        (void) state;
        assert_int_equal(page_parse(PAGE("true", COUPON("SUMMER25", "1795000003", "17", "true") "," //
                                         COUPON(ID, "1795000002", "0", "true") ","                  //
                                         COUPON("selgeo_probe_", "1795000001", "0", "true") ","     //
                                         COUPON("selgeo_probe_B", "1795000000", "3", "false") ","   //
                                         COUPON("50% off & more", "1794000000", "0", "true")),
                                    &page),
                         0);
        assert_int_equal(page->n_all, 5);
        assert_int_equal(page->n_found, 2);
        assert_true(page->has_more);
        assert_string_equal(page->last_id, "50% off & more");
        assert_string_equal(page->found[0].id, ID);
        assert_int_equal(page->found[0].coupon.created, 1795000002);
        assert_int_equal(page->found[0].coupon.times_redeemed, 0);
        assert_true(page->found[0].coupon.livemode);
        assert_false(page->found[0].coupon.deleted);
        assert_string_equal(page->found[1].id, "selgeo_probe_B");
        assert_int_equal(page->found[1].coupon.times_redeemed, 3);
        assert_false(page->found[1].coupon.livemode);
}

static void an_empty_page(void **state)
{
        _cleanup_(coupon_page_freep) struct coupon_page *page = NULL;

        (void) state;
        assert_int_equal(page_parse(PAGE("false", ""), &page), 0);
        assert_int_equal(page->n_all, 0);
        assert_int_equal(page->n_found, 0);
        assert_null(page->last_id);
        assert_false(page->has_more);
        assert_null(coupon_page_free(NULL));
}

/* What is nobody's probe need not have what only probes are asked for. */
static void others_are_not_looked_at(void **state)
{
        _cleanup_(coupon_page_freep) struct coupon_page *page = NULL;

        (void) state;
        assert_int_equal(
                page_parse(PAGE("false", "{\"id\":\"OLD\",\"object\":\"coupon\",\"created\":\"?\"}"), &page),
                0);
        assert_int_equal(page->n_all, 1);
        assert_int_equal(page->n_found, 0);
}

static void no_pages(void **state)
{
        static const char *const cases[] = {
                "",
                "[]",
                "null",
                "<html>",
                "{}",
                "{\"error\":{\"type\":\"x\"}}",
                "{\"object\":\"list\",\"has_more\":false}",
                "{\"object\":\"list\",\"data\":[]}",
                "{\"object\":\"list\",\"has_more\":false,\"data\":{}}",
                "{\"object\":\"list\",\"has_more\":\"false\",\"data\":[]}",
                "{\"object\":\"list\",\"has_more\":0,\"data\":[]}",
                "{\"object\":\"coupon\",\"has_more\":false,\"data\":[]}",
                "{\"object\":[\"list\"],\"has_more\":false,\"data\":[]}",
                "{\"has_more\":false,\"data\":[]}",
                PAGE("true", ""), /* more, and no cursor to get it with */
                PAGE("false", "null"),
                PAGE("false", "[]"),
                PAGE("false", "\"" ID "\""),
                PAGE("false", "{}"),
                PAGE("false", "{\"id\":\"" ID "\"}"),
                PAGE("false", "{\"id\":\"x\",\"object\":\"promotion_code\"}"),
                PAGE("false", "{\"object\":\"coupon\"}"),
                PAGE("false", "{\"id\":7,\"object\":\"coupon\"}"),
                PAGE("false", "{\"id\":\"\",\"object\":\"coupon\"}"),
                PAGE("false", "{\"id\":\"selgeo_probe_a\\u0000b\",\"object\":\"coupon\"}"),
                PAGE("false", COUPON(ID, "\"1795000000\"", "0", "true")),
                PAGE("false", COUPON(ID, "1795000000.5", "0", "true")),
                PAGE("false", COUPON(ID, "0", "0", "true")),
                PAGE("false", COUPON(ID, "-5", "0", "true")),
                PAGE("false", COUPON(ID, "null", "0", "true")),
                PAGE("false", COUPON(ID, "99999999999999999999", "0", "true")),
                PAGE("false", COUPON(ID, "1795000000", "null", "true")),
                PAGE("false", COUPON(ID, "1795000000", "-1", "true")),
                PAGE("false", COUPON(ID, "1795000000", "false", "true")),
                PAGE("false", COUPON(ID, "1795000000", "0", "1")),
                PAGE("false", COUPON(ID, "1795000000", "0", "\"true\"")),
                PAGE("false", COUPON("SUMMER", "1795000000", "0", "true") "," COUPON(ID, "1", "0", "null")),
                PAGE("false", "{\"id\":\"" ID "\",\"object\":\"coupon\",\"created\":5,\"created\":6,"
                              "\"times_redeemed\":0,\"livemode\":true}"),
                PAGE("false", "") "x",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct coupon_page *page = NULL;
                int r = page_parse(cases[i], &page);

                if (r != -EBADMSG || page)
                        fail_msg("%s: %d", cases[i], r);
        }
}

static void pages_cut_at_every_byte(void **state)
{
        static const char body[] = PAGE("true", COUPON(ID, "1795000000", "0", "true"));

        (void) state;
        for (size_t n = 0; n < sizeof(body) - 1; n++) {
                struct coupon_page *page = NULL;

                assert_int_equal(coupon_page_parse(body, n, &page), -EBADMSG);
                assert_null(page);
        }
}

static void one_coupon(void **state)
{
        static const struct {
                const char *body;
                int r;
                struct coupon coupon;
        } cases[] = {
                { COUPON(ID, "1795000000", "2", "true"),
                  0,
                  { .created = 1795000000, .times_redeemed = 2, .livemode = true } },
                { COUPON(ID, "1795000000", "0", "false"), 0, { .created = 1795000000 } },
                { "{\"id\":\"" ID "\",\"object\":\"coupon\",\"deleted\":true}", 0, { .deleted = true } },
                { "{\"id\":\"" ID "\",\"object\":\"coupon\",\"deleted\":false}", -EBADMSG, { 0 } },
                { "{\"id\":\"" ID "\",\"object\":\"coupon\",\"deleted\":\"yes\"}", -EBADMSG, { 0 } },
                { "{\"id\":\"" ID "\",\"object\":\"coupon\"}", -EBADMSG, { 0 } },
                { "{\"id\":\"" ID "\",\"object\":\"product\",\"deleted\":true}", -EBADMSG, { 0 } },
                { "{\"id\":\"" ID "\",\"deleted\":true}", -EBADMSG, { 0 } },
                { "{\"object\":\"coupon\",\"deleted\":true}", -EBADMSG, { 0 } },
                { COUPON("selgeo_probe_A1", "1795000000", "0", "true"), -EBADMSG, { 0 } }, /* another one */
                { COUPON("selgeo_probe_a12", "1795000000", "0", "true"), -EBADMSG, { 0 } },
                { "{\"id\":\"selgeo_probe_b\",\"object\":\"coupon\",\"deleted\":true}", -EBADMSG, { 0 } },
                { COUPON(ID, "0", "0", "true"), -EBADMSG, { 0 } },
                { PAGE("false", COUPON(ID, "1795000000", "0", "true")), -EBADMSG, { 0 } },
                { "[" COUPON(ID, "1795000000", "0", "true") "]", -EBADMSG, { 0 } },
                { "{\"error\":{\"code\":\"resource_missing\",\"type\":\"x\"}}", -EBADMSG, { 0 } },
                { "", -EBADMSG, { 0 } },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct coupon coupon = { .created = 77 };
                int r = coupon_parse(cases[i].body, strlen(cases[i].body), ID, &coupon);

                if (r != cases[i].r)
                        fail_msg("%s: %d", cases[i].body, r);
                if (r < 0) {
                        assert_int_equal(coupon.created, 77);
                        continue;
                }
                assert_int_equal(coupon.created, cases[i].coupon.created);
                assert_int_equal(coupon.times_redeemed, cases[i].coupon.times_redeemed);
                assert_int_equal(coupon.livemode, cases[i].coupon.livemode);
                assert_int_equal(coupon.deleted, cases[i].coupon.deleted);
        }
}

#define CODE(rest)     "{\"id\":\"promo_1\",\"object\":\"promotion_code\",\"active\":true" rest "}"
#define NEW_CODE(name) CODE(",\"promotion\":{\"type\":\"coupon\",\"coupon\":" name "}")
#define OLD_CODE(name) CODE(",\"coupon\":" name)
#define MINE           "\"" ID "\""
#define WHOLE(id)      COUPON(id, "1795000000", "0", "true")
#define OTHER          "\"SUMMER25\""

static void promotion_codes(void **state)
{
        static const struct {
                const char *body;
                int r;
                enum promotions promotions;
        } cases[] = {
                { PAGE("false", ""), 0, PROMOTIONS_NONE },
                { PAGE("false", NEW_CODE(MINE)), 0, PROMOTIONS_SOME },
                { PAGE("true", NEW_CODE(MINE)), 0, PROMOTIONS_SOME },
                { PAGE("false", NEW_CODE(WHOLE(ID))), 0, PROMOTIONS_SOME },
                { PAGE("false", OLD_CODE(WHOLE(ID))), 0, PROMOTIONS_SOME },
                { PAGE("false", OLD_CODE(MINE)), 0, PROMOTIONS_SOME },
                { PAGE("false", NEW_CODE(OTHER) "," NEW_CODE(MINE)), 0, PROMOTIONS_SOME },
                { PAGE("false",
                       CODE(",\"coupon\":" OTHER ",\"promotion\":{\"type\":\"coupon\",\"coupon\":" MINE "}")),
                  0, PROMOTIONS_SOME },
                /* inactive codes can be made active again */
                { PAGE("false", "{\"object\":\"promotion_code\",\"active\":false,\"coupon\":" MINE "}"), 0,
                  PROMOTIONS_SOME },
                /* of nobody knows whom */
                { PAGE("false", NEW_CODE("null")), 0, PROMOTIONS_SOME },
                { PAGE("false", CODE("")), 0, PROMOTIONS_SOME },
                { PAGE("false", CODE(",\"promotion\":null")), 0, PROMOTIONS_SOME },
                { PAGE("false", CODE(",\"promotion\":\"x\"")), 0, PROMOTIONS_SOME },
                { PAGE("false", CODE(",\"promotion\":{\"type\":\"gift\",\"gift\":\"x\"}")), 0,
                  PROMOTIONS_SOME },
                { PAGE("false", NEW_CODE("7")), 0, PROMOTIONS_SOME },
                /* the filter was ignored: whoever lists everything says nothing until the end */
                { PAGE("false", NEW_CODE(OTHER)), 0, PROMOTIONS_NONE },
                { PAGE("false", OLD_CODE(WHOLE("SUMMER25"))), 0, PROMOTIONS_NONE },
                { PAGE("true", NEW_CODE(OTHER)), 0, PROMOTIONS_UNKNOWN },
                { PAGE("true", NEW_CODE("\"selgeo_probe_A1\"")), 0, PROMOTIONS_UNKNOWN }, /* case counts */
                { PAGE("true", ""), -EBADMSG, PROMOTIONS_UNKNOWN },
                { PAGE("false", "{\"object\":\"coupon\"}"), -EBADMSG, PROMOTIONS_UNKNOWN },
                { PAGE("false", "null"), -EBADMSG, PROMOTIONS_UNKNOWN },
                { "{\"object\":\"list\",\"data\":[]}", -EBADMSG, PROMOTIONS_UNKNOWN },
                { "{\"error\":{\"code\":\"resource_missing\",\"type\":\"x\"}}", -EBADMSG,
                  PROMOTIONS_UNKNOWN },
                { "", -EBADMSG, PROMOTIONS_UNKNOWN },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                enum promotions promotions = PROMOTIONS_UNKNOWN;
                int r = promotion_codes_parse(cases[i].body, strlen(cases[i].body), ID, &promotions);

                if (r != cases[i].r || promotions != cases[i].promotions)
                        fail_msg("%s: %d, %d", cases[i].body, r, (int) promotions);
        }
}

static void list_paths(void **state)
{
        static const struct {
                struct coupon_query query;
                const char *path;
        } cases[] = {
                { { .limit = 100 }, "/v1/coupons?limit=100" },
                { { .limit = 10, .starting_after = "SUMMER25" },
                  "/v1/coupons?limit=10&starting_after=SUMMER25" },
                { { .limit = 100, .created_gte = 1795000000 },
                  "/v1/coupons?limit=100&created%5Bgte%5D=1795000000" },
                { { .limit = 100, .created_gte = 7, .created_lte = 1795000001 },
                  "/v1/coupons?limit=100&created%5Bgte%5D=7&created%5Blte%5D=1795000001" },
                { { .limit = 100, .created_gte = 5, .starting_after = "50% off & more/\xc3\xbc?#=+" },
                  "/v1/coupons?limit=100&created%5Bgte%5D=5&"
                  "starting_after=50%25%20off%20%26%20more%2F%C3%BC%3F%23%3D%2B" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *path = NULL;

                assert_int_equal(coupon_list_path(&cases[i].query, &path), 0);
                assert_string_equal(path, cases[i].path);
        }
}

static void requests_about_one(void **state)
{
        static const char *const refused[] = {
                "",   "SUMMER25",        "selgeo_probe_", "selgeo_probe_../x", "selgeo_probe_a?x",
                "..", "selgeo_probe_a b"
        };
        _cleanup_free_ char *path = NULL, *promotions = NULL, *body = NULL, *none = NULL;

        (void) state;
        assert_int_equal(coupon_path(ID, &path), 0);
        assert_string_equal(path, "/v1/coupons/" ID);
        assert_int_equal(coupon_promotions_path(ID, 1, &promotions), 0);
        assert_string_equal(promotions, "/v1/promotion_codes?coupon=" ID "&limit=1");
        assert_int_equal(coupon_create_body(ID, 1795003600, &body), 0);
        assert_string_equal(body,
                            "id=" ID "&percent_off=1&duration=once&max_redemptions=1&redeem_by=1795003600"
                            "&metadata%5Bcreated_by%5D=keyvigil&metadata%5Bpurpose%5D=connection%20check");
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                assert_int_equal(coupon_path(refused[i], &none), -EINVAL);
                assert_int_equal(coupon_promotions_path(refused[i], 1, &none), -EINVAL);
                assert_int_equal(coupon_create_body(refused[i], 1795003600, &none), -EINVAL);
                assert_null(none);
        }
}

static void new_ids(void **state)
{
        uint8_t random[COUPON_RANDOM];
        char id[sizeof(COUPON_PREFIX) + COUPON_RANDOM], other[sizeof(id)];

        (void) state;
        for (unsigned byte = 0; byte < 256; byte++) {
                for (unsigned i = 0; i < COUPON_RANDOM; i++)
                        random[i] = (uint8_t) (byte + i);
                coupon_id_make(random, id);
                assert_int_equal(strlen(id), strlen(COUPON_PREFIX) + 16);
                assert_true(coupon_is_probe(id));
                assert_false(looks_like_key(id));
        }
        for (unsigned i = 0; i < COUPON_RANDOM; i++) { /* every byte counts */
                memcpy(other, id, sizeof(id));
                random[i] ^= 1;
                coupon_id_make(random, id);
                assert_string_not_equal(id, other);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(probe_ids),     cmocka_unit_test(a_page),
                cmocka_unit_test(an_empty_page), cmocka_unit_test(others_are_not_looked_at),
                cmocka_unit_test(no_pages),      cmocka_unit_test(pages_cut_at_every_byte),
                cmocka_unit_test(one_coupon),    cmocka_unit_test(promotion_codes),
                cmocka_unit_test(list_paths),    cmocka_unit_test(requests_about_one),
                cmocka_unit_test(new_ids),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
