/* The engine's inside: what its files know of each other. Not for other folders. */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include <sys/queue.h>

#include "alert/notice.h"
#include "engine/engine.h"
#include "engine/incidents/outbox.h"
#include "engine/incidents/recorder.h"
#include "engine/requests/ask.h"
#include "engine/requests/limiter.h"
#include "engine/watch/mass.h"
#include "engine/watch/outage.h"
#include "engine/watch/question.h"
#include "engine/watch/witness.h"
#include "model/schedule.h"

/* A report that somebody waits for: which kind of check, and whom to tell. */
struct reporter {
        enum check_kind kind;
        check_done_fn done;
        void *userdata;
        struct reporter *next;
};

/* Up to so many are tried until one gives a verdict. */
#define WITNESSES_MAX 3

/* What a key needs only while something goes on about it. */
struct work {
        struct ask *ask; /* waits or flies; nothing else is asked of the key by the schedule meanwhile */

        /* Life: what belief_apply() wants next, and when. */
        enum belief_action then;
        usec_t again;      /* when; 0: nothing beyond the schedule */
        unsigned repeats;  /* unclear answers in a row, for the growing wait */
        usec_t first_dead; /* the connection must be younger than this */
        int64_t first_dead_wall;
        enum answer evidence; /* the dead answer that counts */
        char evidence_code[48], evidence_request[64];
        long evidence_status;
        struct ask *witness; /* somebody else is being asked about us */
        usec_t vouched;      /* when a healthy witness answered: one more answer of ours decides */
        int64_t witnesses_tried[WITNESSES_MAX]; /* key ids, of this round */
        unsigned witness_tries;

        /* A check under way: questions asked one after the other. */
        struct item *series; /* NULL: none */
        size_t n_series, next_series;
        size_t learn_from;        /* from here on the questions only serve to learn the account */
        bool series_full;         /* it asks for every required permission */
        bool series_excess;       /* it asks for everything that could be too much */
        bool series_incomplete;   /* a question stayed without verdict */
        bool account_told;        /* an answer of it said whose key this is */
        bool series_judged;       /* a question got its verdict */
        bool series_failed;       /* one was given up; that of a retired endpoint does not count */
        bool series_troubled;     /* the last one was */
        int64_t excess_before[2]; /* key->last_excess before this series */

        struct doubt *doubts; /* as many as there are contradictions */
        size_t n_doubts;
        usec_t missing_read_asked; /* when missing read permissions were last asked */

        struct account_refused account_refused;

        char key_object[64]; /* mk_…, for the edit link */
        struct reporter *reporters;
        enum answer last_answer;
        char last_text[256];
};

struct engine {
        struct engine_parts parts;
        struct agenda *agenda;
        usec_t anchor; /* wall clock minus `now` at the start: the line that schedules are on */
        bool started, stopped;
        int64_t started_wall;
        usec_t watching_since; /* the start, or the end of the last outage */

        struct key **keys; /* in order of id */
        size_t n_keys, keys_room;

        struct limiter *limiter;
        LIST_HEAD(, ask) asks;
        struct recorder *recorder;
        struct outbox *outbox;
        struct witnesses *witnesses;
        struct outage *outage;
        struct mass *mass;
        struct reminder *reminder;
        struct replay *replay;
        struct housekeeping *housekeeping;
        struct rounds *rounds;
        struct stale *stale;
        struct sweep *sweep;
        struct excess_plan *excess_plans;  /* two a profile; made when first needed */
        LIST_HEAD(, candidate) candidates; /* secrets that are verified before they are stored */
        int64_t last_candidate;
        LIST_HEAD(, rotation) rotations; /* replaced secrets that are watched until they are dead */
        size_t import_first;             /* keys before the import that is under way */
        usec_t import_next;              /* when the next imported key gets its first turn */
        struct incident *incidents;      /* open, about no single key */
        size_t n_incidents;              /* open, of all kinds */
        int64_t last_incident, last_event;
        uint64_t random; /* state; only with parts.seed */
};

/* Spreads waits and choices. */
uint32_t engine_random(struct engine *e);

/* --- clock --- */

static inline usec_t engine_now(const struct engine *e)
{
        return e->parts.clock->now(e->parts.clock);
}

static inline int64_t engine_wall(const struct engine *e)
{
        return e->parts.clock->wall(e->parts.clock);
}

/* Seconds since 1970 on the schedule's own line, which no jump of the wall clock moves. */
static inline int64_t engine_steady_wall(const struct engine *e)
{
        return (int64_t) ((engine_now(e) + e->anchor) / USEC_PER_SEC);
}

/* --- keys (keys.c) --- */

int keys_load(struct engine *e, char **ret_why);
int keys_add(struct engine *e, struct key *key);     /* owned from now on; id larger than all others */
void keys_remove(struct engine *e, struct key *key); /* freed */
void keys_free(struct engine *e);
struct key *keys_find(const struct engine *e, int64_t id);
struct key *keys_named(struct engine *e, const char *name);

