#pragma once

#include <microhttpd.h>

#include "judge.h"
#include "timers.h"

/* One HTTP request, from its first byte to the end of its answer. */
struct request {
        struct world *world;
        struct timers *timers; /* who wakes it when it sleeps */
        struct MHD_Connection *connection;
        const char *method; /* a constant */
        char *uri, *path, *query;
        struct buf body;
        struct answer answer;
        struct meter *meter; /* counts it as in flight; NULL: nobody does */
        bool seen, judged;
        uint64_t piece; /* dribbling: bytes at a time */
        usec_t interval, due;
        bool counted;
};

struct request *request_new(struct world *w, struct timers *t, const char *uri);
struct request *request_free(struct request *q);

/* All of it has arrived: have it judged, answer it or put it to sleep. */
enum MHD_Result request_finish(struct request *q);
