/* What a check found, in plain words. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/watch/report.h"
#include "stripe/findings.h"

/* A longer list of labels is no part of a sentence; it is told beside it. */
#define LIST_MAX 400

static bool is_acknowledged(const struct engine *e, const struct incident *incident)
{
        return incident->acknowledged != 0 && incident->acknowledged_until > engine_wall(e);
}

/* How many incidents are open about the key, and acknowledged or not. */
static size_t count_open(const struct engine *e, const struct report *r, bool acknowledged)
{
        size_t n = 0;

        for (const struct incident *i = r->stored ? r->key->incidents : NULL; i; i = i->next)
                n += is_acknowledged(e, i) == acknowledged;
        return n;
}

/* "key-wrong-account (incident 7), …" behind `begin`. */
static void open_message(const struct engine *e, const struct report *r, bool acknowledged, const char *begin,
                         char *text, size_t size)
{
        const char *separator = begin;
        FILE *out = fmemopen(text, size, "w");

        text[0] = '\0';
        if (!out)
                return;
        for (const struct incident *i = r->key->incidents; i; i = i->next) {
                if (is_acknowledged(e, i) != acknowledged)
                        continue;
                fprintf(out, "%s%s (incident %" PRId64 ")", separator, incident_kind_name(i->kind), i->id);
                separator = ", ";
        }
        fputs(".", out);
        fclose(out);
        text[size - 1] = '\0';
}

/* Nothing is wrong; how much of that was asked? */
static void well_message(struct engine *e, const struct report *r, char *text, size_t size)
{
        if (count_open(e, r, true) > 0)
                open_message(e, r, true, "The key is alive; known and acknowledged: ", text, size);
        else if (r->pulse_only)
                snprintf(text, size, "The key is alive.");
        else if (!excess_is_swept(e, r->key))
                snprintf(text, size,
                         "The key is alive and grants all that its profile requires; whether it grants too "
                         "much is not known yet.");
        else
                snprintf(text, size, "All is well.");
}

static void grant_message(struct engine *e, const struct report *r, const struct findings *f,
                          enum check_outcome outcome, char *text, size_t size)
{
        if (f->n_missing > 0)
                snprintf(text, size, "STRIPE_PERMISSIONS_MISSING: the key lacks %s.", f->missing_labels);
        else if (strlen(f->excess_labels) > LIST_MAX)
                snprintf(text, size, "The key may do more than its profile needs: %zu permissions.",
                         f->n_excess);
        else if (f->n_excess > 0)
                snprintf(text, size, "The key may do more than its profile needs: %s.", f->excess_labels);
        else if (outcome == OUTCOME_UNCLEAR && f->unprobed[0])
                snprintf(text, size, "Could not tell for: %s%s.", f->unprobed,
                         f->off ? "; the account lacks a product that this belongs to" : "");
        else if (outcome == OUTCOME_UNCLEAR)
                snprintf(text, size, "Could not tell everything: not all questions were answered now.");
        else if (outcome == OUTCOME_FINDINGS)
                open_message(e, r, false, "The key is alive, but not all is well: ", text, size);
        else
                well_message(e, r, text, size);
}

static void message(struct engine *e, const struct report *r, const struct findings *f,
                    enum check_outcome outcome, char *text, size_t size)
{
        switch (r->answer) {
        case ANSWER_DEAD_EXPIRED:
                snprintf(text, size, "Stripe says that this key has expired or was revoked or rolled.");
                return;
        case ANSWER_DEAD_INVALID:
                snprintf(text, size,
                         "Stripe does not know this key: most likely a bad copy, or it was deleted.");
                return;
        case ANSWER_BLOCKED:
                snprintf(text, size,
                         "The key is alive, but Stripe does not accept it from this address; "
                         "add our address to the key's list of allowed addresses.");
                return;
        case ANSWER_ACCOUNT_REFUSED:
                snprintf(text, size, "The key is alive, but Stripe refuses requests for its account: %s",
                         r->text);
                return;
        case ANSWER_THROTTLED:
                snprintf(text, size, "Could not tell: Stripe asks us to slow down. Try again in a minute.");
                return;
        case ANSWER_FEATURE_UNROUTED:
        case ANSWER_UNCLEAR:
                snprintf(text, size, "Could not tell: %s%s",
                         r->text[0] ? r->text : "no answer that could be judged",
                         r->text[0] && strchr(".!?", r->text[strlen(r->text) - 1]) ? "" : ".");
                return;
        case ANSWER_GRANTED:
        case ANSWER_REFUSED:
        case ANSWER_FEATURE_OFF:
        case _ANSWER_MAX:
                break;
        }
        grant_message(e, r, f, outcome, text, size);
}

