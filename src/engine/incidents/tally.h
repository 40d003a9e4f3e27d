/* Does the same thing happen to so many accounts at a time that it is one cause? Pure arithmetic: it counts
 * accounts, given as numbers, at instants of the loop's clock that never go back. Who opens incidents, and
 * what is told, is group.c's. */
#ifndef ENGINE_TALLY_H
#define ENGINE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/usec.h"
#include "model/silence.h"

/* A tenth of the accounts that were asked since the first, within these bounds. */
#define TALLY_THRESHOLD_MIN 5
#define TALLY_THRESHOLD_MAX 20
/* Nobody joins a group longer than this after its opening. */
#define TALLY_JOINING_MAX (SILENCE_MEMBER_MAX * USEC_PER_SEC)
/* Nor when fewer than half of the threshold joined within this; the group ends so long after the last. */
#define TALLY_QUIET (10 * USEC_PER_MINUTE)
/* An account counts once within this. */
#define TALLY_ONCE USEC_PER_DAY

enum tally_verdict {
        TALLY_ALONE,  /* nothing but itself */
        TALLY_OPENED, /* this one makes it many: a group begins, with those before it */
        TALLY_JOINED, /* one more account of the open group */
        TALLY_AGAIN,  /* of the open group, by an account that was counted already */
};

struct tally;

/* -ENOMEM. */
int tally_new(struct tally **ret);
struct tally *tally_free(struct tally *tally);
DEFINE_CLEANUP(struct tally, tally_free)

/* Something of the kind is suspected: from the first of a burst on, those who are asked are counted. */
void tally_begin(struct tally *tally, usec_t now, usec_t window);

/* An account was asked about this, whatever it answered. */
void tally_asked(struct tally *tally, int64_t account, usec_t now);

/* It happened to this account. `window`: within this of each other they count together. Aborts without
 * memory. */
enum tally_verdict tally_add(struct tally *tally, int64_t account, usec_t now, usec_t window);

/* The result that tally_add() would give for this account now, without counting it. */
enum tally_verdict tally_would(const struct tally *tally, int64_t account, usec_t now, usec_t window);

/* Would `more` further accounts, none of which counted before, make it many? */
bool tally_would_open(const struct tally *tally, size_t more, usec_t now, usec_t window);

/* How many accounts the open group has; 0: none is open. */
uint32_t tally_count(const struct tally *tally);
/* When the open group ends unless somebody joins before; 0: none is open. */
usec_t tally_ends(const struct tally *tally);
void tally_end(struct tally *tally);

/* Is no group open, and has no account counted for a day? Then it may be freed. */
bool tally_is_idle(struct tally *tally, usec_t now);

/* After a restart: a group of an earlier run goes on; then, oldest first, each account that counted within
 * the last day, and whether it is in that group. Who is asked from then on counts as before. */
void tally_reopen(struct tally *tally, usec_t opened);
/* The group has no fewer than `count` accounts, for so many were told: of an account that is in several
 * groups only one is stored. */
void tally_at_least(struct tally *tally, uint32_t count);
void tally_restore(struct tally *tally, int64_t account, usec_t when, bool in_group, usec_t window);

#endif
