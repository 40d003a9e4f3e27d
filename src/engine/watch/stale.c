/* Catalogue rows whose endpoint seems to be retired: answers of the provider's shape that prove nothing, on
 * several accounts. One incident for the catalogue; no key changes its state for it, and the row is left out
 * of the usual turns. In their place it is asked hourly, and the first answer that says something ends it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/requests/limiter.h"
#include "engine/watch/watch.h"
#include "model/silence.h"

#define ACCOUNTS_MIN 3
/* Of so many accounts the newest answer about a row is remembered. */
#define ACCOUNTS_SEEN 24
/* Where some accounts are answered what others get no verdict about, the endpoint is there: it is a feature
 * that most of these do not have, in words that no rule knows. Told so often within a day it is told again
 * after a quiet one, as any kind that opens and ends too often (SILENCE_FLAPPING_MAX). */
#define TIMES_MAX 2
#define QUIET_DAY USEC_PER_DAY

#define ASK_EVERY    (SILENCE_STALE_MAX * USEC_PER_SEC)
#define ASK_ACCOUNTS 3
/* A version that nobody knows spoils every row: then no more of them are asked in that time, in turn. */
#define ASK_ROWS 4
/* So many keys are looked at for those that can be asked. */
#define LOOK_MAX 4096

struct stale_sample {
        int64_t account; /* its id, or minus the key id where it is not known; 0: none */
        bool stale;
};

struct row_suspicion {
        struct stale_sample seen[ACCOUNTS_SEEN];
        size_t next; /* the place of the next account */
        bool told;
        unsigned times; /* it was told, since `first` */
        usec_t first;
        usec_t answered; /* when it was last answered after it had been told */
};

struct stale {
        struct row_suspicion rows[SLOTS_MAX][2]; /* by slot, then read, write */
        struct alarm alarm;
        size_t next; /* of the catalogue's questions: where the search for the next one to ask begins */
};

static void stale_on_alarm(struct alarm *alarm, void *userdata);

int stale_new(struct engine *e)
{
        e->stale = calloc(1, sizeof(*e->stale));
        if (!e->stale)
                return -ENOMEM;
        e->stale->alarm.ring = stale_on_alarm;
        return 0;
}

void stale_free(struct engine *e)
{
        free(e->stale);
        e->stale = NULL;
}

static struct row_suspicion *row_suspicion_of(const struct engine *e, unsigned row, enum level level)
{
        return &e->stale->rows[e->parts.catalogue->rows[row].slot][level == LEVEL_WRITE];
}

bool stale_is_told(const struct engine *e, unsigned row, enum level level)
{
        return row_suspicion_of(e, row, level)->told;
}

/* A small fleet has no three accounts. */
static size_t accounts_needed(const struct engine *e)
{
        int64_t seen[ACCOUNTS_MIN];
        size_t n = 0;

        for (size_t i = 0; i < e->n_keys && n < ACCOUNTS_MIN; i++) {
                size_t k = 0;

                while (k < n && seen[k] != key_account_number(e->keys[i]))
                        k++;
                if (k == n)
                        seen[n++] = key_account_number(e->keys[i]);
        }
        return n;
}

/* --- what was told of is asked again --- */

static enum level level_at(size_t question)
{
        return question % 2 ? LEVEL_WRITE : LEVEL_READ;
}

static size_t count_told(const struct engine *e)
{
        size_t told = 0;

        for (size_t i = 0; i < 2 * e->parts.catalogue->n; i++)
                told += stale_is_told(e, (unsigned) (i / 2), level_at(i));
        return told;
}

/* One row at a time, so that each is asked once in an hour and none of the accounts much. */
static void ask_later(struct engine *e, size_t told)
{
        if (told == 0)
                agenda_clear(e->agenda, &e->stale->alarm);
        else
                agenda_set(e->agenda, &e->stale->alarm,
                           engine_now(e) + ASK_EVERY / MIN(told, (size_t) ASK_ROWS));
}

