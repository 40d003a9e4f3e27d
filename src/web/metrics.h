/* The page of numbers that a monitoring system scrapes, made of what GET /v1/metrics answers. */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include <jansson.h>

enum metrics_form {
        METRICS_TEXT,     /* text/plain; version=0.0.4 */
        METRICS_TEXTFILE, /* the same for node_exporter, which has a process of its own to tell of */
        METRICS_OPEN,     /* OpenMetrics 1.0 */
};

/* What a request with this Accept header gets (NULL: no such header). */
enum metrics_form metrics_choose(const char *accept);

const char *metrics_type(enum metrics_form form);

/* `page`: the answer's JSON. The caller frees. -EINVAL: it is not such an answer; -ENOMEM. */
int metrics_render(const json_t *page, enum metrics_form form, char **ret);

#endif
