/* What is inside a batch: for batch.c, which collects, and commit.c, which writes. */
#ifndef STORE_BATCH_ITEMS_H
#define STORE_BATCH_ITEMS_H

#include "store/batch.h"
#include "store/ledger.h"

struct findings_item {
        int64_t key_id;
        char *missing, *excess;
};

struct edit_url_item {
        int64_t key_id;
        char *url;
};

struct span_item {
        int64_t key_id, at_wall;
        enum state state;
        uint32_t checks;
};

struct permission_item {
        int64_t key_id, at_wall;
        unsigned slot;
        enum grant from, to;
};

struct event_state_item {
        int64_t seq;
        enum send_state send_state;
};

struct scan_item {
        struct ledger_owner owner;
        struct ledger_scan scan;
};

struct removed_item {
        int64_t key_id, at_wall;
        uint32_t checks;
};

struct meta_item {
        char *name, *value;
};

/* The texts of an answer_row are owned here. */
#define LIST(type)                                                                                           \
        struct {                                                                                             \
                type *items;                                                                                 \
                size_t n, room;                                                                              \
        }

struct batch {
        LIST(struct key *) keys; /* theirs */
        LIST(struct findings_item) findings;
        LIST(struct edit_url_item) edit_urls;
        LIST(struct span_item) spans;
        LIST(struct answer_row) answers;
        LIST(struct permission_item) permissions;
        LIST(struct incident *) incidents;
        LIST(struct event *) events;
        LIST(struct event_state_item) event_states;
        LIST(struct ledger_row *) coupons;
        LIST(struct scan_item) scans;
        LIST(struct meta_item) metas;
        LIST(int64_t) old_gone; /* ids of keys */
        LIST(struct removed_item) removed;
};

/* All of it is written: forget it. The keys are no longer dirty. */
void batch_clear(struct batch *batch);

#endif