const struct profile *key_profile(const struct engine *e, const struct key *key);
usec_t key_pulse(const struct engine *e, const struct key *key);  /* as configured */
usec_t key_period(const struct engine *e, const struct key *key); /* slower when it is dead */

/* The key's work, made if there is none. Aborts without memory. */
struct work *key_work(struct key *key);
/* Free the work if nothing goes on. */
void key_rest(struct key *key);
void work_free(struct engine *e, struct key *key);
/* Let go of what is asked; keep what is believed and when it is to be confirmed. */
void work_reset(struct engine *e, struct key *key);

/* Account name (caller frees; NULL if unknown). */
char *key_account(const struct engine *e, const struct key *key);

/* --- what is asked next (turns.c) --- */

void turn_plan(struct engine *e, struct key *key);
/* Which of its slots of this period a key is in, counted since 1970; in each slot it is asked once. */
usec_t turn_of(const struct engine *e, const struct key *key, usec_t period);
void turn_ring(struct alarm *alarm, void *userdata);
/* Does a doubt wait for its second answer now? */
bool doubts_are_due(const struct work *work, usec_t now);
/* An outage began: what waits to be sent for the schedule is given up. */
void turns_freeze_all(struct engine *e);
/* Ask soon, out of turn. */
void turn_soon(struct engine *e, struct key *key, usec_t when);

/* --- answers (answer.c, life.c, permission.c, account.c) --- */

void watch_answered(struct engine *e, struct ask *ask, const struct judgement *judgement,
                    const struct reply *reply);
/* Everything that an answer about this key's current secret teaches, whoever asked. */
void answer_learn(struct engine *e, struct key *key, const struct ask *ask, const struct judgement *judgement,
                  const struct reply *reply);
void life_event(struct engine *e, struct key *key, enum belief_event event,
                const struct judgement *judgement);
enum belief_event answer_event(enum answer answer);
/* The span and row of a key after anything that may have changed its state. */
void key_changed(struct engine *e, struct key *key);

void permission_answer(struct engine *e, struct key *key, unsigned row, enum level level, bool granted);
/* The second answer about it was none: later again, or, after so many, not before its next turn. */
void doubt_put_off(struct engine *e, struct key *key, unsigned row, enum level level);
/* Compare what is granted with what the profile wants; open, update, clear. */
void permission_review(struct engine *e, struct key *key);
/* Texts of what is missing and in excess; the caller frees. Empty strings if nothing. */
struct findings {
        char *missing, *missing_labels, *excess, *excess_labels, *unprobed;
        size_t n_missing, n_excess;
        enum risk worst;    /* of the excess */
        bool excess_writes; /* some of it is the right to write */
};
void findings_make(const struct engine *e, const struct profile *profile, const struct grants *grants,
                   bool live, struct findings *ret);
void findings_done(struct findings *findings);
bool row_is_implied(const struct engine *e, const struct grants *grants, unsigned row, enum level level);

void account_learn(struct engine *e, struct key *key, const char *account);

/* --- incidents (incident.c, incident_list.c) --- */

/* Among the open ones of its key, or of nobody; owned by that list. */
void incident_link(struct engine *e, struct key *key, struct incident *incident);
void incident_unlink(struct engine *e, struct key *key, struct incident *incident);
struct incident *incident_find(const struct engine *e, const struct key *key, enum incident_kind kind);
/* Open, with its event; `notice` needs kind and whatever the caller knows; key's facts are filled in.
 * `first_wall`: the time of the first answer. Nothing happens if one of this kind is open for the key. NULL
 * then. */
struct incident *incident_open(struct engine *e, struct key *key, struct notice *notice, int64_t first_wall);
/* The same incident has more to say: a new event. */
void incident_update(struct engine *e, struct key *key, struct incident *incident, struct notice *notice);
/* Over: with its event. NULL is fine. */
void incident_clear(struct engine *e, struct key *key, struct incident *incident, const char *reason);
/* Over because something larger took its place: recorded, not announced. */
void incident_drop(struct engine *e, struct key *key, enum incident_kind kind);
/* Was it opened while its key was flapping, and not told to anybody? */
bool incident_is_silent(const struct incident *incident);
/* Tell of a silent one now. */
void incident_announce(struct engine *e, struct key *key, struct incident *incident);
/* Tell of an open one again. */
void incident_remind(struct engine *e, struct key *key, struct incident *incident);
/* A plain event without incident. */
void event_emit(struct engine *e, struct key *key, struct notice *notice, int64_t first_wall);
int incident_load(struct engine *e);
void incident_free_all(struct engine *e);
struct incident *incident_by_id(const struct engine *e, int64_t id, struct key **ret_key);

/* --- a key that keeps changing (flapping.c) --- */

/* An incident of this kind is about to open or clear for the key: is it to be silent? The one change too many
 * opens key-flapping instead. */
bool flapping_silences(struct engine *e, struct key *key, enum incident_kind kind);
/* Has it been quiet for a day? Then flapping is over, and what opened in the silence and is still open is
 * told. */
void flapping_review(struct engine *e, struct key *key);

/* --- old events once more (replay.c) --- */

int replay_new(struct engine *e);
void replay_free(struct engine *e);

