#include "engine/incidents/tally.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/memory.h"

/* So many decide about the threshold; more change nothing. */
#define ASKED_MAX (10 * TALLY_THRESHOLD_MAX)

/* An account that counted, and in which group it is: that of this number, or none. */
struct counted {
        int64_t account;
        usec_t when;
        uint32_t group;
        TAILQ_ENTRY(counted) by_time;
};

struct tally {
        void *counted; /* tree, by account */
        TAILQ_HEAD(, counted) by_time;
        struct counted *recent[TALLY_THRESHOLD_MAX]; /* the latest that are in no group, a ring */
        size_t next_recent;

        usec_t begun, newest,
                window; /* the first suspicion of this burst (0: there was none), the last of it */
        struct {
                int64_t account;
                usec_t when;
        } asked[ASKED_MAX]; /* those who were asked last */

        uint32_t group; /* number of the last one; 0: there was none yet */
        bool open;
        usec_t opened, last_joined;
        size_t threshold;                       /* of the open group */
        usec_t joined[TALLY_THRESHOLD_MAX / 2]; /* when the latest joined, a ring; 0: nobody */
        size_t next_joined;
        uint32_t n;
};

int tally_new(struct tally **ret)
{
        struct tally *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        TAILQ_INIT(&t->by_time);
        *ret = t;
        return 0;
}

struct tally *tally_free(struct tally *t)
{
        if (t)
                tdestroy(t->counted, free);
        return mfree(t);
}

/* --- accounts --- */

static int tally_compare(const void *left, const void *right)
{
        int64_t a = ((const struct counted *) left)->account, b = ((const struct counted *) right)->account;

        return (a > b) - (a < b);
}

static struct counted *tally_find(const struct tally *t, int64_t account)
{
        struct counted wanted = { .account = account };
        struct counted **found = (void *) tfind(&wanted, &t->counted, tally_compare);

        return found ? *found : NULL;
}

static void tally_forget(struct tally *t, struct counted *c)
{
        for (size_t i = 0; i < TALLY_THRESHOLD_MAX; i++)
                if (t->recent[i] == c)
                        t->recent[i] = NULL;
        TAILQ_REMOVE(&t->by_time, c, by_time);
        tdelete(c, &t->counted, tally_compare);
        free(c);
}

static void tally_forget_old(struct tally *t, usec_t now)
{
        struct counted *c;

        while ((c = TAILQ_FIRST(&t->by_time)) && now - c->when >= TALLY_ONCE)
                tally_forget(t, c);
}

static struct counted *counted_new(struct tally *t, int64_t account, usec_t now)
{
        struct counted *c = memory_sure(calloc(1, sizeof(*c)));

        c->account = account;
        c->when = now;
        memory_sure(tsearch(c, &t->counted, tally_compare));
        TAILQ_INSERT_TAIL(&t->by_time, c, by_time);
        return c;
}

/* --- how many --- */

static bool is_recent(const struct counted *c, usec_t now, usec_t window)
{
        return c && now - c->when < window;
}

static size_t count_recent(const struct tally *t, usec_t now, usec_t window)
{
        size_t n = 0;

        for (size_t i = 0; i < TALLY_THRESHOLD_MAX; i++)
                n += is_recent(t->recent[i], now, window);
        return n;
}

/* When the first of those happened that count together now. */
static usec_t tally_first(const struct tally *t, usec_t now, usec_t window)
{
        usec_t when = t->begun && now - t->begun < window ? t->begun : now;

        for (size_t i = 0; i < TALLY_THRESHOLD_MAX; i++)
                if (is_recent(t->recent[i], now, window))
                        when = MIN(when, t->recent[i]->when);
        return when;
}

static size_t tally_threshold(const struct tally *t, usec_t now, usec_t window)
{
        usec_t since = tally_first(t, now, window);
        size_t n = 0;

        for (size_t i = 0; i < ASKED_MAX; i++)
                n += t->asked[i].when && t->asked[i].when >= since;
        n = (n + 9) / 10;
        return MIN(MAX(n, (size_t) TALLY_THRESHOLD_MIN), (size_t) TALLY_THRESHOLD_MAX);
}

void tally_begin(struct tally *t, usec_t now, usec_t window)
{
        if (!t->begun || now - t->begun >= window)
                t->begun = now;
        t->newest = now;
        t->window = window;
}

