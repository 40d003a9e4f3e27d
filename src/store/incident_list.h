/* Incidents by what they are about, read in pieces. */
#ifndef STORE_INCIDENT_LIST_H
#define STORE_INCIDENT_LIST_H

#include "store/selector.h"

/* All of it must hold; zeroed, but for `kinds`: every one. Borrowed. */
struct incident_filter {
        struct key_selector keys; /* not empty: only incidents about stored keys that it selects */
        const char *key;          /* about the key of that name, which may be removed; NULL: any */
        uint64_t kinds;           /* a bit for each enum incident_kind that is wanted; UINT64_MAX: any */
        int64_t since;            /* opened then or later; 0: at any time */
        bool open_only;
};

/* Rows of v_incident, the newest first: at most `limit` of those behind `place`, which moves on, and perhaps
 * none at all. 1: there may be more; 0: those were the last. -EINVAL: a state that is none; -errno of the
 * store; what `row` gave. The store must not be called from `row`. */
int incident_list_next(struct store *store, const struct incident_filter *filter, unsigned limit,
                       struct row_place *place, row_fn row, void *userdata);

#endif
