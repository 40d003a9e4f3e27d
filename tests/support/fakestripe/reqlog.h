#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "answer.h"
#include "clock.h"

/* What was asked: the last REQLOG_KEPT requests in memory and, if wanted, all as JSON lines in a file.
 * Keys appear as a fingerprint only. */
enum { REQLOG_KEPT = 1 << 17 };

struct reqlog_entry {
        uint64_t number; /* from 1, never reused */
        int64_t wall;    /* by our clock */
        usec_t at;
        const char *method;  /* a constant */
        char *path;          /* with the query */
        const char *account; /* outlives the log; NULL: key not known */
        int live;
        uint64_t key;
        uint64_t connection; /* number of the connection on which it came */
        int status;          /* 0: no answer */
        size_t bytes;
        char *user_agent, *version;
        enum effect effect;
        const char *fault; /* a constant; NULL: none */
};

struct reqlog {
        struct reqlog_entry *ring;
        uint64_t next;  /* number of the next entry - 1 */
        uint64_t first; /* numbers up to here are forgotten */
        FILE *file;     /* owned; NULL: none */
};

/* Takes the strings of the entry; gives it its number. */
void reqlog_add(struct reqlog *l, struct reqlog_entry *e);
const struct reqlog_entry *reqlog_get(const struct reqlog *l, uint64_t number); /* NULL: not there any more */
void reqlog_write(const struct reqlog_entry *e, struct buf *out);               /* one line of JSON */
void reqlog_forget(struct reqlog *l);
void reqlog_clear(struct reqlog *l);
