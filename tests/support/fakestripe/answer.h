#pragma once

#include <stdint.h>

#include "buf.h"

/* What a request did to the world; told in the log. */
#define EFFECTS(X)                                                                                           \
        X(NONE, "none")                                                                                      \
        X(READ, "read")                                                                                      \
        X(CREATED, "created")                                                                                \
        X(CHANGED, "changed")                                                                                \
        X(DELETED, "deleted")

enum effect {
#define X(id, name) EFFECT_##id,
        EFFECTS(X)
#undef X
};

const char *effect_name(enum effect effect);

/* How the answer travels. */
enum delivery {
        DELIVERY_WHOLE,
        DELIVERY_LATE,     /* after `seconds` */
        DELIVERY_DRIBBLED, /* the body over `seconds` */
        DELIVERY_CLOSED,   /* connection closed instead */
        DELIVERY_HUNG,     /* connection closed after `seconds` without a byte */
        DELIVERY_CUT,      /* connection closed after `bytes` of status line, headers, body */
        DELIVERY_BODY_CUT, /* connection closed after `bytes` of the body */
};

enum { ANSWER_HEADERS = 24 };

struct answer {
        int status;
        const char *content_type; /* a constant; NULL: application/json */
        struct buf body;
        struct answer_header {
                char *name, *value;
        } headers[ANSWER_HEADERS];
        unsigned headers_count;
        enum effect effect;
        enum delivery delivery;
        double seconds;
        uint64_t bytes;
        uint64_t padding; /* so many blanks more behind the body */
};

/* Fields that are NULL are left out, as the provider does; `type` is then invalid_request_error. */
struct error {
        const char *type, *code, *doc, *param, *log_url;
        const char *message;
};

void answer_error(struct answer *a, int status, const struct error *e);

/* An error with a composed message. */
void answer_refuse(struct answer *a, int status, const char *code, const char *param, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

/* Replaces a header of that name; an empty value removes it. */
void answer_header(struct answer *a, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Forgets status, body and effect; keeps the headers. */
void answer_reset(struct answer *a);
void answer_clear(struct answer *a);
