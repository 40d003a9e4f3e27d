/* What the plugin says of a status. Pure. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum verdict {
        VERDICT_OK = 0,
        VERDICT_WARNING = 1,
        VERDICT_CRITICAL = 2,
        VERDICT_UNKNOWN = 3,
};

struct thresholds {
        int64_t warning;  /* open incidents of priority 4 and worse */
        int64_t critical; /* of priority 2 and worse */
        bool watch_only;  /* only whether the watch goes on */
};

#define VERDICT_TEXT_MAX 512

/* `status`: the body of GET /v1/status. `text`: what is said, without the word in front and without the
 * performance data. */
enum verdict verdict_of(const json_t *status, const struct thresholds *thresholds,
                        char text[static VERDICT_TEXT_MAX]);

#endif
