/* The steps of a sweep, in their order: list, note down, judge, delete. */
#ifndef ENGINE_SWEEP_STEPS_H
#define ENGINE_SWEEP_STEPS_H

#include "engine/coupons/sweep_job.h"

/* --- sweep_list.c --- */

void sweep_list(struct sweep_job *job);
/* Is a listing due? Fills job->listing with what is to be listed. `now`: a complete one is due in any case.
 */
bool sweep_list_is_due(struct sweep_job *job, bool now);

/* --- sweep_resume.c: a listing that was not read to its end --- */

/* A page was read and taken. */
void sweep_resume_place(struct sweep_job *job, const struct coupon_page *page);
/* Write down how far the listing came: the next sweep of the account goes on from there. */
void sweep_resume_save(struct sweep_job *job);
/* Go on with what is half read, if that is worth it. */
void sweep_resume(struct sweep_job *job);
/* The cursor is gone: go on with a date. False: no date tells where. */
bool sweep_resume_again(struct sweep_job *job);

/* --- sweep_rows.c: which coupons, and what is written down about them --- */

int sweep_rows_load(struct sweep_job *job);
/* Add a coupon that was listed or named. */
int sweep_row_found(struct sweep_job *job, const char *id, int64_t created, enum coupon_source source);
/* The list was read to its end: what was found in its first half counts from now on. */
void sweep_rows_release(struct sweep_job *job);
bool sweep_row_is_half_read(const struct sweep_row *r);
/* Commit what was found. -errno of the store. */
int sweep_found(struct sweep_job *job);
/* Commit what was done since, with the events and incidents that tell of it. */
void sweep_settle(struct sweep_job *job);
void sweep_row_state(struct sweep_job *job, struct sweep_row *r, enum coupon_state state, enum rail why,
                     int64_t next_try);

/* --- sweep_judge.c --- */

/* An account's kept coupons cost at most so many reads a month, and its complete listings as many. */
#define SWEEP_READS_A_MONTH 1000
#define SWEEP_MONTH         (30 * SEC_PER_DAY)

void sweep_rows(struct sweep_job *job);
static inline struct sweep_row *sweep_current(struct sweep_job *job)
{
        return &job->rows[job->next];
}
/* Fill in what is known without asking, as it is now. */
void sweep_facts(struct sweep_job *job);
/* When one that is kept is to be looked at again, in `wait` seconds or later. */
int64_t sweep_look_again(const struct sweep_job *job, int64_t wait);
/* The current coupon is settled: go on to the next. */
void sweep_row_done(struct sweep_job *job);
/* Look at the current one afresh after a growing wait, or leave it for the next scan. */
void sweep_row_repeat(struct sweep_job *job);

/* --- sweep_delete.c --- */

/* Are the limits of a day used up, for the current one? */
bool sweep_too_many(struct sweep_job *job);
/* The rails let the current one go. */
void sweep_delete(struct sweep_job *job);
/* For the limiter, when a delete is about to leave: do all rails still hold? */
bool sweep_may_delete(const struct ask *ask);

#endif
