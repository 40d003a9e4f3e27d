/* The judgement over what the database says: incidents that are open, events that were sent, states. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "world_told.h"

static sqlite3 *record_open(const struct world *world)
{
        char path[128];
        sqlite3 *db;

        snprintf(path, sizeof(path), "%s/keyvigil.db", world->sim->dir);
        if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
                abort();
        return db;
}

typedef void (*on_row_fn)(struct world *world, sqlite3_stmt *row, void *userdata);

static void each_row(struct world *world, const char *sql, on_row_fn fn, void *userdata)
{
        sqlite3 *db = record_open(world);
        sqlite3_stmt *statement;

        if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
                fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
                abort();
        }
        while (sqlite3_step(statement) == SQLITE_ROW)
                fn(world, statement, userdata);
        sqlite3_finalize(statement);
        sqlite3_close(db);
}

static const char *text(sqlite3_stmt *row, int column)
{
        const unsigned char *t = sqlite3_column_text(row, column);

        return t ? (const char *) t : "";
}

/* --- for people who acknowledge --- */

struct choice {
        unsigned which;
        int64_t id;
};

static void on_choice(struct world *world, sqlite3_stmt *row, void *userdata)
{
        struct choice *choice = userdata;

        (void) world;
        if (choice->id == 0 || choice->which-- > 0)
                choice->id = sqlite3_column_int64(row, 0);
}

int64_t record_open_incident(const struct world *world, unsigned which)
{
        struct choice choice = { which % 16, 0 };

        each_row((struct world *) world,
                 "SELECT id FROM v_incident WHERE cleared IS NULL AND key IS NOT NULL ORDER BY id", on_choice,
                 &choice);
        return choice.id;
}

static void on_count(struct world *world, sqlite3_stmt *row, void *userdata)
{
        size_t *count = userdata;

        (void) world;
        *count = (size_t) sqlite3_column_int64(row, 0);
}

bool record_is_troubled(const struct world *world, size_t subject)
{
        char sql[256];
        size_t n = 0;

        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM v_incident WHERE cleared IS NULL AND acknowledged IS NULL"
                 " AND priority <= 4 AND key = 'merchant-%zu'",
                 subject);
        each_row((struct world *) world, sql, on_count, &n);
        return n > 0;
}

/* Acknowledgements of these worlds last a day. */
void record_count_open(const struct world *world, size_t *ret_critical, size_t *ret_warning)
{
        char sql[256];
        size_t *const counts[] = { ret_critical, ret_warning };

        for (int i = 0; i < 2; i++) {
                snprintf(
                        sql, sizeof(sql),
                        "SELECT count(*) FROM v_incident WHERE cleared IS NULL AND priority BETWEEN %d AND %d"
                        " AND (acknowledged IS NULL OR unixepoch(acknowledged) <= %lld)",
                        i ? 3 : 0, i ? 4 : 2,
                        (long long) (world->sim->clock.wall(&world->sim->clock) - SEC_PER_DAY));
                each_row((struct world *) world, sql, on_count, counts[i]);
        }
}

/* --- c: open incidents --- */

static usec_t last_end(const struct spans *spans)
{
        return spans->n > 0 ? spans->list[spans->n - 1].until : 0;
}

/* When something last told untruths that it could have come of. */
static usec_t last_lie(const struct world *world)
{
        usec_t last = 0;

        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];

                if (act->kind == ACT_LIE_ALL || act->kind == ACT_LIE_SOME || act->kind == ACT_OUTAGE_SOME ||
                    act->kind == ACT_OUTAGE || act->kind == ACT_PAGE)
                        last = MAX(last, world->began + act->at + act->span);
        }
        return last;
}

