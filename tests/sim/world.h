/* Whole worlds from a seed: merchants, what Stripe and the way to it do, what people do, and an oracle that
 * knows at each moment what is true. It shares no code with the engine: it reads the journal's entries, the
 * database's views and what the engine says when it is asked, and holds them against what really happened.
 *
 * world_plan.c makes the plan, world_acts.c and world_people.c let it happen, world_run.c watches meanwhile,
 * world_truth.c knows what was true, world_bounds.c when quiet came; world_laws.c, world_causes.c and
 * world_record.c judge at the end; world_story.c tells of it, world_shrink.c makes the story short. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim.h"

#define MINUTE USEC_PER_MINUTE
#define HOUR   USEC_PER_HOUR
#define DAY    USEC_PER_DAY

/* --- the plan --- */

/* What may happen. Those of the provider come first. */
#define ACTS(X)                                                                                              \
        X(REVOKE, "a key is revoked")                                                                        \
        X(REVOKE_SPREADING, "a key is revoked, and one of two servers hears of it late")                     \
        X(REVOKE_MANY, "many keys are revoked")                                                              \
        X(BLOCK, "a key is blocked for our address")                                                         \
        X(REFUSE, "an account is refused to its key")                                                        \
        X(TAKE, "a key loses a permission")                                                                  \
        X(EXCEED, "a key gains a permission that it should not have")                                        \
        X(TAKE_ALL, "one permission is refused everywhere")                                                  \
        X(LIE_ALL, "a 401 is given to all")                                                                  \
        X(LIE_SOME, "a 401 is given to some")                                                                \
        X(PAGE, "web pages come instead of answers")                                                         \
        X(OUTAGE, "nothing answers")                                                                         \
        X(OUTAGE_SOME, "some get no answer")                                                                 \
        X(SILENCE, "the connection goes silent")                                                             \
        X(JUMP, "the wall clock jumps")                                                                      \
        X(ADD, "add")                                                                                        \
        X(IMPORT, "import")                                                                                  \
        X(PAUSE, "pause")                                                                                    \
        X(RESUME, "resume")                                                                                  \
        X(CHECK, "check")                                                                                    \
        X(PLUGIN, "plugin")                                                                                  \
        X(ACK, "ack")                                                                                        \
        X(ROTATE, "rotate")                                                                                  \
        X(SET, "set")                                                                                        \
        X(REMOVE, "remove")                                                                                  \
        X(RELOAD, "reload")                                                                                  \
        X(RESTART, "restart")                                                                                \
        X(KILL, "kill -9")                                                                                   \
        X(JOURNAL, "the journal is away")                                                                    \
        /* from here on of a stream of their own: worlds without them are as they were */                    \
        X(LABELS, "a program sets the labels of all keys")                                                   \
        X(RETIRE, "an endpoint is retired")

enum act_kind {
#define X(name, text) ACT_##name,
        ACTS(X)
#undef X
                _ACT_MAX
};

struct act {
        enum act_kind kind;
        usec_t at, span; /* span 0: for good, or at once */
        size_t key;
        unsigned share;  /* of a hundred accounts, or how many keys */
        unsigned detail; /* which fault, permission, way … */
};

/* How some merchants are answered from the start, for ever. */
#define ODDITIES(X)                                                                                          \
        X(NONE, "as usual")                                                                                  \
        X(UNLISTED, "with a 401 that is on no list")                                                         \
        X(OWN_500, "with a 500 of its own")                                                                  \
        X(FEATURE_OFF, "that it lacks a product, by what asks for one")                                      \
        X(SLOW, "after ten seconds")                                                                         \
        X(THROTTLED, "with 429 for hours of each day")                                                       \
        X(FLAKY, "every third time with a 500")

enum oddity {
#define X(name, text) ODD_##name,
        ODDITIES(X)
#undef X
                _ODD_MAX
};

#define ACTS_MAX 96

struct plan {
        uint64_t seed;
        size_t keys;
        unsigned per_account; /* 1 or 2 */
        unsigned odd_percent; /* of the accounts */
        unsigned test_percent;
        usec_t pulse; /* 0: each profile's own */
        usec_t length;
        struct act acts[ACTS_MAX]; /* soonest first */
        size_t n_acts;
};

void plan_make(struct plan *plan, uint64_t seed);
/* These follow from the seed and the number alone, so that a plan that shrinks changes nothing about others.
 */
unsigned plan_account(const struct plan *plan, size_t key);
enum oddity plan_oddity(const struct plan *plan, unsigned account);
const char *plan_profile(const struct plan *plan, size_t key);
bool plan_is_test(const struct plan *plan, size_t key);
/* Does the act of the provider, or of the way to it, reach this account? */
bool act_reaches(const struct act *act, unsigned account);

/* --- the world --- */

struct span {
        usec_t from, until; /* until USEC_INFINITY: goes on */
};

struct spans {
        struct span *list;
        size_t n, room;
};

