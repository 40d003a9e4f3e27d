/* An event as JSON: the journal entry, and what programs want to know of it without taking it apart. */
#ifndef VIEW_EVENT_H
#define VIEW_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "model/incident.h"

#define CURSOR_MAX 32

/* Where a reader is: behind the event `seq` of that epoch. Gives `text`. */
const char *cursor_format(uint32_t epoch, int64_t seq, char text[static CURSOR_MAX]);

/* -EINVAL: never was a cursor. */
int cursor_parse(const char *text, uint32_t *ret_epoch, int64_t *ret_seq);

/* `parent`: the incident under which that of the event is listed; 0: none. NULL without memory. */
json_t *event_json(const struct event *event, uint32_t epoch, int64_t parent);

#endif
