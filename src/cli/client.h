/* Requests to the daemon's control socket. They wait for the answer, however long it takes. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>
#include <stdio.h>

#include "base/secret.h"
#include "cli/cli.h"
#include "cli/url.h"

/* What is sent along; zeroed: nothing. */
struct upload {
        const struct secret *secret;
        FILE *file;
        bool is_there;                                    /* what it is sent to must be there already */
        void (*progress)(uint64_t bytes, void *userdata); /* now and then while `file` is sent; may be NULL */
        void *userdata;
};

struct answer {
        long status;
        char *body;   /* as it came, with a NUL behind it */
        json_t *json; /* NULL: no JSON */
};

/* Ask. `url` is used up. 0 with an answer, whatever its status. -ECONNREFUSED: no daemon is there; -EACCES:
 * it is not for us; -ETIMEDOUT: after `patience`; -EPROTO and others: the connection broke. Says nothing. */
int client_ask(const struct cli *cli, const char *method, struct url url, const struct upload *upload,
               struct answer *ret);

/* Takes a body piece by piece. Negative: it wants no more. */
struct client_sink {
        int (*take)(const char *bytes, size_t size, void *userdata);
        void *userdata;
};

/* client_ask() with GET; a success is given to `sink` as it comes, `ret` then holds no body. */
int client_read(const struct cli *cli, struct url url, const struct client_sink *sink, struct answer *ret);

/* Ask, and complain about everything that is not a success. 0: success; otherwise -errno (-EBADMSG: the
 * daemon refused, `ret` holds its answer). */
int client_call(const struct cli *cli, const char *method, struct url url, const struct upload *upload,
                struct answer *ret);

/* Complain if the answer is not a success: -EBADMSG. */
int client_check(const struct cli *cli, const struct answer *answer);

/* Many requests, some of them at once. */
struct client_many {
        size_t n, parallel;
        const char *method;                               /* NULL: POST */
        struct url (*url)(size_t number, void *userdata); /* 0 … n - 1; it is used up */
        /* What is sent along, which lives until it is taken; NULL: nothing is. */
        const struct upload *(*upload)(size_t number, void *userdata);
        /* In the order in which they come; the answer is cleared afterwards. */
        void (*take)(size_t number, const struct answer *answer, void *userdata);
        void *userdata;
};

/* Says nothing. Negative: as client_ask(); those that were under way then are given to `take` if they were
 * answered, nothing more is begun. */
int client_ask_many(const struct cli *cli, const struct client_many *what);

/* One line about why the daemon cannot be reached. */
void client_complain(const struct cli *cli, int error);

/* The sentence of a problem; NULL if it is none. */
const char *answer_error(const struct answer *answer);

void answer_clear(struct answer *answer);

/* The body, for `--json`. */
void answer_print(const struct answer *answer);

/* The same, of what was made here. */
void json_print(const json_t *json);

#endif