/* --- reminders (reminder.c) --- */

int reminder_new(struct engine *e);
void reminder_free(struct engine *e);
/* Look for what is due. */
void reminder_start(struct engine *e);
/* This incident may be due before anything else. */
void reminder_expect(struct engine *e, const struct incident *incident);

/* --- the rest --- */

void reporters_tell(struct engine *e, struct key *key);

int housekeeping_new(struct engine *e);
void housekeeping_free(struct engine *e);
void housekeeping_start(struct engine *e);
size_t housekeeping_overdue(const struct engine *e);
/* What was said of the key changed: is its secret due, is it a full one? */
void housekeeping_look(struct engine *e, struct key *key);

int rounds_new(struct engine *e);
void rounds_free(struct engine *e);
void rounds_asked(struct engine *e, struct key *key); /* it had its turn */
void rounds_left(struct engine *e, struct key *key);  /* it takes part no more */
void rounds_joined(struct engine *e, struct key *key);
size_t rounds_members(const struct engine *e); /* keys that are watched: neither dead nor paused */
void rounds_status(const struct engine *e, int64_t *ret_wall, int64_t *ret_seconds);

int sweep_new(struct engine *e);
void sweep_start(struct engine *e);
void sweep_stop(struct engine *e);
/* An outage began: what waits to be sent is given up. */
void sweep_freeze(struct engine *e);
void sweep_free(struct engine *e);
/* The key is about to be removed from this place of the list of keys. */
void sweep_forget(struct engine *e, const struct key *key, size_t place);
/* The account of a key became known: what the ledger has of the key becomes the account's. */
int sweep_account(struct engine *e, struct key *key, int64_t account_id);
/* Sweep (or try a real coupon), then check: engine_check() of these two kinds. */
int connect_check(struct engine *e, struct key *key, enum check_kind kind, check_done_fn done, void *userdata,
                  char **ret_why);
/* Of an add that is to try a real coupon once the key is stored: takes the place of who waits for it.
 * -ENOMEM. */
int connect_wrap(struct engine *e, const char *name, check_done_fn *done, void **userdata);

void candidates_free(struct engine *e);
/* Tell everybody who waits that it could not be told, and free. */
void candidates_give_up(struct engine *e);

/* --- storing (admission.c), verifying before (candidate.c), replacing (replace.c, rotation.c) --- */

/* Name, secret, mode, kind, labels, profile against each other, before anything is asked. Gives a key that is
 * not yet stored (the caller owns it) and a warning (caller frees; NULL if none). Errors as engine_add(). */
int admission_check(struct engine *e, const struct key_request *request, const struct secret *secret,
                    struct key **ret, char **ret_warning, char **ret_why);
/* Seal and store; the key is the engine's from now on. */
int admission_store(struct engine *e, struct key *key, const struct key_request *request,
                    const struct secret *secret, char **ret_why);
int admission_writable(const struct engine *e, char **ret_why);
/* Is this secret allowed under the profile? -EINVAL. */
int admission_secret(const struct profile *profile, const struct secret *secret, uint8_t *ret_kind,
                     uint8_t *ret_mode, char **ret_warning, char **ret_why);

/* Nobody has this secret, but for the old one of `successor_of` (NULL: a new key). -EALREADY. */
int admission_unknown(struct engine *e, const struct key *successor_of, const struct secret *secret,
                      char **ret_why);
/* One more sentence for people; what there is already stays. */
void admission_warn(char **warning, const char *format, ...) _printf_(2, 3);

/* Ask the questions that `key` (taken over, not in the list of keys) must pass, then store it, or let it
 * succeed key number `replaces` (0: none). `warning` is taken over. -ENOMEM. */
int candidate_start(struct engine *e, struct key *key, const struct key_request *q,
                    const struct secret *secret, char *warning, int64_t replaces, check_done_fn done,
                    void *userdata);

/* Why the new secret, which is alive, may not replace the old one; "": it lacks what the old one grants (the
 * report says that better). NULL: it may. `account`: whose it is, "" if Stripe did not say. */
const char *replace_refusal(const struct engine *e, const struct key *old, const struct grants *successor,
                            const char *account, bool force);
/* Swap the secrets, and write the row of the key as it is `after`. Nothing is changed if this fails. */
int replace_store(struct engine *e, const struct key *after, const struct secret *secret, char **ret_why);
/* The key has become what it is with its new secret: end what was open, watch the old one. */
void replace_begin(struct engine *e, struct key *key, const struct key *before);

/* Watch what is in SLOT_OLD. `was_dead`: the key was replaced because it is dead. */
void rotation_watch(struct engine *e, struct key *key, bool was_dead);
/* Somebody asks about the key: see to the old secret, too. */
void rotation_ask_soon(struct engine *e, const struct key *key);
int rotation_load(struct engine *e);
void rotation_start(struct engine *e);
void rotation_pause(struct engine *e); /* until rotation_start() */
void rotation_forget(struct engine *e, const struct key *key);
void rotations_free(struct engine *e);

/* One line for people. */
int why(char **ret_why, int error, const char *format, ...) _printf_(3, 4);

#endif
