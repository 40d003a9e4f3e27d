/* Catalogue rows whose endpoint seems to be retired: answers of the provider's shape that prove nothing, on
 * several accounts. One incident for the catalogue; no key changes its state for it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"

#define ACCOUNTS_MIN 3

struct suspicion {
        int64_t accounts[ACCOUNTS_MIN]; /* account id, or minus the key id where it is not known */
        size_t n;
        bool told;
};

struct stale {
        struct suspicion rows[SLOTS_MAX][2]; /* by slot, then read, write */
};

int stale_new(struct engine *e)
{
        e->stale = calloc(1, sizeof(*e->stale));
        return e->stale ? 0 : -ENOMEM;
}

void stale_free(struct engine *e)
{
        free(e->stale);
        e->stale = NULL;
}

static void tell(struct engine *e, unsigned row, enum level level)
{
        const struct permission *p = &e->parts.catalogue->rows[row];
        char detail[128];

        snprintf(detail, sizeof(detail), "%s_%s", p->name, level_name(level));
        struct incident *open = incident_find(e, NULL, INCIDENT_CATALOGUE_STALE);
        struct notice n = { .kind = INCIDENT_CATALOGUE_STALE,
                            .detail = detail,
                            .count = MIN((size_t) ACCOUNTS_MIN, e->n_keys),
                            .has_count = true };

        if (!open)
                incident_open(e, NULL, &n, engine_wall(e));
        else if (!strstr(open->detail, detail)) {
                /* A wrong API version spoils every row: that is still one trouble, told once. */
                size_t size = strlen(open->detail) + strlen(detail) + 2;
                char *both = malloc(size);

                if (!both)
                        abort();
                snprintf(both, size, "%s %s", open->detail, detail);
                free(open->detail);
                open->detail = both;
                batch_incident(recorder_batch(e), open);
        }
}

static void forget(struct engine *e, struct suspicion *s)
{
        *s = (struct suspicion){ 0 };
        for (size_t slot = 0; slot < SLOTS_MAX; slot++)
                if (e->stale->rows[slot][0].told || e->stale->rows[slot][1].told)
                        return;
        incident_clear(e, NULL, incident_find(e, NULL, INCIDENT_CATALOGUE_STALE), "answers-again");
}

void stale_seen(struct engine *e, const struct key *key, unsigned row, enum level level, bool stale,
                enum answer answer)
{
        struct suspicion *s;
        int64_t account = key->account_id ? key->account_id : -key->id;

        if (row == ROW_NONE)
                return;
        s = &e->stale->rows[e->parts.catalogue->rows[row].slot][level == LEVEL_WRITE];
        if (!stale) {
                if (s->n > 0 && answer == ANSWER_GRANTED)
                        forget(e, s);
                return;
        }
        for (size_t i = 0; i < s->n; i++)
                if (s->accounts[i] == account)
                        return;
        if (s->n < ACCOUNTS_MIN)
                s->accounts[s->n++] = account;
        /* A small fleet has no three accounts. */
        if (s->n >= MIN((size_t) ACCOUNTS_MIN, e->n_keys) && !s->told) {
                s->told = true;
                tell(e, row, level);
        }
}
