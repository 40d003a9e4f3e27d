#include "engine/watch/newest.h"

#include <string.h>

static void newest_drop(struct newest *newest, size_t i)
{
        newest->n_bad -= newest->list[i].bad;
        memmove(&newest->list[i], &newest->list[i + 1], (--newest->n - i) * sizeof(newest->list[0]));
}

void newest_put(struct newest *newest, int64_t key_id, bool bad)
{
        size_t i = 0;

        while (i < newest->n && newest->list[i].key_id != key_id)
                i++;
        if (i < newest->n)
                newest_drop(newest, i);
        else if (newest->n == NEWEST_MAX)
                newest_drop(newest, 0);
        newest->list[newest->n].key_id = key_id;
        newest->list[newest->n++].bad = bad;
        newest->n_bad += bad;
}
