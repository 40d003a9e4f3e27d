/* What the journal was told of each key. The MESSAGE_IDs are the contract's, written down anew. */
#ifndef TESTS_SIM_WORLD_TOLD_H
#define TESTS_SIM_WORLD_TOLD_H

#include "world.h"

enum told_kind {
        REVOKED,
        EXPIRED,
        INVALID,
        ROLLED,
        BLOCKED,
        REFUSED,
        MISSING,
        UNVERIFIED,
        WRONG,
        EXCESS,
        KINDS
};

struct told_kind_row {
        const char *name, *id;
        int live, test; /* priority */
};

extern const struct told_kind_row told_kinds[KINDS];

#define ID_CLEARED         "5329417baee54facafb01bfc039044d4"
#define ID_SUMMARY         "0b0a414394ca49f4a6a86ecff7fb9d82"
#define ID_FLAPPING        "d74a3378c92244bf97e89373953dae83"
#define ID_STALE           "0a673baa69f34a82bee92722285d7739"
#define ID_OUTAGE          "e334abc1565b4f0183794ee5da126934"
#define ID_MASS_REVOCATION "e40b8846ed5d494dae4206495bab1c99"

struct told {
        const struct sim_entry *entry;
        int kind;    /* enum told_kind; -1: another */
        bool clears; /* it says that such a one is over */
};

/* All that was told of one name, in its order. */
struct file {
        struct told *list;
        size_t n;
};

/* One for each name. The caller gives them back. */
struct file *files_make(const struct world *world);
void files_free(struct world *world, struct file *files);

/* -1: none of those above. */
int told_kind_of(const struct sim_entry *e, bool *ret_clears);
bool told_is_death(int kind);
/* Does the one entry say that the other is over? */
bool told_is_end_of(const struct sim_entry *open, const struct sim_entry *clear);
/* Is one of these kinds told, and not cleared, at that moment? Gives the entry. */
const struct sim_entry *told_open_at(const struct file *file, int first, int last, usec_t at);
/* Was one of them within that time? */
bool told_touches(const struct file *file, int first, int last, usec_t from, usec_t until);
/* Was it said by then that it changes too often to be told of each time? That is told for it. */
bool told_is_flapping(const struct file *file, usec_t by);
/* May an entry of that time have gone into a journal-summary? */
bool told_is_summarised(const struct world *world, usec_t from, usec_t until);
/* How late an entry of that moment may be: the journal was away, or the daemon. */
usec_t told_lag(const struct world *world, usec_t at);
/* Was a 401 given to some or all who live, so that its doubts may go on then? */
bool told_lies_before(const struct world *world, usec_t at);

/* world_causes.c: the laws of what is told of many at once. */
void causes_judge(struct world *world);

#endif
