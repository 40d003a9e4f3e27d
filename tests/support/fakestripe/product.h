#pragma once

#include <jansson.h>

#include "judge.h"

/* Products that an account may lack, and rows that behave otherwise than most: what the real one is like is
 * not known of all of them, so tests turn each over. */
#define PRODUCTS(X)                                                                                          \
        X(ISSUING, "issuing")                                                                                \
        X(TREASURY, "treasury")                                                                              \
        X(IDENTITY, "identity")                                                                              \
        X(CLIMATE, "climate")                                                                                \
        X(FORWARDING, "forwarding")                                                                          \
        X(CONNECT, "connect")                                                                                \
        X(SOURCES, "sources")                                                                                \
        X(TAX, "tax")                                                                                        \
        X(ACCOUNTS_V2, "accounts_v2")

enum product {
#define X(id, name) PRODUCT_##id,
        PRODUCTS(X)
#undef X
                _PRODUCTS,
};

/* Bits of an array of names, or "*". False: a name is unknown. */
bool products_parse(const json_t *names, unsigned *ret);

/* The row is not there for this account or this version: as if it were no address at all. */
bool product_hides(const struct call *c);

/* The account lacks the product; the answer is filled. */
bool product_refuses(struct call *c);

/* How one row behaves otherwise. */
struct row_change {
        const struct route *route;
        bool lookup; /* the object is looked up before the permission */
        bool gate;   /* the product is looked at before the permission, and for absent ids too */
        bool off;    /* the account lacks the product, whatever that is */
        bool gone;
        char code[48]; /* instead of that of an error 400 or 404; "": its own */
        char says[64]; /* the permission that a refusal names; "": its own */
};

const struct row_change *row_change_find(const struct world *w, const struct route *r);
bool row_change_add(struct world *w, const struct row_change *change); /* replaces; false: too many */
