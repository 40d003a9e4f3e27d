#include "engine/incidents/recorder.h"
#include "base/why.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/incidents/incidents.h"

#define COMMIT_WITHIN USEC_PER_SEC
#define COMMIT_SIZE   500
#define RETRY_AFTER   (5 * USEC_PER_SEC)
/* Before all that has been due for long: else more and more gathers for one turn of the loop. An instant. */
#define AT_ONCE 1
/* Trouble that lasts this long is announced, and with it all that could not be committed. */
#define TROUBLE_AFTER USEC_PER_MINUTE
/* The log is brought to the file this long after the last commit. */
#define CHECKPOINT_AFTER (10 * USEC_PER_SEC)
/* or at once when so much waits: what is moved in one turn is bounded by it. Bytes. */
#define CHECKPOINT_SIZE (INT64_C(4) << 20)
/* A log of this size, and nobody may begin it anew, is trouble. */
#define LOG_LARGE (INT64_C(64) << 20)
/* Beyond this, only changes are written. */
#define LOG_MAX (INT64_C(160) << 20)

struct recorder {
        struct batch *batch;
        struct alarm commit, checkpoint;
        usec_t trouble_since; /* 0: none */
        usec_t reader_since;  /* somebody has kept a large log from beginning anew; 0: nobody */
        int error;
        bool announced;
};

static void recorder_on_commit(struct alarm *alarm, void *userdata)
{
        (void) alarm;
        (void) recorder_flush(userdata);
}

/* Not a failure of ours, and nothing is lost; but the disk fills. */
static void reader_announce(struct engine *e)
{
        struct recorder *recorder = e->recorder;
        char detail[64];

        snprintf(detail, sizeof(detail), "the log has %lld MB",
                 (long long) (store_log_used(e->parts.store) >> 20));
        struct notice notice = { .kind = INCIDENT_STORE_TROUBLE,
                                 .reason = reason_name(REASON_READER),
                                 .detail = detail };

        if (!recorder->announced && !incident_find(e, NULL, INCIDENT_STORE_TROUBLE))
                incident_open(e, NULL, &notice, engine_wall(e));
}

static void reader_over(struct engine *e)
{
        struct incident *open = incident_find(e, NULL, INCIDENT_STORE_TROUBLE);

        e->recorder->reader_since = 0;
        if (open && reasons_have(open->reasons, REASON_READER))
                incident_clear(e, NULL, open, reason_name(REASON_READER));
}

/* A checkpoint that could not move all of the log moves the rest next time. */
static void recorder_on_checkpoint(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct recorder *recorder = e->recorder;
        usec_t now = engine_now(e);
        int r = store_checkpoint(e->parts.store);
        bool held = r == -EBUSY;

        if (r == -EAGAIN) {
                agenda_set(e->agenda, alarm, now + COMMIT_WITHIN);
                return;
        }
        if (!held || store_log_used(e->parts.store) < LOG_LARGE) {
                reader_over(e);
                return;
        }
        if (!recorder->reader_since)
                recorder->reader_since = now;
        if (now - recorder->reader_since >= TROUBLE_AFTER)
                reader_announce(e);
        agenda_set(e->agenda, alarm, now + RETRY_AFTER);
}

int recorder_new(struct engine *e, struct recorder **ret)
{
        struct recorder *recorder = calloc(1, sizeof(*recorder));

        (void) e;
        if (!recorder)
                return -ENOMEM;
        recorder->commit.ring = recorder_on_commit;
        recorder->checkpoint.ring = recorder_on_checkpoint;
        int r = batch_new(&recorder->batch);
        if (r < 0) {
                free(recorder);
                return r;
        }
        *ret = recorder;
        return 0;
}

struct recorder *recorder_free(struct recorder *recorder)
{
        if (recorder)
                batch_free(recorder->batch);
        return mfree(recorder);
}

struct batch *recorder_batch(struct engine *e)
{
        return e->recorder->batch;
}