/* What the kind says was true until then: 0 never, USEC_INFINITY still. */
static usec_t cause_of(const struct world *world, const struct subject *s, const char *kind)
{
        const struct {
                const char *kind;
                const struct spans *spans;
        } causes[] = {
                { "key-revoked", &s->dead },
                { "key-expired", &s->dead },
                { "key-invalid", &s->dead },
                { "key-rolled", &s->dead },
                { "key-blocked", &s->blocked },
                { "key-account-refused", &s->refused },
                { "key-permissions-missing", &s->missing },
                { "key-wrong-account", &s->wrong },
        };
        enum oddity odd = plan_oddity(world->plan, world->sim->keys[s->secret].account);

        for (size_t i = 0; i < ELEMENTSOF(causes); i++)
                if (strcmp(causes[i].kind, kind) == 0)
                        return last_end(causes[i].spans);
        if (strcmp(kind, "key-unverified") == 0)
                return odd == ODD_NONE || odd == ODD_FEATURE_OFF || odd == ODD_SLOW ? 0 : USEC_INFINITY;
        if (strcmp(kind, "key-permissions-excess") == 0 || strcmp(kind, "key-flapping") == 0)
                return USEC_INFINITY; /* asked after again in weeks; quiet for a day */
        if (strcmp(kind, "key-old-still-alive") == 0)
                return s->rotations > 0 ? USEC_INFINITY : 0;
        return 0;
}

static void judge_open_of_key(struct world *world, size_t i, const char *kind)
{
        const struct subject *s = &world->subjects[i];
        usec_t cause = cause_of(world, s, kind), over = MAX(cause, MAX(last_lie(world), s->stored_at));

        if (cause == USEC_INFINITY || (s->wrong_account && strcmp(kind, "key-wrong-account") == 0))
                return;
        /* Nothing is known of what is dead, blocked or refused but that. */
        if (cause_of(world, s, "key-revoked") > cause || cause_of(world, s, "key-blocked") > cause ||
            cause_of(world, s, "key-account-refused") > cause)
                return;
        usec_t bound = strcmp(kind, "key-wrong-account") == 0 ? 26 * HOUR : bound_clear(world, i);
        if (truth_quiet(world, i, over, bound) == USEC_INFINITY)
                return;
        breach(world, cause == 0 ? LAW_CAUSE : LAW_CLEARED, "%s of merchant-%zu is open, and %s", kind, i,
               cause == 0 ? "never had a cause" : "its cause is long gone");
}

static bool acts_since(const struct world *world, usec_t from)
{
        for (size_t i = 0; i < world->plan->n_acts; i++)
                if (world->began + world->plan->acts[i].at + world->plan->acts[i].span > from)
                        return true;
        return false;
}

static void on_open(struct world *world, sqlite3_stmt *row, void *userdata)
{
        const char *kind = text(row, 0), *key = text(row, 1);
        long i = key[0] ? subject_named(world, key) : -1;

        (void) userdata;
        if (i >= 0)
                judge_open_of_key(world, (size_t) i, kind);
        else if (!acts_since(world, world->ends - MIN(world->ends, 3 * HOUR + world->longest_pulse)) &&
                 strcmp(kind, "many-alike") != 0 && strcmp(kind, "permission-changed") != 0)
                breach(world, LAW_CAUSE, "%s is open, and nothing happened for three hours", kind);
}

/* --- e: events --- */

struct ids {
        const char **list;
        size_t n;
};

