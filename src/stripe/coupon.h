/* Probe coupons: how they are asked for, what the answers say, and when one may be deleted. Pure.
 *
 * A probe coupon is what an interrupted connection check left behind; its id is "selgeo_probe_" and
 * something. Everything else in an account is a merchant's own and is not even remembered. */
#ifndef STRIPE_COUPON_H
#define STRIPE_COUPON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/usec.h"

#define COUPON_PREFIX "selgeo_probe_"

/* An id beyond this is nobody's probe. */
#define COUPON_ID_MAX 255

/* COUPON_PREFIX and at least one of [A-Za-z0-9_-] (what Stripe accepts in an id since 2018-05-21). Ids are
 * case-sensitive. */
bool coupon_is_probe(const char *id);

/* What an answer says about one coupon. */
struct coupon {
        int64_t created; /* seconds since 1970, of the provider's clock; > 0 */
        int64_t times_redeemed;
        bool livemode;
        bool spent;   /* nobody can use it any more: its `valid` says so */
        bool deleted; /* then nothing else is known */
};

/* --- Answers. All of them: -EBADMSG: not of the provider's shape; -ENOMEM. --- */

struct coupon_found {
        char *id;
        struct coupon coupon;
};

/* One page of the list. */
struct coupon_page {
        struct coupon_found *found; /* those whose id is a probe's */
        size_t n_found;
        size_t n_all;         /* coupons on the page, of whatever id */
        char *last_id;        /* the cursor for the next page; NULL on a page without coupons */
        int64_t last_created; /* of the same coupon; 0: it does not say */
        bool has_more;        /* never without a last_id */
};

int coupon_page_parse(const char *body, size_t size, struct coupon_page **ret);
struct coupon_page *coupon_page_free(struct coupon_page *page);
DEFINE_CLEANUP(struct coupon_page, coupon_page_free)

/* The answer to a retrieve, create or delete of `id`. One about another coupon is no answer: -EBADMSG. */
int coupon_parse(const char *body, size_t size, const char *id, struct coupon *ret);

enum promotions {
        PROMOTIONS_UNKNOWN, /* not asked, no right to ask, or no telling */
        PROMOTIONS_NONE,
        PROMOTIONS_SOME,
};

/* The list of promotion codes asked for with coupon=`id`. Knows both forms: `promotion` {type, coupon} of API
 * 2025-09-30 and later, and a `coupon` of the code itself before that; each with the id or the whole coupon
 * in it. A code of which cannot be told whose it is counts as this coupon's. Codes of others show that the
 * filter was ignored: then only a list that ends here can say NONE. */
int promotion_codes_parse(const char *body, size_t size, const char *id, enum promotions *ret);

/* --- Rails --- */

/*      name, the word of the ledger and of JSON, the word of KEYVIGIL_REASON, why the coupon is kept, for
 *      people */
/* clang-format off */
#define RAILS(X) \
        X(DELETE, "delete", "delete", "a stale probe coupon") \
        X(NOT_OURS, "not-ours", "not-ours", "its id is not that of a probe coupon") \
        X(KEY_SUSPECT, "key-suspect", "key-suspect", "the key is suspected to be dead; that comes first") \
        X(STALE_FACTS, "stale-facts", "stale-facts", "it was not looked at directly before") \
        X(GONE, "gone", "gone", "it is deleted already") \
        X(OTHER_MODE, "other-mode", "mode", "it belongs to the other mode (live or test) than the key") \
        X(REDEEMED, "redeemed", "redeemed", "it was redeemed: a customer has the discount") \
        X(PROMOTED, "promoted", "promotion-code", "a promotion code gives it to customers") \
        X(TOO_YOUNG, "too-young", "grace", "a connection check may still be using it") \
        X(NO_WRITE, "no-write", "no-coupons-write", \
          "the key may not delete coupons: it needs “Coupons: Write”") \
        X(PROMOTIONS_UNKNOWN, "promotions-unknown", "promotion-codes-unreadable", \
          "whether a promotion code gives it to customers could not be seen: that needs “Promotion codes: " \
          "Read”") \
        X(UNUSUAL_NUMBER, "unusual-number", "unusual-number", \
          "unusual number of probe coupons: somebody should look first")
