/* When a key has its turn, what is asked then, and what an answer changes. */
#ifndef ENGINE_WATCH_H
#define ENGINE_WATCH_H

#include "engine/incidents/incidents.h"
#include "engine/keys/wait.h"
#include "engine/watch/burst.h"
#include "engine/watch/outage.h"
#include "engine/watch/question.h"
#include "engine/watch/witness.h"

struct engine_status;

/* --- what is asked next (turns.c) --- */

void turn_plan(struct engine *e, struct key *key);
/* Which of its slots of this period a key is in, counted since 1970; in each slot it is asked once. */
usec_t turn_of(const struct engine *e, const struct key *key, usec_t period);
/* Does a doubt wait for its second answer now? */
bool doubts_are_due(const struct work *work, usec_t now);
/* Ask now, whatever the schedule says, if nothing else goes on about the key. False: something does. */
bool turn_ask(struct engine *e, struct key *key);
/* The same with a question that is none of the schedule's and may wait. */
bool turn_ask_item(struct engine *e, struct key *key, struct item item);
/* Ask soon, out of turn. */
void turn_soon(struct engine *e, struct key *key, usec_t when);
/* Let go of what is asked of a key; keep what is believed and when it is to be confirmed. */
void turn_reset(struct engine *e, struct key *key);

/* --- answers (answer.c, life.c, permission.c, account.c) --- */

void watch_answered(struct engine *e, struct ask *ask, const struct judgement *judgement,
                    const struct reply *reply);
/* Everything that an answer about this key's current secret teaches, whoever asked. */
void answer_learn(struct engine *e, struct key *key, const struct ask *ask, const struct judgement *judgement,
                  const struct reply *reply);
void life_event(struct engine *e, struct key *key, enum belief_event event,
                const struct judgement *judgement);
/* When a doubt is given up (BELIEF_DOUBT_OVER) unless an answer is judged before; USEC_INFINITY: no doubt. */
usec_t life_unanswered_at(const struct key *key);
bool life_is_unanswered(const struct engine *e, const struct key *key);
enum belief_event answer_event(enum answer answer);
/* Write the key's row, and begin a new span of its history if its state changed. */
void key_changed(struct engine *e, struct key *key);
/* The same, when it is known only now since when it is so. */
void key_changed_at(struct engine *e, struct key *key, int64_t since_wall);

/* --- answers that no rule lists (unlisted.c) --- */

/* The newest answer, of whatever kind: may open or clear key-unverified. */
void unlisted_answer(struct engine *e, struct key *key, const struct ask *ask,
                     const struct judgement *judgement);
/* After a restart: an open key-unverified may be of this kind. */
void unlisted_resume(struct engine *e, struct key *key);

void permission_answer(struct engine *e, struct key *key, unsigned row, enum level level, bool granted);
/* Names in a refusal, with blanks between: those that the catalogue lacks are counted. */
void unknown_seen(struct engine *e, const char *permissions);
void unknown_free(struct engine *e);
/* The account lacks the product: no verdict, but worth knowing where nothing is known. */
void permission_feature_off(struct engine *e, struct key *key, unsigned row);
/* The second answer about it was none: later again, or, after so many, not before its next turn. */
void doubt_put_off(struct engine *e, struct key *key, unsigned row, enum level level);
/* Compare what is granted with what the profile wants; open, update, clear. */
void permission_review(struct engine *e, struct key *key);
/* It was dead, and lives: what was refused it before is to be asked again before it is told again. */
void permission_revived(struct engine *e, struct key *key);
void account_learn(struct engine *e, struct key *key, const char *account);

/* --- whoever waits for a report, what no answer tells, the heartbeat --- */

/* Ask now (a pulse, a full or an excess check), and tell `done` once. A key that is being asked already is
 * reported when the wanted kind has been done. -ENOMEM. */
int watch_check(struct engine *e, struct key *key, enum check_kind kind, check_done_fn done, void *userdata);
/* The check of the key is over; `incomplete`: a question of it stayed without verdict. */
void reporters_tell(struct engine *e, struct key *key, bool incomplete);

int housekeeping_new(struct engine *e);
void housekeeping_free(struct engine *e);
void housekeeping_start(struct engine *e);
/* At the stop: write what was only counted, as far as a moment reaches; the rest is learned anew. The store's
 * errno. */
int housekeeping_save(struct engine *e);
size_t housekeeping_overdue(const struct engine *e);
/* The operator's words about the key changed: is its secret due for rotation, is it unrestricted? */
void housekeeping_look(struct engine *e, struct key *key);

/* So many keys are paused without a date (paused.c). */
void paused_review(struct engine *e, size_t n);

int rounds_new(struct engine *e);
void rounds_free(struct engine *e);
void rounds_asked(struct engine *e, struct key *key);  /* it had its turn */
void rounds_left(struct engine *e, struct key *key);   /* it takes part no more */
void rounds_joined(struct engine *e, struct key *key); /* if it is neither dead nor paused */
/* Fills in what `ret` has of them. */
void rounds_status(const struct engine *e, struct engine_status *ret);

#endif
