/* Incidents as people read them: the worst first, those of one kind together. Within web/ only. */
#ifndef WEB_CARDS_H
#define WEB_CARDS_H

#include <jansson.h>
#include <stdio.h>

/* Open ones. `total`: how many there are in all. */
void cards_open(FILE *to, const json_t *incidents, long long total);

/* As a plain list, as they come; nothing if there are none. */
void cards_list(FILE *to, const char *title, const json_t *incidents);

#endif
