/* Which questions a key is asked beside the pulse, in which order, and which of them lead nowhere. */
#ifndef ENGINE_QUESTION_H
#define ENGINE_QUESTION_H

#include "engine/keys/work.h"

/* --- series of questions (series.c) --- */

/* The most questions that can be asked one after the other. */
#define SERIES_MAX (2 * SLOTS_MAX)

/* A check: questions that are asked one after the other. */
struct series {
        size_t n, next;
        size_t learn_from;        /* from here on the questions only serve to learn the account */
        bool full;                /* it asks for every required permission */
        bool excess;              /* it asks for everything that could be too much */
        bool incomplete;          /* a question stayed without verdict */
        bool account_told;        /* an answer said whose key this is */
        bool judged;              /* a question got its verdict */
        bool failed;              /* a question was given up, and not because its endpoint is retired */
        bool troubled;            /* the question asked last was given up */
        unsigned repeats;         /* of the question that is asked now */
        int64_t excess_before[2]; /* key->last_excess before this series */
        struct item items[];      /* n; while it is made there is room for SERIES_MAX */
};

/* Begin what a pulse of the schedule brings beyond the pulse itself: a full check, what is missing, a part of
 * the excess check. False: nothing, only the pulse is due. */
bool series_scheduled(struct engine *e, struct key *key);
/* Its profile may require something else now: the next full check of the key comes within an hour, at an
 * instant of its own. */
void series_full_soon(const struct engine *e, struct key *key);
/* Its profile does require something else now: the same, and that check tells what it finds as the profile's
 * doing. */
void series_wanted_anew(const struct engine *e, struct key *key);
/* Begin what somebody asked for. */
void series_requested(struct engine *e, struct key *key, enum check_kind kind);
/* The questions that a secret is asked before it is stored. Aborts without memory; the caller frees. */
struct series *series_candidate(const struct engine *e, const struct key *key);
/* Those of the riskiest questions outside its profile that the key was never asked. As above. */
struct series *series_risky(struct engine *e, const struct key *key);
/* Begin to ask a stored key the questions of series_risky(), out of turn. */
void series_sweep(struct engine *e, struct key *key);
/* The next question of any series that still makes sense; false: there is none. */
bool series_take(const struct engine *e, const struct key *key, struct series *series, struct item *ret);
/* The same of the key's own series, which is ended, and reported, when nothing is left. */
bool series_next(struct engine *e, struct key *key, struct item *ret);
/* Nothing more of it is asked; what was learned counts. */
void series_abandon(struct engine *e, struct key *key);
/* An answer to the question that was taken last: on, once more after a wait, or the end. */
void series_answered(struct engine *e, struct key *key, const struct judgement *judgement);

/* The question that tells whether the key is alive, and another one that does; they are the same if there is
 * but one. */
struct item pulse_item(const struct engine *e, const struct key *key);
struct item pulse_other(const struct engine *e, const struct key *key, struct item than);
struct ask *ask_item(struct engine *e, struct key *key, struct item item);

/* --- excess (excess.c) --- */

/* The questions outside this profile that a key of this mode can be asked: the first `n_risky` of them are
 * the riskiest. */
struct excess_plan {
        bool made;
        size_t n, n_risky;
        struct item items[SERIES_MAX];
};

const struct excess_plan *excess_plan(struct engine *e, const struct key *key);
void excess_plans_free(struct engine *e);

#define EXCESS_DUE_MAX 16

/* The questions whose turn came since they were last taken, a few at a time. Gives how many. */
size_t excess_due(struct engine *e, struct key *key, struct item ret[static EXCESS_DUE_MAX]);
/* Was this never answered, and would it be? */
bool excess_is_unknown(const struct engine *e, const struct key *key, struct item item);
/* Was everything risky asked once, so that what is too much can be told in one list? */
bool excess_is_swept(struct engine *e, const struct key *key);

/* --- an account that is refused (account_refused.c) --- */

/* A judged answer to a question of the schedule, or to another that counts: does Stripe serve the account? */
void account_refused_answer(struct engine *e, struct key *key, const struct ask *ask,
                            const struct judgement *judgement);
/* The question that is due now to settle it; taken once. */
bool account_refused_take(struct work *work, usec_t now, struct item *ret);

/* --- rows of the catalogue whose endpoint seems to be retired (stale.c) --- */

int stale_new(struct engine *e);
void stale_free(struct engine *e);
/* After a restart: the rows that an open incident names were told already. */
void stale_resume(struct engine *e);
/* Before a reload: forget the answers to each probe that the new catalogue or the new API version changes. */
void stale_reconfigure(struct engine *e, const struct settings *settings, const struct catalogue *catalogue);
/* Was it told that nobody gets a verdict about this question? */
bool stale_is_told(const struct engine *e, unsigned row, enum level level);
/* The key got this answer to the question; `stale`: one that may come from a retired endpoint. */
void stale_seen(struct engine *e, const struct key *key, unsigned row, enum level level, bool stale,
                enum answer answer);

#endif
