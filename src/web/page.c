#include "web/page.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "web/html.h"
#include "web/pages.h"

char *page_error(const char *title, const char *text)
{
        char *page = NULL;
        size_t size;
        FILE *to = open_memstream(&page, &size);

        if (!to)
                return NULL;
        html_begin(to, title);
        fputs("<p>", to);
        html_text(to, text);
        fputs("</p>\n", to);
        html_end(to, 0);
        return fclose(to) == 0 ? page : NULL;
}

/* Whatever goes on to the daemon is of these, so that it can be nothing but a name or a selector. */
static bool is_plain(const char *text, const char *more)
{
        for (; *text != '\0'; text++)
                if (!isalnum((unsigned char) *text) && !strchr(more, *text))
                        return false;
        return true;
}

static int add(struct page *page, const char *before, const char *middle, const char *after)
{
        if (asprintf(&page->sources[page->n], "%s%s%s", before, middle, after) < 0) {
                page->sources[page->n] = NULL;
                return -ENOMEM;
        }
        page->n++;
        return 0;
}

static int find_key(const char *name, struct page *page)
{
        if (!is_plain(name, "._:@-") || *name == '\0' || *name == '.')
                return -EINVAL;
        page->write = write_key;
        int r = add(page, "/v1/keys/", name, "");
        if (r >= 0)
                r = add(page, "/v1/keys/", name, "/history?limit=200");
        return r < 0 ? r : add(page, "/v1/incidents?limit=50&key=", name, "");
}

static int find(const char *path, const char *query, struct page *page)
{
        int r;

        if (strcmp(path, "/") == 0) {
                page->write = write_watch;
                r = add(page, "/v1/status", "", "");
                return r < 0 ? r : add(page, "/v1/incidents?open=1&limit=100", "", "");
        }
        if (strcmp(path, "/keys") == 0) {
                page->write = write_keys;
                if (query && !is_plain(query, "._:@-=&%,"))
                        return -EINVAL;
                return add(page, "/v1/keys?limit=" PAGES_KEYS_MAX, query && *query ? "&" : "", query ?: "");
        }
        if (strncmp(path, "/keys/", 6) == 0)
                return find_key(path + 6, page);
        if (strncmp(path, "/incidents/", 11) == 0) {
                if (strspn(path + 11, "0123456789") != strlen(path + 11) || path[11] == '\0')
                        return -EINVAL;
                page->write = write_incident;
                return add(page, "/v1/incidents/", path + 11, "");
        }
        return -ENOENT;
}

int page_find(const char *path, const char *query, struct page *ret)
{
        struct page page = { 0 };
        int r = find(path, query, &page);

        if (r < 0) {
                page_clear(&page);
                return r;
        }
        *ret = page;
        return 0;
}

void page_clear(struct page *page)
{
        for (size_t i = 0; i < page->n; i++)
                free(page->sources[i]);
        *page = (struct page){ 0 };
}
