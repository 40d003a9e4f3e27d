/* One account being swept: begun, asked about step by step, ended. */
#include <stdlib.h>
#include <string.h>

#include "engine/coupons/sweep_order.h"
#include "engine/coupons/sweep_steps.h"

#define REPEATS_MAX 8

struct sweep_job *sweep_job_of(struct engine *e, const struct ledger_owner *owner)
{
        struct sweep_job *job;

        LIST_FOREACH(job, &e->sweep->jobs, in_sweep)
                if (owner_equal(&job->owner, owner))
                        return job;
        return NULL;
}

static void job_on_again(struct alarm *alarm, void *userdata)
{
        struct sweep_job *job = CONTAINER_OF(alarm, struct sweep_job, again);
        const char *hindered = sweep_hindered(userdata, job->key);

        if (hindered)
                sweep_job_end(job, hindered);
        else
                job->step(job);
}

struct sweep_job *sweep_job_new(struct engine *e, struct key *key)
{
        struct sweep_job *job = calloc(1, sizeof(*job));

        if (!job)
                return NULL;
        job->engine = e;
        job->key = key;
        job->owner = owner_of(key);
        job->again.ring = job_on_again;
        LIST_INSERT_HEAD(&e->sweep->jobs, job, in_sweep);
        e->sweep->n_jobs++;
        return job;
}

void sweep_job_free(struct sweep_job *job)
{
        struct engine *e = job->engine;

        ask_cancel(e, job->ask);
        agenda_clear(e->agenda, &job->again);
        LIST_REMOVE(job, in_sweep);
        e->sweep->n_jobs--;
        for (size_t i = 0; i < job->n_found; i++)
                free(job->found[i].id);
        for (size_t i = 0; i < job->n_rows; i++)
                ledger_row_free(job->rows[i].row);
        free(job->found);
        free(job->rows);
        free(job->cursor);
        free(job);
}

void sweep_job_end(struct sweep_job *job, const char *why)
{
        sweep_resume_save(job);
        sweep_settle(job);
        job->engine->figures.sweeps++;
        if (job->order)
                sweep_order_ended(job, why);
        sweep_job_free(job);
}

void sweep_then(struct sweep_job *job, sweep_step_fn step, usec_t when)
{
        job->step = step;
        agenda_set(job->engine->agenda, &job->again, when);
}

void sweep_repeat(struct sweep_job *job, sweep_step_fn step)
{
        if (job->repeats >= REPEATS_MAX)
                sweep_job_end(job, "no answer that could be judged; it is tried again with the next scan");
        else
                sweep_then(job, step, engine_now(job->engine) + schedule_repeat(job->repeats++));
}

enum sweep_verdict sweep_verdict(const struct judgement *j)
{
        switch (j->answer) {
        case ANSWER_GRANTED:
                if (j->status >= 200 && j->status < 300)
                        return SWEEP_ANSWER;
                return strcmp(j->code, "resource_missing") == 0 ? SWEEP_MISSING : SWEEP_REFUSED;
        case ANSWER_REFUSED:
        case ANSWER_FEATURE_OFF:
        case ANSWER_FEATURE_UNROUTED:
                return SWEEP_REFUSED;
        case ANSWER_DEAD_EXPIRED:
        case ANSWER_DEAD_INVALID:
        case ANSWER_BLOCKED:
        case ANSWER_ACCOUNT_REFUSED:
                return SWEEP_KEY;
        case ANSWER_THROTTLED:
                return SWEEP_UNCLEAR;
        case ANSWER_UNCLEAR:
        case _ANSWER_MAX:
                break;
        }
        /* A well-formed error that is on no list of ours: the provider will not do it. */
        return j->stale_probe ? SWEEP_REFUSED : SWEEP_UNCLEAR;
}

void sweep_ask(struct sweep_job *job, enum method method, char *path, ask_done_fn done)
{
        struct ask *ask = ask_path(job->engine, job->key, method, path);

        if (!ask) {
                sweep_job_end(job, "out of memory");
                return;
        }
        ask->row = ROW_NONE;
        ask->done = done;
        ask->userdata = job;
        ask->body_max = BODY_MAX_LIST;
        ask->allowed = method == METHOD_DELETE ? sweep_may_delete : NULL;
        job->ask = ask;
        if (method == METHOD_GET)
                job->scan.reads++;
        ask_submit(job->engine, ask);
}

bool sweep_answered(struct sweep_job *job, const struct judgement *j)
{
        struct engine *e = job->engine;
        const char *hindered;

        job->ask = NULL;
        if (sweep_verdict(j) == SWEEP_KEY) {
                turn_soon(e, job->key, engine_now(e));
                sweep_job_end(job, "Stripe did not accept the key; that is looked into first");
                return false;
        }
        hindered = sweep_hindered(e, job->key);
        if (hindered)
                sweep_job_end(job, hindered);
        return !hindered;
}