static int compare_texts(const void *a, const void *b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void on_event(struct world *world, sqlite3_stmt *row, void *userdata)
{
        struct ids *ids = userdata;
        const char *id = text(row, 0);

        if (!bsearch(&id, ids->list, ids->n, sizeof(*ids->list), compare_texts))
                breach(world, LAW_LOST, "the event %s, %s of \"%s\", is marked sent, and was not", id,
                       text(row, 1), text(row, 2));
}

static void on_unsent(struct world *world, sqlite3_stmt *row, void *userdata)
{
        (void) userdata;
        if (!spans_touch(&world->unjournalled, world->ends - 5 * MINUTE, world->ends))
                breach(world, LAW_LOST, "%s has not been sent", text(row, 0));
}

/* Each event that was not sent by itself is one of those that a summary counts. */
static void judge_summaries(struct world *world)
{
        size_t summarised = 0, counted = 0;

        each_row(world, "SELECT count(*) FROM event WHERE send_state = 2", on_count, &summarised);
        for (size_t i = 0; i < world->sim->n_entries; i++) {
                const struct sim_entry *e = &world->sim->entries[i];
                const char *count;

                if (strcmp(e->message_id, ID_SUMMARY) != 0)
                        continue;
                entry_field(e, "KEYVIGIL_COUNT=", &count);
                counted += strtoul(count, NULL, 10);
        }
        if (summarised > counted && !spans_touch(&world->unjournalled, world->ends - 5 * MINUTE, world->ends))
                breach(world, LAW_LOST, "%zu events were summarised, and %zu of them counted", summarised,
                       counted);
}

static void judge_events(struct world *world)
{
        const struct sim *sim = world->sim;
        struct ids ids = { calloc(sim->n_entries + 1, sizeof(char *)), 0 };

        for (size_t i = 0; i < sim->n_entries; i++)
                ids.list[ids.n++] = sim->entries[i].event_id;
        qsort(ids.list, ids.n, sizeof(*ids.list), compare_texts);
        each_row(world,
                 "SELECT e.id, e.kind, k.name FROM event e LEFT JOIN key k ON k.id = e.key"
                 " WHERE e.send_state = 1",
                 on_event, &ids);
        each_row(world,
                 "SELECT kind FROM event WHERE send_state = 0 AND at_wall <"
                 " (SELECT max(at_wall) FROM event) - 300",
                 on_unsent, NULL);
        free(ids.list);
}

static int compare_entries(const void *a, const void *b)
{
        const struct sim_entry *x = *(const struct sim_entry *const *) a,
                               *y = *(const struct sim_entry *const *) b;

        return strcmp(x->event_id, y->event_id);
}

/* One id, one content: whoever sees an entry twice knows that it is the same. */
static void judge_ids(struct world *world)
{
        const struct sim *sim = world->sim;
        const struct sim_entry **list = calloc(sim->n_entries + 1, sizeof(*list));

        for (size_t i = 0; i < sim->n_entries; i++)
                list[i] = &sim->entries[i];
        qsort(list, sim->n_entries, sizeof(*list), compare_entries);
        for (size_t i = 1; i < sim->n_entries; i++)
                if (list[i]->event_id[0] && strcmp(list[i]->event_id, list[i - 1]->event_id) == 0 &&
                    strcmp(list[i]->fields, list[i - 1]->fields) != 0)
                        breach(world, LAW_TWICE, "one event id stands for two things: %s %s",
                               list[i]->event_id, list[i]->kind);
        free(list);
}

/* --- b: states --- */

static usec_t last_change(const struct subject *s)
{
        const struct spans *all[] = { &s->dead,          &s->blocked, &s->refused, &s->missing,
                                      &s->missing_write, &s->paused,  &s->gone };
        usec_t last = s->stored_at;

        for (size_t k = 0; k < ELEMENTSOF(all); k++)
                for (size_t i = 0; i < all[k]->n; i++) {
                        last = MAX(last, all[k]->list[i].from);
                        if (all[k]->list[i].until != USEC_INFINITY)
                                last = MAX(last, all[k]->list[i].until);
                }
        return last;
}

static const char *true_state(const struct world *world, const struct subject *s)
{
        if (spans_cover(&s->dead, world->ends))
                return "dead";
        if (spans_cover(&s->blocked, world->ends))
                return "blocked";
        return spans_cover(&s->missing, world->ends) ? "degraded" : "healthy";
}

static void judge_state(struct world *world, size_t i, enum state state)
{
        const struct subject *s = &world->subjects[i];
        const char *truth = true_state(world, s), *seen = state_name(state);
        usec_t change = MAX(last_change(s), last_lie(world));
        usec_t bound = MAX(bound_missing(world, i, false), bound_clear(world, i));

        if (!s->stored || spans_cover(&s->refused, world->ends) || spans_cover(&s->paused, world->ends) ||
            truth_quiet(world, i, change, bound) == USEC_INFINITY)
                return;
        if (state == STATE_EXPIRED || state == STATE_REVOKED || state == STATE_INVALID ||
            state == STATE_ROLLED)
                seen = "dead";
        if (strcmp(truth, seen) != 0)
                breach(world, LAW_STATE, "merchant-%zu is %s, and is believed %s", i, truth, seen);
}

void record_judge(struct world *world)
{
        size_t n;

        said_judge(world);
        each_row(world, "SELECT kind, key FROM v_incident WHERE cleared IS NULL", on_open, NULL);
        judge_events(world);
        judge_summaries(world);
        judge_ids(world);
        const struct key *const *keys = engine_keys(world->sim->engine, &n);
        for (size_t k = 0; k < n; k++) {
                long i = subject_named(world, keys[k]->name);
                int64_t wall = world->sim->clock.wall(&world->sim->clock);

                if (i >= 0)
                        judge_state(world, (size_t) i, key_state(keys[k], wall));
        }
}