/* What a merchant's key is by its name. Numbers of names are those of sim_name(). */
struct subject {
        size_t secret; /* of Stripe's keys: sim->keys[secret] */
        const char *profile;
        bool stored, test, wrong_account;
        usec_t slowest;            /* of the pulses that it had */
        size_t writes;             /* that were required of it, the most */
        usec_t stored_at, arrived; /* this secret; the first one, 0: never */
        enum sim_life death;       /* the last one's */
        struct spans dead, blocked, refused, missing, missing_write, excess, wrong, paused, gone;
        usec_t doubted, doubt_began; /* its suspect_since as seen, and when that was first seen */
        size_t rotations, sets;
};

/* What was found wrong: a law, who broke it and the sentence. */
struct breach {
        int law; /* enum law; -1: none */
        usec_t at;
        char text[512];
        char told[4096]; /* what the journal had of it, the last of it */
};

/* Something that is to be done at an instant. */
struct todo {
        usec_t at;
        const struct act *act;
        size_t subject;
        bool ends;
};

struct pending; /* world_people.c: an answer that somebody waits for */

struct world {
        const struct plan *plan;
        struct sim *sim;
        struct subject *subjects;
        size_t n_subjects, room; /* sim->keys holds `room` */
        size_t next_secret;
        usec_t began, ends; /* of the story: after all are known */
        struct spans down, unjournalled;
        usec_t round_since;
        size_t entries_seen;
        struct breach breach; /* the first one that counts */
        unsigned seen[64];    /* enum feature */
        size_t heap_first;
        usec_t longest_pulse;
        struct todo *todo;
        size_t n_todo, todo_room;
        struct pending *pending;
};

/* --- what a world exercised --- */

#define SILENCES(X)                                                                                          \
        X(CONFIRMATION, "a key in confirmation")                                                             \
        X(HOLD, "a held key")                                                                                \
        X(OUTAGE, "an open outage")                                                                          \
        X(MEMBER, "a member of a group, told at PRIORITY 6")                                                 \
        X(SUMMARY, "a journal-summary")                                                                      \
        X(FLAPPING, "a flapping key")                                                                        \
        X(ACKNOWLEDGED, "an acknowledged incident")                                                          \
        X(PAUSED, "a paused key")                                                                            \
        X(DEAD, "a dead key that is asked slowly")                                                           \
        X(BACK_OFF, "a back-off of one account")                                                             \
        X(STALE, "a stale row")                                                                              \
        X(JOURNAL, "a journal that was away")

enum feature {
#define X(name, text) FEATURE_##name = ACT_##name,
        ACTS(X)
#undef X
#define X(name, text) SILENCE_##name,
                SILENCES(X)
#undef X
#define X(name, text) FEATURE_ODD_##name,
                        ODDITIES(X)
#undef X
                                _FEATURE_MAX
};

const char *feature_text(enum feature feature);

/* --- the laws --- */

/* Letter, name, the sentence, and whether the engine is held to it: the one place that lists what it does not
 * meet yet. */
#define LAWS(X)                                                                                              \
        X(a, LIVING, "no living key is told dead", true)                                                     \
        X(b, DEATH_TOLD, "a dead key is told dead", true)                                                    \
        X(b, DEATH_KIND, "a death is told by its own MESSAGE_ID", true)                                      \
        X(b, DEATH_PRIORITY, "a single death is told with its own priority", true)                           \
        X(b, BLOCK_TOLD, "a blocked key is told", true)                                                      \
        X(b, REFUSED_TOLD, "a refused account is told", true)                                                \
        X(b, MISSING_TOLD, "a missing permission is told", true)                                             \
        X(b, WRITE_TOLD, "a missing write permission is told soon", true)                                    \
        X(b, ODD_TOLD, "a key that nobody can judge is told", true)                                          \
        X(b, WRONG_TOLD, "a wrong account is told", true)                                                    \
        X(b, STATE, "what is believed is true", true)                                                        \
        X(c, CLEARED, "an incident whose cause is gone is cleared", true)                                    \
        X(c, CAUSE, "an open incident has a cause", true)                                                    \
        X(c, TRUE, "what is told of a key is so", true)                                                      \
        X(c, GROUP, "a group has its members", true)                                                         \
        X(c, COUNT, "a group counts its members", true)                                                      \
        X(c, SAID, "all is well is said only if it is", true)                                                \
        X(c, OPEN_SAID, "nor while an incident is open", true)                                               \
        X(c, ACK_HEARD, "what is acknowledged alarms nobody", true)                                          \
        X(d, DOUBT, "a doubt ends in its time", true)                                                        \
        X(d, OUTAGE, "an outage ends when it is over", true)                                                 \
        X(d, WELL_AGAIN, "its end is seen soon", true)                                                       \
        X(d, ROUND, "rounds go on", true)                                                                    \
        X(d, SILENT, "a watch that goes on is not called silent", true)                                      \
        X(d, PROGRESS, "nothing waits that nothing hinders", true)                                           \
        X(d, ENTRIES, "one cause, few entries", true)                                                        \
        X(d, MEMORY, "memory stays bounded", true)                                                           \
        X(e, LOST, "no event is lost", true)                                                                 \
        X(e, TWICE, "nothing is told twice under another id", true)

