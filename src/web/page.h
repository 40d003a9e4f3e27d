/* Pages for people: whole HTML documents without script and without anything from elsewhere. Pure. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SOURCES_MAX 3

/* What a path of ours needs from the daemon, and how it is shown. */
struct page {
        char *sources[PAGE_SOURCES_MAX]; /* paths of the daemon's, owned */
        size_t n;
        int (*write)(const json_t *const *answers, int64_t now, char **ret);
};

/* `query` NULL or what follows the "?". -ENOENT: there is no such page; -EINVAL: not with these characters;
 * -ENOMEM. The caller clears it. */
int page_find(const char *path, const char *query, struct page *ret);
void page_clear(struct page *page);

/* A page that says nothing but this. The caller frees; NULL without memory. */
char *page_error(const char *title, const char *text);

/* What Content-Security-Policy says, so that the one style of every page holds. */
#define PAGE_POLICY                                                                                          \
        "default-src 'none'; style-src '" PAGE_STYLE_HASH "'; base-uri 'none'; form-action 'none'; "         \
        "frame-ancestors 'none'"
#define PAGE_STYLE_HASH "sha256-kgNx63xzLCQGJVJPxRhPknTmPuoBDNY8oVYiSIyYlgg="

#endif
