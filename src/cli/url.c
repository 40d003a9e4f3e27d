#include "cli/url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "cli/when.h"

struct url url_new(const char *path)
{
        return (struct url){ .text = strdup(path) };
}

/* `before`, `name`, `value` escaped. */
static void append(struct url *url, const char *before, const char *name, const char *value)
{
        char *escaped = curl_easy_escape(NULL, value, 0), *text = NULL;

        if (!url->text || !escaped || asprintf(&text, "%s%s%s%s", url->text, before, name, escaped) < 0)
                text = NULL;
        curl_free(escaped);
        free(url->text);
        url->text = text;
}

struct url url_of(const char *path, const char *name, const char *tail)
{
        struct url url = url_new(path);
        char *text = NULL;

        append(&url, "/", "", name);
        if (url.text && asprintf(&text, "%s%s", url.text, tail) < 0)
                text = NULL;
        free(url.text);
        url.text = text;
        return url;
}

void url_text(struct url *url, const char *name, const char *value)
{
        char start[64];

        if (!value)
                return;
        snprintf(start, sizeof(start), "%s=", name);
        append(url, url->has_query ? "&" : "?", start, value);
        url->has_query = true;
}

void url_flag(struct url *url, const char *name, bool value)
{
        if (value)
                url_text(url, name, "1");
}

void url_wall(struct url *url, const char *name, int64_t wall)
{
        char text[DATETIME_MAX];

        url_text(url, name, datetime_format(wall, text));
}

void url_date(struct url *url, const char *name, const char *value)
{
        int64_t wall;

        if (value && *value != '\0' && when_parse(value, &wall) >= 0)
                url_wall(url, name, wall);
        else
                url_text(url, name, value);
}
