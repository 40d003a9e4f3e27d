#include "control/label.h"

#include <errno.h>
#include <string.h>

static enum MHD_Result take(void *userdata, enum MHD_ValueKind kind, const char *name, const char *value)
{
        struct labels *labels = userdata;
        const char *equals;

        (void) kind;
        if (strcmp(name, "label") != 0)
                return MHD_YES;
        equals = value ? strchr(value, '=') : NULL;
        if (!equals || equals == value || labels->n == LABELS_MAX) {
                labels->bad = true;
                return MHD_NO;
        }
        char *copy = strndup(value, (size_t) (equals - value));
        if (!copy) {
                labels->bad = true;
                return MHD_NO;
        }
        labels->list[labels->n++] = (struct label){ .name = copy, .value = equals + 1 };
        return MHD_YES;
}

int labels_collect(struct visit *visit, struct labels *ret)
{
        memset(ret, 0, sizeof(*ret));
        MHD_get_connection_values(visit->connection, MHD_GET_ARGUMENT_KIND, take, ret);
        if (!ret->bad)
                return 0;
        labels_clear(ret);
        reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                    "A label must be NAME=VALUE, and there may be at most 32");
        return -EINVAL;
}

void labels_clear(struct labels *labels)
{
        for (size_t i = 0; i < labels->n; i++)
                free((char *) labels->list[i].name);
        labels->n = 0;
}
