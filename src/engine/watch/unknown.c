/* Names of permissions in refusals that the catalogue does not have: a hint that Stripe has a new one.
 * Nothing follows from them but that people can see them; they are counted from the start on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "engine/watch/watch.h"

struct unknown {
        struct unknown_permission list[UNKNOWN_MAX];
        size_t n;
};

void unknown_free(struct engine *e)
{
        free(e->unknown);
        e->unknown = NULL;
}

static void unknown_count(struct engine *e, const char *name)
{
        if (!e->unknown)
                e->unknown = calloc(1, sizeof(*e->unknown));
        if (!e->unknown)
                return; /* a hint, no more */
        struct unknown *u = e->unknown;

        for (size_t i = 0; i < u->n; i++)
                if (strcmp(u->list[i].name, name) == 0) {
                        u->list[i].count++;
                        return;
                }
        if (u->n == UNKNOWN_MAX)
                return;
        snprintf(u->list[u->n].name, sizeof(u->list[u->n].name), "%s", name);
        u->list[u->n++].count = 1;
}

/* "coupon_read": is there a row "coupon"? */
static bool is_known(const struct engine *e, const char *id)
{
        char name[UNKNOWN_NAME_MAX];
        unsigned row;

        snprintf(name, sizeof(name), "%s", id);
        char *level = strrchr(name, '_');
        if (level)
                *level = '\0';
        return catalogue_find(e->parts.catalogue, name, &row) >= 0;
}

void unknown_seen(struct engine *e, const char *permissions)
{
        char names[sizeof(((struct judgement *) 0)->permission)], *rest = names, *name;

        snprintf(names, sizeof(names), "%s", permissions);
        while ((name = strsep(&rest, " ")))
                if (*name != '\0' && !is_known(e, name))
                        unknown_count(e, name);
}

const struct unknown_permission *engine_unknown(const struct engine *e, size_t *ret_n)
{
        *ret_n = e->unknown ? e->unknown->n : 0;
        return e->unknown ? e->unknown->list : NULL;
}
