/* What somebody is told who asks whether all is well: the plugin's verdict, against what is open. */
#include <jansson.h>
#include <stdlib.h>

#include "base/datetime.h"
#include "cli/verdict.h"
#include "view/row.h"
#include "world.h"

static json_t *status_of(const struct world *world, const struct engine_status *s)
{
        return json_pack("{s:b,s:b,s:b,s:b,s:o,s:o,s:I,s:I,s:I,s:{s:I},s:{s:I,s:I,s:I}}", "running", 1,
                         "progresses", engine_progresses(world->sim->engine), "outage", s->outage,
                         "store_trouble", s->store_trouble, "started", time_json(s->started_wall),
                         "last_round", time_json(s->last_round_wall), "longest_pulse_seconds",
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

void said_judge(struct world *world)
{
        const struct thresholds thresholds = { .warning = 1, .critical = 1 };
        int64_t wall = world->sim->clock.wall(&world->sim->clock);
        char text[VERDICT_TEXT_MAX];
        struct engine_status status;
        size_t critical = 0, warning = 0;

        engine_flush(world->sim->engine);
        engine_status(world->sim->engine, &status);
        record_count_open(world, &critical, &warning);
        json_t *json = status_of(world, &status);
        if (!json)
                abort();
        enum verdict verdict = verdict_of(json, &thresholds, wall, text);
        json_decref(json);
        if (verdict == VERDICT_OK && critical + warning > 0)
                breach(world, LAW_OPEN_SAID,
                       "%zu critical incidents are open, %zu lesser ones, and plugin said: %s", critical,
                       warning, text);
        else if (critical > 0 && verdict != VERDICT_CRITICAL)
                breach(world, LAW_OPEN_SAID, "%zu critical incidents are open, and plugin warned only: %s",
                       critical, text);
        else if (critical + warning == 0 && verdict == VERDICT_WARNING && is_calm(&status))
                breach(world, LAW_ACK_HEARD, "nothing is open that nobody acknowledged, and plugin said: %s",
                       text);
}
