/* A server of the test's own on 127.0.0.1: a child process that runs a script on each connection. */
#ifndef TESTS_HTTP_PEER_H
#define TESTS_HTTP_PEER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the child saw; shared with the test. */
struct peer_notes {
        atomic_uint connections;
        atomic_uint requests;
        atomic_uint answers; /* counted by scripts that want it */
        atomic_bool gate;    /* for scripts that wait for the test */
        char last[8192];     /* the newest request, head and body */
};

struct peer {
        pid_t pid;
        uint16_t port;
        struct peer_notes *notes;
};

/* Run in a process of its own for each connection; `n` counts them from 0. The connection is closed when it
 * returns. */
typedef void (*peer_fn)(int fd, unsigned n, struct peer_notes *notes);

void peer_start(struct peer *peer, peer_fn serve);
void peer_stop(struct peer *peer);

/* A port of 127.0.0.1 that nobody listens on. */
uint16_t peer_free_port(void);

/* For scripts. Read one request into the notes; 0 when the other side has closed. */
int peer_hear(int fd, struct peer_notes *notes);
void peer_say(int fd, const char *text);

/* A whole response: `headers` are complete lines or "". */
void peer_answer(int fd, const char *status, const char *headers, const char *body);

/* Until the test opens the gate. */
void peer_wait(struct peer_notes *notes);

/* Until the other side closes. */
void peer_linger(int fd);

#endif
