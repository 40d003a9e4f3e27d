/* The head of an answer, line by line, as libcurl hands it over. */
#include <stdlib.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "fuzz.h"
#include "http/head.h"

const struct seed fuzz_seeds[] = {
        SEED("HTTP/1.1 403 Forbidden\r\nDate: Fri, 06 Nov 2026 08:49:37 GMT\r\nRequest-Id: req_abc123\r\n"
             "Retry-After: 17\r\nStripe-Should-Retry: false\r\n\r\n"),
        SEED("HTTP/2 429 \r\nretry-after: Fri, 06 Nov 2026 08:49:37 GMT\r\nstripe-should-retry: true\r\n"),
        SEED("HTTP/1.1 100 Continue\r\nRetry-After: 99\r\n\r\nHTTP/1.1 200 OK\r\nDate: 0\r\n"),
        SEED("date:Friday, 06-Nov-26 08:49:37 GMT\nRETRY-AFTER:\t99999999999999999999 \nrequest-id:\n: x\n"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = { "HTTP/", "Date:", "Request-Id:", "Retry-After:", "Stripe-Should-Retry:",
                                   "GMT",   "\r\n",  "true",        "-1",           "99999999999",
                                   "Nov",   "1969",  "99999" };
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct head head;

        memset(&head, 0, sizeof(head));
        head_reset(&head);
        while (size > 0) {
                const uint8_t *end = memchr(data, '\n', size);
                size_t n = end ? (size_t) (end - data) + 1 : size;
                char *line = malloc(n); /* no NUL behind it */

                if (!line)
                        abort();
                memcpy(line, data, n);
                head_line(&head, line, n);
                free(line);
                data += n;
                size -= n;
        }
        HOLD(memchr(head.request_id, '\0', sizeof(head.request_id)));
        HOLD(head.date_wall == -1 || wall_is_plausible(head.date_wall));
        HOLD(head.should_retry >= -1 && head.should_retry <= 1);
        HOLD(head_retry_after(&head, WALL_FIRST) >= -1);
        HOLD(head_retry_after(&head, WALL_LAST) >= -1);
        return 0;
}
