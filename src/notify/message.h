/* What receivers are sent, made of events as the feed has them (view/event.h). Pure. */
#ifndef NOTIFY_MESSAGE_H
#define NOTIFY_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/receiver.h"

/* A text member; "" if it is none. */
const char *event_text(const json_t *event, const char *name);

/* Is this for that receiver? What is cleared or told again goes where its opening went. */
bool message_wanted(const struct receiver *receiver, const json_t *event);

/* {type, timestamp, data} of the Standard Webhooks specification. The caller frees; NULL without memory. */
char *message_webhook(const json_t *event);

/* An alert of Alertmanager's API v2 without its end; NULL without memory. Whatever is told of one incident
 * has the same labels, for these are what an alert is known by. */
json_t *message_alert(const json_t *event);

/* The mail about these, headers and all. */
void message_mail(FILE *to, const char *address, const json_t *events);

/* An event of our own: an id that no other has, a kind, what is said. NULL without memory. */
json_t *message_event(const char *id, const char *kind, const char *cleared, int priority, int64_t at,
                      const char *sentence);

#endif
