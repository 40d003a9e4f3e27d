#include "schedule.h"

#include <stdlib.h>

#include "buf.h"

void schedule_add(struct schedule *s, usec_t due, json_t *change)
{
        struct scheduled **at = &s->first, *new = xcalloc(1, sizeof(*new));

        while (*at && (*at)->due <= due)
                at = &(*at)->next;
        *new = (struct scheduled){ .due = due, .change = json_incref(change), .next = *at };
        *at = new;
}

usec_t schedule_next(const struct schedule *s)
{
        return s->first ? s->first->due : UINT64_MAX;
}

json_t *schedule_take(struct schedule *s, usec_t now)
{
        struct scheduled *first = s->first;

        if (!first || first->due > now)
                return NULL;

        json_t *change = first->change;

        s->first = first->next;
        free(first);
        return change;
}

void schedule_clear(struct schedule *s)
{
        json_t *change;

        while ((change = schedule_take(s, UINT64_MAX)))
                json_decref(change);
}