enum law {
#define X(letter, name, text, met) LAW_##name,
        LAWS(X)
#undef X
                _LAW_MAX
};

const char *law_text(enum law law); /* "b: a dead key is told dead" */
bool law_is_met(enum law law);      /* KEYVIGIL_LAWS=all: every one counts */

/* Note a breach, unless the engine is not held to that law, or one is noted. */
void breach(struct world *world, enum law law, const char *format, ...) _printf_(3, 4);

/* --- what the files do --- */

/* world_run.c: false: a law was broken, world->breach says which. */
struct world *world_new(const struct plan *plan);
bool world_run(struct world *world);
struct world *world_free(struct world *world);

/* world_acts.c */
void act_perform(struct world *world, const struct act *act);
/* Do something about the name then: what the act begins, or its end. */
void act_later(struct world *world, usec_t at, const struct act *act, size_t subject, bool ends);
void act_end(struct world *world, const struct todo *todo);

/* world_people.c */
void world_settle(struct world *world); /* import the first keys, and let them be asked */
void people_perform(struct world *world, const struct act *act);
void people_resume(struct world *world, size_t subject);
void people_label(struct world *world);
void people_free(struct world *world);

/* world_stripe.c: for sim->fault; sim->userdata is the world. */
enum sim_fault world_fault(struct sim *sim, struct sim_key *key);
bool act_is_on(const struct world *world, const struct act *act);
/* Is this what a plan retires, if it retires anything? No act takes such a permission. */
bool act_retires(const struct plan *plan, const char *permission);

/* world_truth.c. What a profile asks for, by the configuration that runs. */
const struct profile *world_profile(const struct world *world, const char *name);
void spans_put(struct spans *spans, bool on, usec_t now); /* begins or ends one; the same again is nothing */
bool spans_cover(const struct spans *spans, usec_t at);
bool spans_touch(const struct spans *spans, usec_t from, usec_t until);
/* What is true of each name now, as Stripe has its key. */
void truth_note(struct world *world, size_t subject);
void truth_note_all(struct world *world);

/* world_bounds.c. The end of the first quiet stretch of `need` that begins at `from` or later: the daemon
 * runs, the journal takes what it is sent, the key is stored and not paused, its account gets true answers
 * and so do those that vouch for it. USEC_INFINITY: none before the world's end. */
usec_t truth_quiet(const struct world *world, size_t subject, usec_t from, usec_t need);
/* The same, but for how its own account is answered for ever. */
usec_t truth_quiet_but_odd(const struct world *world, size_t subject, usec_t from, usec_t need);
/* How long it takes in quiet until this is told: the bounds, written down once. */
usec_t bound_death(const struct world *world, size_t subject, usec_t died);
usec_t bound_block(const struct world *world, size_t subject);
usec_t bound_refused(const struct world *world, size_t subject);
usec_t bound_missing(const struct world *world, size_t subject, bool write);
usec_t bound_clear(const struct world *world, size_t subject);
usec_t bound_odd(const struct world *world, size_t subject);
/* Might it be told dead although it lives, and have been thought so at `first` or later? What no program
 * could tell apart. */
bool truth_excuses(const struct world *world, size_t subject, usec_t first, usec_t told);
/* How many accounts of this mode lost a key within the time before `at` in which a group could open; of those
 * only that were not dead when they came. */
size_t truth_deaths_before(const struct world *world, bool test, usec_t at);
size_t truth_losses_before(const struct world *world, bool test, usec_t at);

/* world_laws.c, world_record.c: at the end */
void laws_judge(struct world *world);
void record_judge(struct world *world);
int64_t record_open_incident(const struct world *world, unsigned which); /* 0: none is open */
/* Is something open about the key that must be seen, and that nobody acknowledged? */
bool record_is_troubled(const struct world *world, size_t subject);
/* What is open of priority 2 or less, and of 3 or 4, and nobody's acknowledgement covers. */
void record_count_open(const struct world *world, size_t *ret_critical, size_t *ret_warning);

/* world_said.c: somebody asks whether all is well, and is told what the plugin says. */
void said_judge(struct world *world);
/* What the watching timer asks. */
void said_watch(struct world *world);

/* The number in "merchant-17"; -1: another name. */
long subject_named(const struct world *world, const char *name);
/* world_watch.c: every few minutes */
void world_watch(struct world *world);

/* world_told.c: the text of an entry after "NAME=", and how long it is; "" without such a field. */
int entry_field(const struct sim_entry *e, const char *name, const char **ret);

/* world_story.c */
void story_tell(FILE *f, const struct plan *plan, const struct breach *breach);
/* The last entries before the end, heartbeats apart. */
void story_entries(const struct world *world, char *text, size_t size);
/* All of them. */
void story_journal(FILE *f, const struct world *world);
const char *story_when(usec_t at, char text[static 32]);
void story_act(FILE *f, const struct plan *plan, const struct act *act);

/* world_shrink.c: the plan becomes the smallest found that breaks the same law. */
void plan_shrink(struct plan *plan, struct breach *breach);

#endif
