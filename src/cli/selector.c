#include "cli/selector.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/datetime.h"

bool chosen_is_empty(const struct chosen *c)
{
        return c->names.n == 0 && !c->state && !c->profile && !c->account && !c->mode && !c->label &&
               !c->missing && !c->excess && !c->expiring && !c->not_well;
}

bool chosen_is_names(const struct chosen *c)
{
        struct chosen rest = *c;

        rest.names.n = 0;
        if (c->names.n == 0 || !chosen_is_empty(&rest))
                return false;
        for (size_t i = 0; i < c->names.n; i++)
                if (strpbrk(c->names.list[i], "*?["))
                        return false;
        return true;
}

void chosen_url(struct url *url, const struct chosen *c)
{
        _cleanup_free_ char *names = NULL;
        size_t size = 1;

        for (size_t i = 0; i < c->names.n; i++)
                size += strlen(c->names.list[i]) + 1;
        names = calloc(1, size);
        for (size_t i = 0; names && i < c->names.n; i++) {
                char *end = names + strlen(names);

                if (i > 0)
                        *end++ = ',';
                memcpy(end, c->names.list[i], strlen(c->names.list[i]));
        }
        if (!names)
                url_clear(url);
        url_text(url, "name", names && *names != '\0' ? names : NULL);
        url_text(url, "state", c->state);
        url_text(url, "profile", c->profile);
        url_text(url, "account", c->account);
        url_text(url, "mode", c->mode);
        url_text(url, "label", c->label);
        url_text(url, "missing", c->missing);
        url_text(url, "excess", c->excess);
        url_text(url, "expiring", c->expiring);
        url_flag(url, "not_well", c->not_well);
}

static int split_label(struct chosen *c, struct key_selector *ret)
{
        const char *equals = strchr(c->label, '=');

        if (!equals || equals == c->label) {
                complain("a label is NAME=VALUE");
                return -EINVAL;
        }
        ret->label_name = c->label_name = strndup(c->label, (size_t) (equals - c->label));
        ret->label_value = equals + 1;
        return c->label_name ? 0 : -ENOMEM;
}

int chosen_offline(struct chosen *c, struct key_selector *ret)
{
        usec_t span;

        *ret = (struct key_selector){ .n_patterns = c->names.n,
                                      .states = c->state,
                                      .profile = c->profile,
                                      .account = c->account,
                                      .mode = c->mode,
                                      .missing = c->missing,
                                      .excess = c->excess,
                                      .not_well = c->not_well };
        memcpy(ret->patterns, c->names.list, c->names.n * sizeof(*ret->patterns));
        if (c->expiring && duration_parse(c->expiring, &span) < 0) {
                complain("--expiring is a time like 30d");
                return -EINVAL;
        }
        if (c->expiring)
                ret->expiring = (int64_t) time(NULL) + (int64_t) (span / USEC_PER_SEC);
        return c->label ? split_label(c, ret) : 0;
}

void chosen_clear(struct chosen *chosen)
{
        chosen->label_name = mfree(chosen->label_name);
}
