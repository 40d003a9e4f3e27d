/* The few response headers that matter, out of header lines as libcurl hands them over. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define REQUEST_ID_MAX 127

/* Zeroed once, then reset for each response. */
struct head {
        int64_t date_wall;                   /* -1: absent or unreadable */
        int64_t retry_seconds;               /* Retry-After as a number; -1: not given as one */
        int64_t retry_wall;                  /* Retry-After as a date; -1: not given as one */
        signed char should_retry;            /* 1, 0; -1: absent or neither */
        char request_id[REQUEST_ID_MAX + 1]; /* "": absent; longer ones are cut */
        struct {
                char text[40];
                int64_t wall;
        } known; /* the newest Date that was read: most answers come in the same second as another */
};

void head_reset(struct head *head);

/* One line, with or without its end; need not be terminated. A status line begins a new response: what
 * informational ones said is forgotten. */
void head_line(struct head *head, const char *line, size_t size);

/* Seconds to wait, whichever way it was said; a date counts from the provider's own Date or, without one,
 * from `now_wall`, and is 0 if it is past. -1: not said. */
int64_t head_retry_after(const struct head *head, int64_t now_wall);

#endif
