/* What somebody is told who asks whether all is well: the plugin's verdict, against what is open. */
#include <jansson.h>
#include <stdlib.h>

#include "cli/verdict.h"
#include "world.h"

static json_t *status_of(const struct world *world, const struct engine_status *s)
{
        json_t *age = s->round_age_seconds < 0 ? json_null() : json_integer(s->round_age_seconds);

        return json_pack("{s:b,s:b,s:b,s:b,s:o,s:I,s:I,s:I,s:{s:I},s:{s:I,s:I,s:I}}", "running", 1,
                         "progresses", engine_progresses(world->sim->engine), "outage", s->outage,
                         "store_trouble", s->store_trouble, "round_age_seconds", age, "longest_pulse_seconds",
                         (json_int_t) s->longest_pulse_seconds, "keys", (json_int_t) s->keys, "overdue",
                         (json_int_t) s->overdue, "states", "unreadable",
                         (json_int_t) s->by_state[STATE_UNREADABLE], "incidents", "critical",
                         (json_int_t) s->incidents.critical, "warning", (json_int_t) s->incidents.warning,
                         "acknowledged", (json_int_t) s->incidents.acknowledged);
}

/* Nothing but incidents could alarm anybody. */
static bool is_calm(const struct engine_status *s)
{
        return !s->outage && !s->store_trouble && s->overdue == 0 && s->by_state[STATE_UNREADABLE] == 0;
}

static enum verdict say(const struct world *world, const struct engine_status *status, bool watch_only,
                        char text[static VERDICT_TEXT_MAX])
{
        const struct thresholds thresholds = { .warning = 1, .critical = 1, .watch_only = watch_only };
        json_t *json = status_of(world, status);

        if (!json)
                abort();
        enum verdict verdict = verdict_of(json, &thresholds, text);
        json_decref(json);
        return verdict;
}

void said_watch(struct world *world)
{
        char text[VERDICT_TEXT_MAX];
        struct engine_status status;

        engine_status(world->sim->engine, &status);
        if (say(world, &status, true, text) != VERDICT_OK)
                breach(world, LAW_SILENT, "the watching timer would have said: %s", text);
}

void said_judge(struct world *world)
{
        char text[VERDICT_TEXT_MAX];
        struct engine_status status;
        size_t critical = 0, warning = 0;

        engine_flush(world->sim->engine);
        engine_status(world->sim->engine, &status);
        record_count_open(world, &critical, &warning);
        enum verdict verdict = say(world, &status, false, text);

        if (verdict == VERDICT_OK && critical + warning > 0)
                breach(world, LAW_OPEN_SAID,
                       "%zu critical incidents are open, %zu lesser ones, and plugin said: %s", critical,
                       warning, text);
        else if (critical > 0 && verdict != VERDICT_CRITICAL)
                breach(world, LAW_OPEN_SAID, "%zu critical incidents are open, and plugin warned only: %s",
                       critical, text);
        else if (critical + warning == 0 && verdict != VERDICT_OK && is_calm(&status))
                breach(world, LAW_ACK_HEARD, "nothing is open that nobody acknowledged, and plugin said: %s",
                       text);
}