/* What stands in the ledger where no rail was in the way. */
#define NO_RAILS(X) \
        X(NONE, "", "", "") \
        X(REPORT_ONLY, "report-only", "report-only", "the configuration says to report only") \
        X(WOULD_DELETE, "would-delete", "would-delete", "it would be deleted") \
        X(DELETE_REFUSED, "delete-refused", "delete-refused", "Stripe refused to delete it") \
        X(HALF_READ, "half-read", "half-read", "the list of coupons was not read to its end yet")
/* clang-format on */

enum rail {
#define X(name, word, told, why) RAIL_##name,
        RAILS(X) _RAIL_MAX,
        _RAIL_BEFORE = _RAIL_MAX - 1,
        NO_RAILS(X) RAIL_OTHER, /* a word that another version wrote */
#undef X
};

/* Not for RAIL_OTHER, of which the ledger has the word. */
const char *rail_name(enum rail rail);
const char *rail_told(enum rail rail);
const char *rail_reason(enum rail rail);

/* RAIL_OTHER: it is none of these. */
enum rail rail_parse(const char *word);
/* For people; "" for a word that is none of these. */
const char *coupon_reason(const char *word);

/* Answers from this age on say nothing any more about the coupon as it is now. */
#define COUPON_FACTS_MAX_AGE (10 * USEC_PER_SEC)

/* How far the provider's clock may be from ours without a doubt, in seconds. */
#define COUPON_CLOCK_DOUBT (5 * SEC_PER_MINUTE)

/* Where the provider does not say its time, only our clock is left to tell an age, and a clock that is wrong
 * is mostly wrong by an hour: a coupon must be that much older, in seconds. */
#define COUPON_CLOCK_MARGIN SEC_PER_HOUR

/* All that is known directly before a delete. */
struct coupon_facts {
        const char *id;
        struct coupon coupon;       /* as fetched */
        enum promotions promotions; /* as asked */
        usec_t coupon_usec;         /* when the two answers came … */
        usec_t promotions_usec;
        usec_t now;        /* … and now, on the same clock */
        int64_t date_wall; /* the Date header of the answer with the coupon; -1: none */
        int64_t now_wall;  /* our clock */
        int64_t grace;     /* seconds; a coupon must be older */
        bool live;         /* the key's mode */
        bool suspect;      /* the key is suspect or held */
        bool may_write;    /* the key grants coupons write */
        bool ours;         /* a connection check of ours made it */
        bool too_many;     /* more of them than are deleted without somebody's word */
};

/* May this coupon be deleted? RAIL_DELETE, or the first rail in the way. One of ours that nobody can use any
 * more needs no word about promotion codes: it must not stay behind. *ret_clock_doubt: the provider's Date
 * was absent or too far off our clock, so that the younger of the two ages was taken. */
enum rail coupon_rails(const struct coupon_facts *facts, bool *ret_clock_doubt);

/* --- Requests. The caller frees what they give. -ENOMEM. --- */

struct coupon_query {
        unsigned limit;             /* 1 … 100 */
        const char *starting_after; /* the last id of the page before; NULL: the first page */
        int64_t created_gte;        /* only those created since, in seconds since 1970; 0: all */
        int64_t created_lte;        /* only those created until then; 0: all */
};

int coupon_list_path(const struct coupon_query *query, char **ret);

/* To retrieve or delete one. -EINVAL: not the id of a probe coupon; no other is ever asked for. */
int coupon_path(const char *id, char **ret);

/* The promotion codes of one coupon; `limit` 1 … 100. -EINVAL: as above. */
int coupon_promotions_path(const char *id, unsigned limit, char **ret);

/* The coupon of a connection check: POST this to COUPON_CREATE_PATH. It is worth 1 %, once, and for one,
 * until `redeem_by_wall`. -EINVAL: as above. */
#define COUPON_CREATE_PATH "/v1/coupons"
int coupon_create_body(const char *id, int64_t redeem_by_wall, char **ret);

/* The id of a new one, from 16 random bytes. */
#define COUPON_RANDOM 16
void coupon_id_make(const uint8_t random[static COUPON_RANDOM],
                    char ret[static sizeof(COUPON_PREFIX) + COUPON_RANDOM]);

#endif
