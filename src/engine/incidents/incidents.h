/* One cause, one event: opened, told, reminded of, cleared; committed before it is sent. */
#ifndef ENGINE_INCIDENTS_H
#define ENGINE_INCIDENTS_H

#include "alert/notice.h"
#include "engine/incidents/outbox.h"
#include "engine/incidents/recorder.h"
#include "engine/keys/work.h"
#include "store/store.h"

/* Among the open ones of its key, or of nobody; owned by that list. */
void incident_link(struct engine *e, struct key *key, struct incident *incident);
void incident_unlink(struct engine *e, struct key *key, struct incident *incident);
/* Count it anew among the open ones, after its priority or its acknowledgement changed. */
void incident_count(struct engine *e, struct incident *incident);
/* Free the open incidents of a key that is removed; nothing is told. */
void incidents_forget(struct engine *e, struct key *key);
/* The index in e->open of the first incident with a larger id; e->n_incidents: there is none. */
size_t incidents_after(const struct engine *e, int64_t id);
struct incident *incident_find(const struct engine *e, const struct key *key, enum incident_kind kind);
/* Open, with its event; `notice` needs kind and whatever the caller knows; key's facts are filled in.
 * `first_wall`: the time of the first answer. Nothing happens if one of this kind is open for the key. NULL
 * then. */
struct incident *incident_open(struct engine *e, struct key *key, struct notice *notice, int64_t first_wall);
/* The same incident has more to say: a new event. */
void incident_update(struct engine *e, struct key *key, struct incident *incident, struct notice *notice);
/* Store `detail`, by which a later run tells this incident from others of its kind. */
void incident_describe(struct engine *e, struct incident *incident, const char *detail);
/* Write its row with the next commit, after any other change. */
void incident_write(struct engine *e, struct incident *incident);
/* End it, and tell so. NULL is fine. */
void incident_clear(struct engine *e, struct key *key, struct incident *incident, const char *reason);
/* Was it opened while its key was flapping, and not told to anybody? */
bool incident_is_silent(const struct incident *incident);
/* Tell of a silent one now. */
void incident_announce(struct engine *e, struct key *key, struct incident *incident);
/* Tell of an open one again. */
void incident_remind(struct engine *e, struct key *key, struct incident *incident);
/* KEYVIGIL_LABEL_NAME=value behind the fields of an event (labels.c). */
void labels_add(struct engine *e, const struct key *key, char **fields);
/* A refusal named the key's page in the Dashboard (mk_…), and perhaps its account (remedy.c). */
void remedy_learn(struct engine *e, struct key *key, const char *account, const char *key_object);
/* The key has another secret. */
void remedy_forget(struct engine *e, struct key *key);
/* Where it is edited (NULL: not known), where one for its profile is created, and where what an incident of
 * this kind tells of is mended (NULL: nowhere). The caller frees. */
char *remedy_edit(struct engine *e, const struct key *key);
char *remedy_create(struct engine *e, const struct key *key);
char *remedy_of(struct engine *e, const struct key *key, enum incident_kind kind);
/* A plain event without incident. */
void event_emit(struct engine *e, struct key *key, struct notice *notice, int64_t first_wall);
/* Somebody did this with the key (NULL: with several, `count` of them); nothing without engine_acting(). */
void operator_did(struct engine *e, struct key *key, const char *action, uint64_t count, const char *detail);
int incident_load(struct engine *e);
void incident_free_all(struct engine *e);
struct incident *incident_by_id(const struct engine *e, int64_t id, struct key **ret_key);

/* --- a key that keeps changing (flapping.c) --- */

/* An incident of this kind is about to open or clear for the key: is it to be silent? The one change too many
 * opens key-flapping instead. */
bool flapping_silences(struct engine *e, struct key *key, enum incident_kind kind);
/* Has the key been quiet for a day, or silent for a week? Then the silence ends: what opened in it and is
 * still open is told. */
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

#endif
