#pragma once

#include "judge.h"

/* What the lists of coupons and of promotion codes have in common. */

struct list_query {
        const char *const *names; /* in: NULL-terminated, the filters beside the common ones */
        const char *noun;         /* in: what a cursor is called in an error */
        const struct stamp *(*find)(const struct coupon_store *s, const char *id); /* in: looks up a cursor */
        struct page_query page;                                                    /* out */
};

/* Reads the parameters. False, with the answer filled, if one is wrong: a cursor that is not there (any more)
 * answers as an unknown object in any parameter does. */
bool list_query_read(struct call *c, struct list_query *q);

void list_begin(struct call *c, bool has_more);
void list_item(struct call *c, bool first); /* before each object; they are indented by 4 */
void list_end(struct call *c);

/* No such object; says so if the account has it in its other mode (`elsewhere`). */
void refuse_absent(struct call *c, int status, const char *noun, const char *id, const char *param,
                   bool elsewhere);
struct coupon_store *other_mode(struct call *c);
