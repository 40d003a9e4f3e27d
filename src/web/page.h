/* Pages for people: whole HTML documents without script and without anything from elsewhere. Pure. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SOURCES_MAX 5
#define PAGE_WORDS_MAX   16

/* How many of what is shown at a time. */
#define PAGE_KEYS_MAX      200
#define PAGE_INCIDENTS_MAX 1000
#define PAGE_DUE_MAX       20
#define PAGE_COUPONS_MAX   20

/* What came behind the "?", decoded; borrowed. A value may be NULL. */
struct page_words {
        struct {
                const char *name, *value;
        } list[PAGE_WORDS_MAX];
        size_t n;
        bool too_many;
};

/* What a path of ours needs from the daemon, and how it is shown. */
struct page {
        char *sources[PAGE_SOURCES_MAX]; /* paths of the daemon's, owned */
        size_t n, needed;                /* the first so many must be there */
        int (*write)(const struct page *page, const json_t *const *answers, int64_t now, char **ret);
        char *query; /* of a list: what it was chosen by, escaped; NULL: by nothing */
        char *shown; /* the same for people */
        bool later;  /* it is not the first page of a list */
};

/* -ENOENT: there is no such page; -EINVAL: not with these words; -ENOMEM. The caller clears it. */
int page_find(const char *path, const struct page_words *words, struct page *ret);
void page_clear(struct page *page);

/* A page that says nothing but this. The caller frees; NULL without memory. */
char *page_error(const char *title, const char *text);

/* Of all that a page needs this alone is much work for the daemon, and changes once a day. */
#define PAGE_DAYS "/v1/days"

/* What Content-Security-Policy says, so that the one style of every page holds. */
#define PAGE_POLICY                                                                                          \
        "default-src 'none'; style-src '" PAGE_STYLE_HASH "'; base-uri 'none'; form-action 'none'; "         \
        "frame-ancestors 'none'"
#define PAGE_STYLE_HASH "sha256-oX/aeHyl3kdTVXANB2GYCubcpFXZlkJ5KbA78FUbYOM="

#endif
