/* The pages themselves: each writes the whole document out of the daemon's answers. Within web/ only. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include <jansson.h>
#include <stdint.h>

struct page;

/* -ENOMEM. The caller frees. An answer that the page can be without may be NULL. */
int write_watch(const struct page *page, const json_t *const *answers, int64_t now, char **ret);
int write_keys(const struct page *page, const json_t *const *answers, int64_t now, char **ret);
int write_key(const struct page *page, const json_t *const *answers, int64_t now, char **ret);
int write_incident(const struct page *page, const json_t *const *answers, int64_t now, char **ret);

#endif
