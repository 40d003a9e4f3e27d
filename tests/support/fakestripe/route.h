#pragma once

#include <stddef.h>

/* What a granted call answers. Every resource but coupons and promotion codes is empty: nothing is ever
 * found. */
enum outcome {
        OUTCOME_LIST,       /* 200, an empty list */
        OUTCOME_LIST_V2,    /* 200, the empty list of /v2 */
        OUTCOME_ACCOUNT,    /* 200, the key's own account */
        OUTCOME_OBJECT,     /* 200, a single object that every account has (balance, settings) */
        OUTCOME_NO_OBJECT,  /* 404 resource_missing */
        OUTCOME_BAD_OBJECT, /* 400 resource_missing: some resources answer so */
        OUTCOME_NEEDS,      /* 400 parameter_missing */
        OUTCOME_CREATES,    /* 200: an empty POST here really makes something */
        OUTCOME_COUPON_LIST,
        OUTCOME_COUPON_GET,
        OUTCOME_COUPON_CREATE,
        OUTCOME_COUPON_UPDATE,
        OUTCOME_COUPON_DELETE,
        OUTCOME_PROMOTION_LIST,
        OUTCOME_PROMOTION_GET,
        OUTCOME_PROMOTION_CREATE,
        OUTCOME_PROMOTION_UPDATE,
};

enum { ROUTE_PERMISSIONS = 2 };

struct route {
        const char *method;
        const char *pattern; /* `{id}` stands for one segment */
        enum outcome outcome;
        const char *permission[ROUTE_PERMISSIONS]; /* all are needed; a refusal names the first that lacks */
        const char *param;                         /* named in the error */
        const char *noun;                          /* the object's type */
        const char *instead;                       /* does as well as the first; NULL: nothing */
        const char *says; /* the permission that a refusal names instead, as the real one does */
};

/* The row for it and, in `ret_id` (of `room` bytes, NUL-terminated, percent-decoded), what stood for `{id}`.
 * NULL: the provider has no such address. `path` is without its query. */
const struct route *route_find(const char *method, const char *path, char *ret_id, size_t room);

/* Rows one by one, for the table at /_fake/routes; NULL behind the last. */
const struct route *route_at(size_t index);
