/* What is still wrong is told again: at growing intervals, many of one kind at a time in one entry, and not
 * at all while somebody has acknowledged it or its key is paused. When each was last told is stored with the
 * incident, so a restart repeats nothing. */
#include <errno.h>
#include <stdlib.h>

#include "engine/incidents/incidents.h"
#include "model/silence.h"

/* Critical: so many times after this long. */
#define URGENT_PRIORITY 2
#define URGENT_TIMES    3
#define URGENT_EVERY    (4 * SEC_PER_HOUR)
/* Then, and from the start for all others, daily for a week, and weekly for ever. */
#define DAILY_TIMES 7
#define WEEKLY      SILENCE_REMINDER_MAX
/* More than this many of one kind, due within this long, are told in one entry. */
#define TOGETHER_MORE_THAN 10
#define TOGETHER_WITHIN    SEC_PER_HOUR
/* Looked at again this often, whatever was computed: the key's pause may have ended. */
#define LOOK_EVERY SEC_PER_HOUR

/* Incidents that are looked at before the sockets have their turn again. */
#define LOOK_SLICE 250

/* One look over all open incidents: they are counted, then reminded of. */
struct look {
        int64_t wall;    /* on the schedule's own line, as incident->reminded is */
        int64_t next;    /* when the next one is due */
        int64_t last_id; /* of those that had their turn */
        bool counted;
        struct {
                size_t now, soon, open;
                int64_t oldest;
                int priority;
        } kinds[_INCIDENT_KIND_MAX][2]; /* alone, members of groups */
};

struct reminder {
        struct alarm alarm; /* the next look */
        struct alarm slice; /* of the look that goes on */
        struct look look;
};

static void reminder_on_alarm(struct alarm *alarm, void *userdata);
static void reminder_on_slice(struct alarm *alarm, void *userdata);

int reminder_new(struct engine *e)
{
        e->reminder = calloc(1, sizeof(*e->reminder));
        if (!e->reminder)
                return -ENOMEM;
        e->reminder->alarm.ring = reminder_on_alarm;
        e->reminder->slice.ring = reminder_on_slice;
        return 0;
}

void reminder_free(struct engine *e)
{
        free(e->reminder);
        e->reminder = NULL;
}

static int64_t interval(const struct incident *incident)
{
        unsigned n = incident->reminders;

        if (incident->priority <= URGENT_PRIORITY) {
                if (n < URGENT_TIMES)
                        return URGENT_EVERY;
                n -= URGENT_TIMES;
        }
        return n < DAILY_TIMES ? SEC_PER_DAY : WEEKLY;
}

static int64_t due(const struct incident *incident)
{
        return MAX(incident->reminded + interval(incident), incident->acknowledged_until);
}

static bool is_asleep(const struct engine *e, const struct key *key, const struct incident *incident)
{
        return incident_is_silent(incident) || (key && key->paused_until > engine_wall(e));
}

static bool is_member(const struct incident *incident)
{
        return incident->parent != 0;
}

static void reminder_count(struct engine *e, struct key *key, struct incident *incident, struct look *look)
{
        __typeof__(&look->kinds[0][0]) kind = &look->kinds[incident->kind][is_member(incident)];

        incident_count(e, incident); /* its acknowledgement may be over */
        if (is_asleep(e, key, incident) || incident->acknowledged_until > look->wall)
                return;
        if (kind->open++ == 0 || incident->opened < kind->oldest)
                kind->oldest = incident->opened;
        kind->priority = kind->open == 1 ? incident->priority : MIN(kind->priority, incident->priority);
        kind->now += due(incident) <= look->wall;
        kind->soon += due(incident) <= look->wall + TOGETHER_WITHIN;
}

/* Two or more members that are left of a group share one reminder. */
static bool are_told_together(const struct look *look, enum incident_kind kind, bool members)
{
        return look->kinds[kind][members].now > 0 &&
               look->kinds[kind][members].soon > (members ? 1 : TOGETHER_MORE_THAN);
}

static void remind(struct engine *e, struct key *key, struct incident *incident, struct look *look)
{
        bool together = are_told_together(look, incident->kind, is_member(incident));

        if (is_asleep(e, key, incident))
                return;
        if (together && incident->acknowledged_until <= look->wall) {
                /* All that are open were counted, whether it was their time or not. */
                incident->reminders += due(incident) <= look->wall + TOGETHER_WITHIN;
                incident->reminded = look->wall;
                batch_incident(recorder_batch(e), incident);
        } else if (due(incident) <= look->wall) {
                incident_remind(e, key, incident);
                incident->reminded = look->wall;
                incident->reminders++;
                batch_incident(recorder_batch(e), incident);
        }
        look->next = MIN(look->next, due(incident));
        if (incident->acknowledged_until > look->wall)
                look->next = MIN(look->next, incident->acknowledged_until);
}

static void remind_of_many(struct engine *e, const struct look *look, enum incident_kind kind, bool members)
{
        struct notice n = {
                .kind = kind,
                .phase = NOTICE_REMINDER,
                .priority = look->kinds[kind][members].priority,
                .since = look->kinds[kind][members].oldest,
                .count = look->kinds[kind][members].open,
                .has_count = true,
        };

        if (are_told_together(look, kind, members))
                event_emit(e, NULL, &n, look->kinds[kind][members].oldest);
}

static void remind_together(struct engine *e, const struct look *look)
{
        for (int kind = 0; kind < _INCIDENT_KIND_MAX; kind++) {
                remind_of_many(e, look, (enum incident_kind) kind, false);
                remind_of_many(e, look, (enum incident_kind) kind, true);
        }
}

static void reminder_wait_until(struct engine *e, int64_t wall)
{
        int64_t left = wall - engine_steady_wall(e);

        agenda_set(e->agenda, &e->reminder->alarm,
                   engine_now(e) + (usec_t) MAX(left, INT64_C(1)) * USEC_PER_SEC);
}

/* All of them, or as many as one turn is long enough for. */
static bool look_on(struct engine *e, struct look *look)
{
        size_t i = incidents_after(e, look->last_id);

        for (size_t n = 0; n < LOOK_SLICE && i < e->n_incidents; n++, i++) {
                struct incident *incident = e->open[i];
                struct key *key = incident->key_id ? keys_find(e, incident->key_id) : NULL;

                look->last_id = incident->id;
                if (look->counted)
                        remind(e, key, incident, look);
                else
                        reminder_count(e, key, incident, look);
        }
        return i == e->n_incidents;
}

static void reminder_on_slice(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct look *look = &e->reminder->look;
        bool done = look_on(e, look);

        if (done && !look->counted) {
                remind_together(e, look);
                look->counted = true;
                look->last_id = 0;
                done = look_on(e, look);
        }
        if (batch_size(recorder_batch(e)) > 0)
                recorder_changed(e, false);
        if (done)
                reminder_wait_until(e, look->next);
        else
                agenda_set(e->agenda, alarm, engine_now(e) + 1); /* behind what is due already */
}

static void reminder_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;

        (void) alarm;
        e->reminder->look = (struct look){ .wall = engine_steady_wall(e) };
        e->reminder->look.next = e->reminder->look.wall + LOOK_EVERY;
        reminder_on_slice(&e->reminder->slice, e);
}

void reminder_start(struct engine *e)
{
        reminder_wait_until(e, engine_steady_wall(e));
}

void reminder_expect(struct engine *e, const struct incident *incident)
{
        usec_t then = engine_now(e) + (usec_t) interval(incident) * USEC_PER_SEC;

        if (alarm_waits(&e->reminder->alarm) && then < e->reminder->alarm.when)
                reminder_wait_until(e, due(incident));
}