static bool stale_can_ask(const struct engine *e, const struct key *key, unsigned row, enum level level)
{
        return key->belief.life == LIFE_ALIVE && key->belief.streak == 0 && key->paused_until == 0 &&
               !key->unreadable && !key->troubled && !key->odd && !limiter_backs_off(e, key) &&
               permission_probe(&e->parts.catalogue->rows[row], level, key_is_live_mode(key));
}

/* One key of each account. */
static void ask_accounts(struct engine *e, unsigned row, enum level level)
{
        struct item item = { .row = (uint16_t) row, .level = (uint8_t) level };
        size_t n = e->n_keys, start = n > 0 ? engine_random(e) % n : 0, asked = 0;
        int64_t accounts[ASK_ACCOUNTS];

        for (size_t i = 0; i < MIN(n, (size_t) LOOK_MAX) && asked < ASK_ACCOUNTS; i++) {
                struct key *key = e->keys[(start + i) % n];
                size_t k = 0;

                while (k < asked && accounts[k] != key_account_number(key))
                        k++;
                if (k == asked && stale_can_ask(e, key, row, level) && turn_ask_item(e, key, item))
                        accounts[asked++] = key_account_number(key);
        }
}

static void stale_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        size_t all = 2 * e->parts.catalogue->n;

        (void) alarm;
        for (size_t i = 0; i < all; i++) {
                size_t question = (e->stale->next + i) % all;

                if (!stale_is_told(e, (unsigned) (question / 2), level_at(question)))
                        continue;
                e->stale->next = question + 1;
                ask_accounts(e, (unsigned) (question / 2), level_at(question));
                break;
        }
        ask_later(e, count_told(e));
}

/* --- the incident --- */

