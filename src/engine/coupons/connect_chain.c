/* The checks that go through the coupons first: who waits is told once, with both results. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/coupons/connect.h"
#include "engine/watch/report.h"

static struct chain *chain_free(struct chain *chain)
{
        if (!chain)
                return NULL;
        agenda_clear(chain->engine->agenda, &chain->next);
        LIST_REMOVE(chain, in_sweep);
        free(chain->warning);
        return mfree(chain);
}

/* The check's own findings come first; then what became of the coupons. */
static void chain_on_checked(const struct check_result *result, void *userdata)
{
        struct chain *chain = userdata;
        struct check_result told = *result;
        _cleanup_free_ char *both = NULL;

        if (told.outcome == OUTCOME_WELL) {
                told.outcome = chain->outcome;
                told.message = chain->text;
        } else if (asprintf(&both, "%s %s", told.message, chain->text) >= 0) {
                told.message = both;
        }
        told.stored = told.stored || chain->added;
        if (chain->warning && !*told.warning)
                told.warning = chain->warning;
        chain->done(&told, chain->userdata);
        chain_free(chain);
}

void chain_gone(struct chain *chain, const char *why_not)
{
        struct check_result result;

        report_reason(chain->name, why_not, chain->warning, OUTCOME_UNCLEAR, &result);
        chain->done(&result, chain->userdata);
        chain_free(chain);
}

/* The coupons are through. */
void chain_check(struct chain *chain)
{
        struct engine *e = chain->engine;
        struct key *key = engine_named(e, chain->name);

        if (!key)
                chain_gone(chain, "The key was removed meanwhile.");
        else if (watch_check(e, key, CHECK_FULL, chain_on_checked, chain) < 0)
                chain_gone(chain, "The key could not be checked.");
}

static void chain_on_swept(const struct sweep_result *result, void *userdata)
{
        struct chain *chain = userdata;
        size_t deleted = 0, kept = 0;

        for (size_t i = 0; i < result->n; i++) {
                const struct sweep_finding *f = &result->findings[i];

                deleted += f->state == COUPON_DELETED;
                kept += f->state == COUPON_STUCK || (f->state == COUPON_KEPT && f->why != RAIL_TOO_YOUNG);
        }
        chain->outcome = result->failed > 0                ? OUTCOME_UNCLEAR
                         : result->lacking > 0 || kept > 0 ? OUTCOME_FINDINGS
                                                           : OUTCOME_WELL;
        if (result->lacking > 0)
                snprintf(chain->text, sizeof(chain->text), "The coupons could not be swept: %s.",
                         result->lack);
        else if (result->failed > 0)
                snprintf(chain->text, sizeof(chain->text), "The coupons could not be swept: %s.",
                         result->message);
        else if (deleted + kept == 0)
                snprintf(chain->text, sizeof(chain->text), "No probe coupon was left behind.");
        else
                snprintf(chain->text, sizeof(chain->text),
                         "Left-over probe coupons, which are harmless: %zu deleted, %zu kept ('keyvigil "
                         "coupons' says why).",
                         deleted, kept);
        chain_check(chain);
}

static void chain_sweep(struct chain *chain)
{
        struct sweep_request request = { .name = chain->name };
        char *why_not = NULL;

        if (engine_sweep(chain->engine, &request, chain_on_swept, chain, &why_not) < 0) {
                chain->outcome = OUTCOME_UNCLEAR;
                snprintf(chain->text, sizeof(chain->text), "The coupons were not swept. %s",
                         why_not ? why_not : "");
                chain_check(chain);
        }
        free(why_not);
}

static void chain_on_alarm(struct alarm *alarm, void *userdata)
{
        struct chain *chain = CONTAINER_OF(alarm, struct chain, next);

        (void) userdata;
        if (chain->kind == CHECK_COUPONS)
                chain_sweep(chain);
        else
                connect_start(chain);
}

static struct chain *chain_new(struct engine *e, const char *name, check_done_fn done, void *userdata)
{
        struct chain *chain = calloc(1, sizeof(*chain));

        if (!chain)
                return NULL;
        chain->engine = e;
        chain->next.ring = chain_on_alarm;
        chain->kind = CHECK_CONNECT;
        chain->done = done;
        chain->userdata = userdata;
        snprintf(chain->name, sizeof(chain->name), "%s", name);
        LIST_INSERT_HEAD(&e->sweep->chains, chain, in_sweep);
        return chain;
}

static void chain_on_added(const struct check_result *result, void *userdata)
{
        struct chain *chain = userdata;

        if (!result->stored) {
                chain->done(result, chain->userdata);
                chain_free(chain);
                return;
        }
        chain->added = true;
        chain->warning = *result->warning ? strdup(result->warning) : NULL;
        agenda_set(chain->engine->agenda, &chain->next, engine_now(chain->engine));
}

int connect_check(struct engine *e, struct key *key, enum check_kind kind, check_done_fn done, void *userdata,
                  char **ret_why)
{
        int r = kind == CHECK_CONNECT ? recorder_writable(e, ret_why) : 0;
        struct chain *chain = r < 0 ? NULL : chain_new(e, key->name, done, userdata);

        if (!chain)
                return r < 0 ? r : -ENOMEM;
        chain->kind = kind;
        agenda_set(e->agenda, &chain->next, engine_now(e));
        return 0;
}

int connect_wrap(struct engine *e, const char *name, check_done_fn *done, void **userdata)
{
        struct chain *chain = chain_new(e, name, *done, *userdata);

        if (!chain)
                return -ENOMEM;
        *done = chain_on_added;
        *userdata = chain;
        return 0;
}

void chains_free(struct engine *e)
{
        struct chain *chain;

        while ((chain = LIST_FIRST(&e->sweep->chains)))
                chain_free(chain);
}
