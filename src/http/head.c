#include "http/head.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/datetime.h"
#include "base/macros.h"

struct value {
        const char *text;
        size_t size;
};

void head_reset(struct head *head)
{
        head->date_wall = head->retry_seconds = head->retry_wall = -1;
        head->should_retry = -1;
        head->request_id[0] = '\0';
}

static void value_copy(struct value value, char *ret, size_t room)
{
        size_t n = MIN(value.size, room - 1);

        memcpy(ret, value.text, n);
        ret[n] = '\0';
}

static int64_t value_date(struct value value)
{
        char text[64];
        time_t date;

        if (value.size >= sizeof(text))
                return -1;
        value_copy(value, text, sizeof(text));
        date = curl_getdate(text, NULL);
        return wall_is_plausible(date) ? date : -1;
}

static bool value_digits(struct value value)
{
        for (size_t i = 0; i < value.size; i++)
                if (value.text[i] < '0' || value.text[i] > '9')
                        return false;
        return value.size > 0;
}

static void head_retry(struct head *head, struct value value)
{
        int64_t seconds = 0;

        head->retry_seconds = head->retry_wall = -1;
        if (!value_digits(value)) {
                head->retry_wall = value_date(value);
                return;
        }
        for (size_t i = 0; i < value.size; i++)
                seconds = MIN(seconds * 10 + (value.text[i] - '0'), (int64_t) INT32_MAX);
        head->retry_seconds = seconds;
}

static void head_should_retry(struct head *head, struct value value)
{
        if (value.size == 4 && strncasecmp(value.text, "true", 4) == 0)
                head->should_retry = 1;
        else if (value.size == 5 && strncasecmp(value.text, "false", 5) == 0)
                head->should_retry = 0;
}

static void head_date(struct head *head, struct value value)
{
        size_t known = strlen(head->known.text);

        if (known == 0 || value.size != known || memcmp(value.text, head->known.text, known) != 0) {
                head->known.wall = value_date(value);
                value_copy(value, head->known.text, sizeof(head->known.text));
        }
        head->date_wall = head->known.wall;
}

static void head_request_id(struct head *head, struct value value)
{
        value_copy(value, head->request_id, sizeof(head->request_id));
}

static const struct {
        const char *name;
        size_t size;
        void (*take)(struct head *head, struct value value);
} headers[] = {
        { "date", 4, head_date },
        { "request-id", 10, head_request_id },
        { "retry-after", 11, head_retry },
        { "stripe-should-retry", 19, head_should_retry },
};

static struct value value_trim(const char *text, size_t size)
{
        while (size > 0 && (*text == ' ' || *text == '\t')) {
                text++;
                size--;
        }
        while (size > 0 && strchr(" \t\r\n", text[size - 1]))
                size--;
        return (struct value){ text, size };
}

void head_line(struct head *head, const char *line, size_t size)
{
        const char *colon = memchr(line, ':', size);
        size_t name;

        if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) {
                head_reset(head);
                return;
        }
        if (!colon)
                return;
        name = (size_t) (colon - line);
        for (size_t i = 0; i < ELEMENTSOF(headers); i++)
                if (headers[i].size == name && strncasecmp(headers[i].name, line, name) == 0) {
                        headers[i].take(head, value_trim(colon + 1, size - name - 1));
                        return;
                }
}

int64_t head_retry_after(const struct head *head, int64_t now_wall)
{
        int64_t from = head->date_wall >= 0 ? head->date_wall : now_wall;

        if (head->retry_seconds >= 0)
                return head->retry_seconds;
        return head->retry_wall < 0 ? -1 : MAX(head->retry_wall - from, (int64_t) 0);
}