/* "coupon_write" as a word of the text? */
static bool stale_names(const char *text, const char *id)
{
        size_t n = strlen(id);

        for (const char *at = text; (at = strstr(at, id)); at += n)
                if ((at == text || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
                        return true;
        return false;
}

static void stale_tell(struct engine *e, unsigned row, enum level level)
{
        const struct permission *p = &e->parts.catalogue->rows[row];
        char detail[128];

        snprintf(detail, sizeof(detail), "%s_%s", p->name, level_name(level));
        struct incident *open = incident_find(e, NULL, INCIDENT_CATALOGUE_STALE);
        struct notice n = { .kind = INCIDENT_CATALOGUE_STALE,
                            .detail = detail,
                            .count = accounts_needed(e),
                            .has_count = true };

        if (!open)
                incident_open(e, NULL, &n, engine_wall(e));
        else if (!stale_names(open->detail, detail)) {
                /* A wrong API version spoils every row: that is still one trouble, told once. */
                char *both;

                if (asprintf(&both, "%s %s", open->detail, detail) < 0)
                        memory_end();
                free(open->detail);
                open->detail = both;
                batch_incident(recorder_batch(e), open);
                recorder_changed(e, false);
        }
}

static void row_suspicion_forget(struct row_suspicion *s)
{
        *s = (struct row_suspicion){ .times = s->times, .first = s->first, .answered = s->answered };
}

/* One mistake may have spoiled all rows: when one row is answered again, all others start anew. */
static void forget_all(struct engine *e, const char *reason)
{
        for (size_t slot = 0; slot < SLOTS_MAX; slot++)
                for (size_t level = 0; level < 2; level++)
                        row_suspicion_forget(&e->stale->rows[slot][level]);
        ask_later(e, 0);
        incident_clear(e, NULL, incident_find(e, NULL, INCIDENT_CATALOGUE_STALE), reason);
}

static void stale_remember(struct row_suspicion *s, const struct key *key, bool stale)
{
        struct stale_sample now = { .account = key_account_number(key), .stale = stale };
        bool known = false;

        for (size_t i = 0; i < ACCOUNTS_SEEN; i++)
                if (s->seen[i].account == now.account) {
                        s->seen[i] = now;
                        known = true;
                } else if (s->seen[i].account == -key->id) { /* its account has been learned meanwhile */
                        s->seen[i] = (struct stale_sample){ 0 };
                }
        if (known)
                return;
        s->seen[s->next] = now;
        s->next = (s->next + 1) % ACCOUNTS_SEEN;
}

/* Enough accounts, and half of those that were asked. */
static bool is_stale(const struct engine *e, const struct row_suspicion *s)
{
        size_t stale = 0, all = 0;

        for (size_t i = 0; i < ACCOUNTS_SEEN; i++) {
                all += s->seen[i].account != 0;
                stale += s->seen[i].stale;
        }
        return stale >= accounts_needed(e) && 2 * stale >= all;
}

/* Granted, refused, or for want of a product: somebody is there. */
static void stale_answered(struct engine *e, struct row_suspicion *s, const struct key *key)
{
        stale_remember(s, key, false);
        if (s->times > 0)
                s->answered = engine_now(e);
        if (s->told)
                forget_all(e, "answers-again");
}

/* Told too often, not for a week yet, and answered within the last day? */
static bool is_flapping(const struct engine *e, const struct row_suspicion *s)
{
        return s->times >= TIMES_MAX && engine_now(e) - s->answered < QUIET_DAY &&
               engine_now(e) - s->first < SILENCE_FLAPPING_MAX * USEC_PER_SEC;
}

static void note_told(const struct engine *e, struct row_suspicion *s)
{
        if (s->times == 0 || s->times >= TIMES_MAX || engine_now(e) - s->first >= QUIET_DAY) {
                s->times = 0;
                s->first = engine_now(e);
        }
        s->times++;
        s->told = true;
}

static void stale_suspected(struct engine *e, struct row_suspicion *s, const struct key *key, unsigned row,
                            enum level level)
{
        stale_remember(s, key, true);
        if (s->told || !is_stale(e, s) || is_flapping(e, s))
                return;
        note_told(e, s);
        ask_later(e, count_told(e));
        stale_tell(e, row, level);
}

void stale_seen(struct engine *e, const struct key *key, unsigned row, enum level level, bool stale,
                enum answer answer)
{
        if (row == ROW_NONE)
                return;
        struct row_suspicion *s = row_suspicion_of(e, row, level);

        if (stale)
                stale_suspected(e, s, key, row, level);
        else if (answer_is_about_permission(answer) || answer == ANSWER_FEATURE_OFF)
                stale_answered(e, s, key);
}

void stale_resume(struct engine *e)
{
        const struct incident *open = incident_find(e, NULL, INCIDENT_CATALOGUE_STALE);
        char id[128];

        for (unsigned row = 0; open && row < e->parts.catalogue->n; row++)
                for (enum level level = LEVEL_READ; level <= LEVEL_WRITE; level++) {
                        snprintf(id, sizeof(id), "%s_%s", e->parts.catalogue->rows[row].name,
                                 level_name(level));
                        if (stale_names(open->detail, id))
                                row_suspicion_of(e, row, level)->told = true;
                }
        ask_later(e, count_told(e));
}

/* Is what was told of still asked in the same way? */
static bool is_the_same(const struct engine *e, unsigned row, enum level level,
                        const struct catalogue *catalogue)
{
        const struct permission *old = &e->parts.catalogue->rows[row];
        const char *before = level == LEVEL_WRITE ? old->write.path : old->read.path, *after;
        unsigned other;

        if (catalogue_find(catalogue, old->name, &other) < 0)
                return false;
        after = level == LEVEL_WRITE ? catalogue->rows[other].write.path : catalogue->rows[other].read.path;
        return before && after && strcmp(before, after) == 0;
}

void stale_reconfigure(struct engine *e, const struct settings *settings, const struct catalogue *catalogue)
{
        bool changed = strcmp(settings->stripe.api_version, e->parts.settings->stripe.api_version) != 0;

        for (unsigned row = 0; row < e->parts.catalogue->n; row++)
                for (enum level level = LEVEL_READ; level <= LEVEL_WRITE; level++)
                        changed = changed ||
                                  (stale_is_told(e, row, level) && !is_the_same(e, row, level, catalogue));
        if (changed)
                forget_all(e, "configuration-changed");
}