static enum check_outcome judge_outcome(const struct engine *e, const struct report *r,
                                        const struct findings *f)
{
        switch (r->answer) {
        case ANSWER_DEAD_EXPIRED:
        case ANSWER_DEAD_INVALID:
        case ANSWER_BLOCKED:
        case ANSWER_ACCOUNT_REFUSED:
                return OUTCOME_FINDINGS;
        case ANSWER_FEATURE_UNROUTED:
        case ANSWER_THROTTLED:
        case ANSWER_UNCLEAR:
        case _ANSWER_MAX:
                return OUTCOME_UNCLEAR;
        case ANSWER_GRANTED:
        case ANSWER_REFUSED:
        case ANSWER_FEATURE_OFF:
                break;
        }
        if (f->n_missing > 0 || f->n_excess > 0)
                return OUTCOME_FINDINGS;
        if (r->incomplete)
                return OUTCOME_UNCLEAR;
        return count_open(e, r, false) > 0 ? OUTCOME_FINDINGS : OUTCOME_WELL;
}

static char *remedy(struct engine *e, const struct report *r, enum check_outcome outcome)
{
        if (outcome != OUTCOME_FINDINGS || r->answer == ANSWER_BLOCKED || r->answer == ANSWER_ACCOUNT_REFUSED)
                return NULL;
        if (!answer_is_dead(r->answer) && r->edit_url)
                return memory_text(r->edit_url);
        return remedy_create(e, r->key);
}

void report_reason(const char *name, const char *reason, const char *warning, enum check_outcome outcome,
                   struct check_result *ret)
{
        *ret = (struct check_result){
                .name = name,
                .outcome = outcome,
                .answer = ANSWER_UNCLEAR,
                .message = reason,
                .account = "",
                .missing = "",
                .missing_labels = "",
                .excess = "",
                .excess_labels = "",
                .unprobed = "",
                .remedy_url = "",
                .warning = warning ? warning : "",
        };
}

void report_refusal(const struct report *r, const char *reason, check_done_fn done, void *userdata)
{
        struct check_result result;

        report_reason(r->key->name, reason, r->warning, OUTCOME_FINDINGS, &result);
        result.answer = r->answer;
        result.account = r->account;
        result.wrong_account = r->wrong_account;
        done(&result, userdata);
}

void report_tell(struct engine *e, const struct report *r, check_done_fn done, void *userdata)
{
        struct findings f;
        char text[1024];

        findings_make(e->parts.catalogue, key_profile(e, r->key), r->grants, key_is_live_mode(r->key), &f);
        enum check_outcome outcome = judge_outcome(e, r, &f);
        message(e, r, &f, outcome, text, sizeof(text));
        _cleanup_free_ char *url = remedy(e, r, outcome);
        struct check_result result = {
                .name = r->key->name,
                .key = r->stored ? r->key : NULL,
                .outcome = outcome,
                .answer = r->answer,
                .message = text,
                .account = r->account,
                .missing = f.missing,
                .missing_labels = f.missing_labels,
                .excess = f.excess,
                .excess_labels = f.excess_labels,
                .unprobed = answer_is_healthy(r->answer) && !r->pulse_only ? f.unprobed : "",
                .remedy_url = url ? url : "",
                .warning = r->warning ? r->warning : "",
                .stored = r->stored,
        };
        done(&result, userdata);
        findings_done(&f);
}

/* A first refusal is good enough for somebody who waits, although the watch asks twice before it alerts. */
static struct grants with_doubts(const struct engine *e, const struct key *key)
{
        struct grants grants = key->grants;
        const struct work *w = key->work;

        for (size_t i = 0; i < w->n_doubts; i++) {
                const struct doubt *d = &w->doubts[i];
                unsigned slot = e->parts.catalogue->rows[d->item.row].slot;

                grants_put(&grants, slot,
                           grant_seen(grants_get(&grants, slot), (enum level) d->item.level, d->granted));
        }
        return grants;
}

void reporters_tell(struct engine *e, struct key *key, bool incomplete)
{
        struct work *w = key->work;
        struct reporter *r = w->reporters;

        if (!r)
                return;
        struct grants grants = with_doubts(e, key);
        _cleanup_free_ char *account = engine_account(e, key), *edit_url = remedy_edit(e, key);
        struct report report = {
                .key = key,
                .grants = &grants,
                .answer = w->last_answer,
                .text = w->last_text ? w->last_text : "",
                .account = account ? account : "",
                .edit_url = edit_url,
                .warning = key->has_old ? "Its old secret is watched: it was not found dead yet." : NULL,
                .incomplete = incomplete,
                .stored = true,
        };

        w->reporters = NULL;
        while (r) {
                struct reporter *next = r->next;

                report.pulse_only = r->kind == CHECK_PULSE;
                report_tell(e, &report, r->done, r->userdata);
                free(r);
                r = next;
        }
}

int watch_check(struct engine *e, struct key *key, enum check_kind kind, check_done_fn done, void *userdata)
{
        struct reporter *r = calloc(1, sizeof(*r));

        if (!r)
                return -ENOMEM;
        *r = (struct reporter){
                .kind = kind, .done = done, .userdata = userdata, .next = key_work(key)->reporters
        };
        key->work->reporters = r;
        key->work->repeats = 0;
        series_requested(e, key, kind);
        turn_soon(e, key, engine_now(e));
        return 0;
}