void tally_asked(struct tally *t, int64_t account, usec_t now)
{
        size_t slot = 0;

        if (!t->begun || now - t->newest >= t->window)
                return;
        for (size_t i = 0; i < ASKED_MAX; i++) {
                if (t->asked[i].when && t->asked[i].account == account) {
                        slot = i;
                        break;
                }
                if (t->asked[i].when < t->asked[slot].when)
                        slot = i;
        }
        t->asked[slot].account = account;
        t->asked[slot].when = now;
}

/* --- the group --- */

static bool is_joinable(const struct tally *t, usec_t now)
{
        size_t n = 0;

        if (!t->open || now - t->opened > TALLY_JOINING_MAX)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(t->joined); i++)
                n += t->joined[i] && now - t->joined[i] <= TALLY_QUIET;
        return 2 * n >= t->threshold;
}

static void tally_join(struct tally *t, struct counted *c, usec_t now)
{
        c->group = t->group;
        t->n++;
        t->last_joined = MAX(t->last_joined, now);
        t->joined[t->next_joined] = now;
        t->next_joined = (t->next_joined + 1) % ELEMENTSOF(t->joined);
}

static void group_begin(struct tally *t, usec_t now, size_t of)
{
        t->group++;
        t->open = true;
        t->opened = t->last_joined = now;
        t->threshold = of;
        t->n = 0;
        for (size_t i = 0; i < ELEMENTSOF(t->joined); i++)
                t->joined[i] = 0;
}

static void join_recent(struct tally *t, usec_t now, usec_t window)
{
        for (size_t i = 0; i < TALLY_THRESHOLD_MAX; i++) {
                if (is_recent(t->recent[i], now, window))
                        tally_join(t, t->recent[i], now);
                t->recent[i] = NULL;
        }
}

static void tally_remember(struct tally *t, struct counted *c)
{
        t->recent[t->next_recent] = c;
        t->next_recent = (t->next_recent + 1) % TALLY_THRESHOLD_MAX;
}

bool tally_would_open(const struct tally *t, size_t more, usec_t now, usec_t window)
{
        return count_recent(t, now, window) + more >= tally_threshold(t, now, window);
}

enum tally_verdict tally_would(const struct tally *t, int64_t account, usec_t now, usec_t window)
{
        const struct counted *c = tally_find(t, account);

        if (t->open && c && c->group == t->group && now - t->opened <= TALLY_JOINING_MAX)
                return TALLY_AGAIN;
        if (c && now - c->when < TALLY_ONCE)
                return TALLY_ALONE;
        if (is_joinable(t, now))
                return TALLY_JOINED;
        return tally_would_open(t, 1, now, window) ? TALLY_OPENED : TALLY_ALONE;
}

enum tally_verdict tally_add(struct tally *t, int64_t account, usec_t now, usec_t window)
{
        tally_forget_old(t, now);
        tally_begin(t, now, window);
        tally_asked(t, account, now);
        enum tally_verdict verdict = tally_would(t, account, now, window);
        if (tally_find(t, account)) /* it counted already */
                return verdict;

        struct counted *c = counted_new(t, account, now);
        switch (verdict) {
        case TALLY_JOINED:
                tally_join(t, c, now);
                break;
        case TALLY_OPENED:
                tally_remember(t, c);
                group_begin(t, now, tally_threshold(t, now, window));
                join_recent(t, now, window);
                break;
        case TALLY_ALONE:
        case TALLY_AGAIN:
                tally_remember(t, c);
                break;
        }
        return verdict;
}

uint32_t tally_count(const struct tally *t)
{
        return t->open ? t->n : 0;
}

usec_t tally_ends(const struct tally *t)
{
        return t->open ? t->last_joined + TALLY_QUIET : 0;
}

void tally_end(struct tally *t)
{
        t->open = false;
}

bool tally_is_idle(struct tally *t, usec_t now)
{
        tally_forget_old(t, now);
        return !t->open && TAILQ_EMPTY(&t->by_time);
}

/* --- after a restart --- */

void tally_reopen(struct tally *t, usec_t opened)
{
        group_begin(t, opened, TALLY_THRESHOLD_MIN);
}

void tally_at_least(struct tally *t, uint32_t count)
{
        t->n = MAX(t->n, count);
}

void tally_restore(struct tally *t, int64_t account, usec_t when, bool in_group, usec_t window)
{
        struct counted *c = tally_find(t, account);

        tally_begin(t, when, window);
        if (!c)
                c = counted_new(t, account, when);
        if (in_group && t->open && c->group != t->group)
                tally_join(t, c, when);
        else if (!in_group && c->when == when)
                tally_remember(t, c);
}
