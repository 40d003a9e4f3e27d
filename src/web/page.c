#include "web/page.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"
#include "web/html.h"
#include "web/pages.h"

char *page_error(const char *title, const char *text)
{
        char *page = NULL;
        size_t size;
        FILE *to = memory_stream(&page, &size);

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

_printf_(2, 3) static int add(struct page *page, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        int r = vasprintf(&page->sources[page->n], format, arguments);
        va_end(arguments);
        if (r < 0) {
                page->sources[page->n] = NULL;
                return -ENOMEM;
        }
        page->n++;
        return 0;
}

static int find_watch(struct page *page)
{
        page->write = write_watch;
        page->needed = 2;
        return add(page, "/v1/status") < 0 ||
                               add(page, "/v1/incidents?open=1&limit=%d", PAGE_INCIDENTS_MAX) < 0 ||
                               add(page, PAGE_DAYS) < 0 ||
                               add(page, "/v1/keys?expiring=30d&columns=name,state,expires&limit=%d",
                                   PAGE_DUE_MAX) < 0 ||
                               add(page, "/v1/coupons?open=1&limit=%d", PAGE_COUPONS_MAX) < 0
                       ? -ENOMEM
                       : 0;
}

static int find_key(const char *name, struct page *page)
{
        if (!is_plain(name, "._:@-") || *name == '\0' || *name == '.')
                return -EINVAL;
        page->write = write_key;
        page->needed = 3;
        return add(page, "/v1/keys/%s", name) < 0 || add(page, "/v1/keys/%s/history?limit=200", name) < 0 ||
                               add(page, "/v1/incidents?limit=50&key=%s", name) < 0
                       ? -ENOMEM
                       : 0;
}

/* --- lists of keys --- */

static const char *const choices[] = { "state",   "profile", "account",  "mode",     "label",
                                       "missing", "excess",  "expiring", "not_well", "name" };

static bool is_choice(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(choices); i++)
                if (strcmp(choices[i], name) == 0)
                        return true;
        return false;
}

/* `query` and `shown` of what chooses; `after` is where the list begins. */
static int read_words(const struct page_words *words, struct page *page, const char **ret_after)
{
        size_t query_size, shown_size;
        FILE *query = memory_stream(&page->query, &query_size),
             *shown = query ? memory_stream(&page->shown, &shown_size) : NULL;
        bool good = !words->too_many, any = false;

        for (size_t i = 0; shown && i < words->n; i++) {
                const char *name = words->list[i].name, *value = words->list[i].value ?: "1";

                if (strcmp(name, "after") == 0) {
                        *ret_after = value;
                        continue;
                }
                good = good && is_choice(name);
                fprintf(query, "%s%s=", any ? "&" : "", name);
                html_value(query, value);
                fprintf(shown, "%s%s %s", any ? ", " : "", name, value);
                any = true;
        }
        int r = !query || fclose(query) != 0 ? -ENOMEM : 0;
        if (!shown || fclose(shown) != 0)
                r = -ENOMEM;
        return r < 0 ? r : good ? 0 : -EINVAL;
}

static int find_keys(const struct page_words *words, struct page *page)
{
        const char *after = NULL;
        int r = read_words(words, page, &after);

        if (r < 0)
                return r;
        if (after && (!is_plain(after, "._:@-") || *after == '\0'))
                return -EINVAL;
        page->write = write_keys;
        page->needed = 1;
        page->later = after != NULL;
        return add(page, "/v1/keys?columns=name,state,mode,profile,since&limit=%d%s%s%s%s", PAGE_KEYS_MAX + 1,
                   after ? "&after=" : "", after ?: "", *page->query != '\0' ? "&" : "", page->query);
}

static int find(const char *path, const struct page_words *words, struct page *page)
{
        if (strcmp(path, "/") == 0)
                return find_watch(page);
        if (strcmp(path, "/keys") == 0)
                return find_keys(words, page);
        if (strncmp(path, "/keys/", 6) == 0)
                return find_key(path + 6, page);
        if (strncmp(path, "/incidents/", 11) == 0) {
                if (strspn(path + 11, "0123456789") != strlen(path + 11) || path[11] == '\0')
                        return -EINVAL;
                page->write = write_incident;
                page->needed = 1;
                return add(page, "/v1/incidents/%s", path + 11);
        }
        return -ENOENT;
}

int page_find(const char *path, const struct page_words *words, struct page *ret)
{
        struct page page = { 0 };
        int r = find(path, words, &page);

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
        free(page->query);
        free(page->shown);
        *page = (struct page){ 0 };
}
