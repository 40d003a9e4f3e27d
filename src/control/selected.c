#include "control/selected.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/datetime.h"
#include "model/key.h"

static int refuse(struct visit *visit, const char *what)
{
        reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "%s", what);
        return -EINVAL;
}

static int take_names(struct visit *visit, struct selected *s)
{
        const char *names = parameter(visit, "name");
        char *rest = s->names = names ? strdup(names) : NULL;

        if (names && !s->names) {
                reply_failure(visit, -ENOMEM, NULL);
                return -ENOMEM;
        }
        for (const char *word; (word = strsep(&rest, ","));) {
                if (s->selector.n_patterns == PATTERNS_MAX)
                        return refuse(visit, "'name' takes 64 names or patterns at most");
                s->selector.patterns[s->selector.n_patterns++] = word;
        }
        return 0;
}

static int take_label(struct visit *visit, struct selected *s)
{
        const char *label = parameter(visit, "label");
        char *equals;

        if (!label)
                return 0;
        s->label = strdup(label);
        if (!s->label) {
                reply_failure(visit, -ENOMEM, NULL);
                return -ENOMEM;
        }
        equals = strchr(s->label, '=');
        if (!equals || equals == s->label)
                return refuse(visit, "'label' must be NAME=VALUE");
        *equals = '\0';
        s->selector.label_name = s->label;
        s->selector.label_value = equals + 1;
        return 0;
}

/* All states, with blanks between. */
#define X(name, text) " " text
static const char states[] = STATES(X);
#undef X

static int take_states(struct visit *visit, struct key_selector *s)
{
        const char *word = s->states = parameter(visit, "state");
        char name[32];

        for (; word && *word != '\0'; word += strcspn(word, ",")) {
                word += *word == ',';
                snprintf(name, sizeof(name), "%.*s", (int) strcspn(word, ","), word);
                if (selector_takes_state(name))
                        continue;
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                            "'state' must be of%s suspect held, with commas between", states);
                return -EINVAL;
        }
        return 0;
}

static int take_words(struct visit *visit, struct key_selector *s)
{
        const char *expiring = parameter(visit, "expiring");
        usec_t span;

        s->profile = parameter(visit, "profile");
        s->account = parameter(visit, "account");
        s->mode = parameter(visit, "mode");
        s->missing = parameter(visit, "missing");
        s->excess = parameter(visit, "excess");
        if (s->mode && strcmp(s->mode, "live") != 0 && strcmp(s->mode, "test") != 0)
                return refuse(visit, "'mode' must be live or test");
        if (expiring && duration_parse(expiring, &span) < 0)
                return refuse(visit, "'expiring' must be a time like 30d");
        if (expiring)
                s->expiring = (int64_t) time(NULL) + (int64_t) (span / USEC_PER_SEC);
        int r = take_states(visit, s);
        return r < 0 ? r : parameter_flag(visit, "not_well", &s->not_well);
}

int selected_collect(struct visit *visit, struct selected *ret)
{
        *ret = (struct selected){ 0 };
        int r = take_names(visit, ret);

        if (r >= 0)
                r = take_label(visit, ret);
        if (r >= 0)
                r = take_words(visit, &ret->selector);
        if (r < 0)
                selected_clear(ret);
        return r;
}

void selected_clear(struct selected *selected)
{
        free(selected->names);
        free(selected->label);
        *selected = (struct selected){ 0 };
}