void recorder_changed(struct engine *e, bool announce)
{
        struct recorder *recorder = e->recorder;
        bool at_once = announce || batch_size(recorder->batch) >= COMMIT_SIZE;
        usec_t when = recorder->trouble_since ? engine_now(e) + RETRY_AFTER
                      : at_once               ? AT_ONCE
                                              : engine_now(e) + COMMIT_WITHIN;

        if (!alarm_waits(&recorder->commit) || (when < recorder->commit.when))
                agenda_set(e->agenda, &recorder->commit, when);
}

/* Verdicts are not touched by this: only the record is late. */
static void trouble_announce(struct engine *e)
{
        struct recorder *recorder = e->recorder;
        struct notice notice = { .kind = INCIDENT_STORE_TROUBLE, .detail = strerror(-recorder->error) };

        reader_over(e); /* the larger trouble takes its place */
        if (!recorder->announced)
                incident_open(e, NULL, &notice, engine_wall(e));
        recorder->announced = true;
        outbox_send_uncommitted(e);
}

void recorder_resume(struct engine *e)
{
        incident_clear(e, NULL, incident_find(e, NULL, INCIDENT_STORE_TROUBLE), "written");
}

static int trouble(struct engine *e, int error)
{
        struct recorder *recorder = e->recorder;
        usec_t now = engine_now(e);

        if (!recorder->trouble_since) {
                recorder->trouble_since = now;
                log_warning_errno(
                        error,
                        "Could not write to the database, keeping results in memory and trying again: %m");
        }
        recorder->error = error;
        if (now - recorder->trouble_since >= TROUBLE_AFTER)
                trouble_announce(e);
        agenda_set(e->agenda, &recorder->commit, now + RETRY_AFTER);
        return error;
}

static void trouble_over(struct engine *e)
{
        struct recorder *recorder = e->recorder;

        recorder->trouble_since = 0;
        log_notice("The database can be written again; everything that waited is stored.");
        if (recorder->announced)
                incident_clear(e, NULL, incident_find(e, NULL, INCIDENT_STORE_TROUBLE), "written");
        recorder->announced = false;
}

static int commit_measured(struct engine *e)
{
        usec_t begun = engine_now(e);
        int r = store_commit(e->parts.store, e->recorder->batch);

        histogram_add(&e->figures.commit, engine_now(e) - begun);
        e->figures.commit_failures += r < 0;
        return r;
}

void recorder_tidy(struct engine *e)
{
        struct alarm *checkpoint = &e->recorder->checkpoint;

        if (store_log_waiting(e->parts.store) < CHECKPOINT_SIZE || e->recorder->reader_since)
                return;
        agenda_clear(e->agenda, checkpoint);
        recorder_on_checkpoint(checkpoint, e);
}

void recorder_wrote(struct engine *e)
{
        struct alarm *checkpoint = &e->recorder->checkpoint;
        bool at_once = store_log_waiting(e->parts.store) >= CHECKPOINT_SIZE && !e->recorder->reader_since;
        usec_t when = engine_now(e) + (at_once ? 0 : CHECKPOINT_AFTER);

        if (!alarm_waits(checkpoint) || when < checkpoint->when)
                agenda_set(e->agenda, checkpoint, when);
}

int recorder_flush(struct engine *e)
{
        struct recorder *recorder = e->recorder;

        agenda_clear(e->agenda, &recorder->commit);
        if (batch_size(recorder->batch) == 0)
                return 0;
        int r = commit_measured(e);
        if (r < 0)
                return trouble(e, r);
        recorder_wrote(e);
        outbox_committed(e);
        if (e->events_committed && e->committed_event != e->last_event)
                e->events_committed(e->events_userdata);
        e->committed_event = e->last_event;
        if (recorder->trouble_since) /* last: what it says belongs to the next commit */
                trouble_over(e);
        return 0;
}

bool recorder_in_trouble(const struct engine *e)
{
        return e->recorder->trouble_since != 0;
}

int recorder_writable(const struct engine *e, char **ret_why)
{
        if (!recorder_in_trouble(e))
                return 0;
        return why(ret_why, -EBUSY,
                   "The database cannot be written at the moment, so nothing is stored or changed; see "
                   "'keyvigil status'.");
}

bool recorder_is_full(const struct engine *e)
{
        return store_log_used(e->parts.store) >= LOG_MAX;
}
