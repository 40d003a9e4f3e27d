/* A pause without a date is easily forgotten: nobody watches the key. As long as there are such, a note says
 * so each week. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "engine/watch/watch.h"
#include "model/silence.h"

/* In the store's meta: when it was noted last, on the schedule's own line. */
#define META_NAME "paused.noted"

static int64_t noted(struct engine *e)
{
        _cleanup_free_ char *text = NULL;
        int64_t wall;

        if (store_meta_get(e->parts.store, META_NAME, &text) < 0 ||
            number_parse(text, 0, INT64_MAX, &wall) < 0)
                return 0;
        return wall;
}

static void note_at(struct engine *e, int64_t wall)
{
        char text[24];

        snprintf(text, sizeof(text), "%" PRId64, wall);
        batch_meta(recorder_batch(e), META_NAME, text);
        recorder_changed(e, false);
}

void paused_review(struct engine *e, size_t n)
{
        int64_t wall = engine_steady_wall(e), last = noted(e);
        struct notice notice = {
                .kind = INCIDENT_OPERATOR_ACTION,
                .action = "paused",
                .count = n,
                .detail = "without an end: nobody watches them until 'keyvigil resume'",
        };

        if (n == 0) {
                if (last != 0)
                        note_at(e, 0);
        } else if (last == 0 || last > wall) {
                note_at(e, wall);
        } else if (wall - last >= SILENCE_PAUSED_MAX) {
                event_emit(e, NULL, &notice, wall);
                note_at(e, wall);
        }
}
