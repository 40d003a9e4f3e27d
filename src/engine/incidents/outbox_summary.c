/* More than there is room for in a minute: counted by kind, and told in one entry. */
#include <stdio.h>

#include "engine/incidents/outbox_internal.h"

void outbox_leave_out(struct engine *e, struct queued_events *events, struct leftover *left)
{
        struct queued_event *queued, *next;

        for (queued = TAILQ_FIRST(events); queued && queued->committed; queued = next) {
                next = TAILQ_NEXT(queued, next);
                if (queued->event->kind == INCIDENT_JOURNAL_SUMMARY)
                        continue;
                left->counts[queued->event->kind]++;
                if (left->n++ == 0 || queued->event->at_wall < left->since)
                        left->since = queued->event->at_wall;
                queued_event_done(e, events, queued, SEND_SUMMARISED); /* SILENCE_CROWD_MAX */
        }
        for (int kind = 0; kind < _INCIDENT_KIND_MAX; kind++) {
                if (left->counts[kind] > 0 && left->used < sizeof(left->words))
                        left->used +=
                                (size_t) snprintf(left->words + left->used, sizeof(left->words) - left->used,
                                                  "%s%u %s", left->used ? ", " : "", left->counts[kind],
                                                  incident_kind_name((enum incident_kind) kind));
                left->counts[kind] = 0;
        }
}

void outbox_tell_left_out(struct engine *e, const struct leftover *left)
{
        struct notice notice = {
                .kind = INCIDENT_JOURNAL_SUMMARY,
                .count = left->n,
                .has_count = true,
                .since = left->since,
                .detail = left->words,
        };

        if (left->n > 0)
                event_emit(e, NULL, &notice, engine_wall(e));
}
