/* What somebody did to what is watched: no trouble, but what explains a change. */
#include "alert/sentence.h"

#include <string.h>

/* The subject is a key, or, without its name, so many keys. */
static const struct {
        const char *action, *text;
} actions[] = {
        { "added", "was added" },
        { "imported", "imported" },
        { "rotated", "got a new secret" },
        { "removed", "was removed" },
        { "set", "was described anew" },
        { "paused", "was paused" },
        { "resumed", "is watched again" },
        { "forced", "was stored although it does not do all that its profile needs" },
        { "decided", "was decided about" },
};

static void say_what(FILE *out, const struct notice *notice)
{
        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                if (strcmp(notice->action, actions[i].action) == 0) {
                        fputs(actions[i].text, out);
                        return;
                }
        fprintf(out, "action ‘%s’", notice->action);
}

void say_operator_action(FILE *out, const struct notice *notice)
{
        if (!is_given(notice->action)) {
                fputs("an operator did something", out);
        } else if (strcmp(notice->action, "acknowledged") == 0) {
                fprintf(out, "incident %lld was acknowledged", (long long) notice->incident);
        } else if (is_given(notice->key)) {
                say_key(out, notice);
                fputc(' ', out);
                say_what(out, notice);
        } else if (strcmp(notice->action, "paused") == 0 && !is_given(notice->by_uid)) {
                say_count(out, notice, "key stays", "keys stay", "keys stay");
                fputs(" paused", out);
        } else {
                say_count(out, notice, "key", "keys", "keys");
                say_where(out, notice);
                fputs(": ", out);
                say_what(out, notice);
        }
        if (is_given(notice->by_uid))
                fprintf(out, " by uid %s", notice->by_uid);
        say_detail(out, notice);
}
