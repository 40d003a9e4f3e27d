/* One request under way, and the ways to answer it. A route's function answers with exactly one reply_…(), at
 * once or, after visit_wait(), later from the loop. Without memory the connection is dropped. */
#ifndef CONTROL_VISIT_H
#define CONTROL_VISIT_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/secret.h"
#include "control/control.h"
#include "control/route.h"

/* Longer than any key; what is longer is none. */
#define BODY_SECRET_MAX 512

/* Of a text: some ten thousand ids. */
#define BODY_TEXT_MAX ((size_t) 1 << 20)

/* Of an import as a whole: a million keys with labels. */
#define BODY_LINES_MAX ((size_t) 512 << 20)

struct import;

struct visit {
        struct control *control;
        struct server *server;
        const struct control_parts *parts;
        struct MHD_Connection *connection;
        const struct route *route;
        char argument[ROUTE_ARGUMENT_MAX];
        uid_t uid; /* who asks; (uid_t) -1 if the kernel would not say */

        struct secret *body; /* BODY_SECRET, BODY_TEXT: room for …_MAX; NULL otherwise */
        size_t body_size;    /* bytes that came, of any kind of body */
        struct import *import;

        bool waits;                    /* suspended: a reply comes later */
        bool rests;                    /* suspended: its import has more than one turn is long enough for */
        bool answered;                 /* it is known what to send, or that there is no memory for it */
        struct MHD_Response *response; /* what will be sent, once it is known; NULL: nothing */
        unsigned status;

        struct visit *previous, *next; /* of the same control socket */
};

/* The reply comes later. */
void visit_wait(struct visit *visit);

/* `body` is taken over; NULL (no memory) drops the connection. */
void reply_json(struct visit *visit, unsigned status, json_t *body);

/* application/problem+json with that code, which programs may rely on, and the sentence as its detail. */
void reply_error(struct visit *visit, unsigned status, const char *code, const char *format, ...)
        _printf_(4, 5);

/* The same, with the members of `found` beside: what was found out. `found` is taken over. */
void reply_problem(struct visit *visit, unsigned status, const char *code, json_t *found, const char *format,
                   ...) _printf_(5, 6);

/* The same for a failed call into engine/ or store/: the status that fits -errno, and its line for people
 * (`why`, may be NULL). */
void reply_failure(struct visit *visit, int error, const char *why);

/* A body that is made as it is sent: the reader, its state and the state's destructor, called in any case. */
void reply_stream(struct visit *visit, MHD_ContentReaderCallback reader, void *state,
                  MHD_ContentReaderFreeCallback free_state);

/* A parameter of the query; NULL if it was not given. */
const char *parameter(const struct visit *visit, const char *name);

/* Given as "1", "true", "yes" or without a value: true. -EINVAL: answered already. */
int parameter_flag(struct visit *visit, const char *name, bool *ret);

/* A date; `otherwise` if it was not given. -EINVAL: answered already. */
int parameter_date(struct visit *visit, const char *name, int64_t otherwise, int64_t *ret);

/* A number from `min` to `max`. -EINVAL: answered already. */
int parameter_number(struct visit *visit, const char *name, int64_t min, int64_t max, int64_t otherwise,
                     int64_t *ret);

/* "kind": a bit for each enum incident_kind that is named, with commas between; UINT64_MAX if it was not
 * given. -EINVAL, -ENOMEM: answered already. */
int parameter_kinds(struct visit *visit, uint64_t *ret);

/* The stored key that the argument names, or NULL: answered already. */
const struct key *visit_key(struct visit *visit);

/* The words of a body of BODY_TEXT; NULL: no memory. The caller frees the array, not what is in it. */
const char **visit_words(struct visit *visit, size_t *ret_n);

/* The secret that came as body, without blanks and newlines around it, or NULL: answered already. The caller
 * frees. */
struct secret *visit_secret(struct visit *visit);

#endif
