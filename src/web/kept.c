#include "web/kept.h"

#include <string.h>

#include "web/page.h"

#define TIME (2 * USEC_PER_MINUTE)

bool kept_is(const char *source)
{
        return strcmp(source, PAGE_DAYS) == 0;
}

void kept_put(struct kept *kept, json_t *answer, usec_t now)
{
        kept_clear(kept);
        *kept = (struct kept){ json_incref(answer), now + TIME };
}

json_t *kept_get(const struct kept *kept, usec_t now)
{
        return kept->answer && now < kept->until ? json_incref(kept->answer) : NULL;
}

void kept_clear(struct kept *kept)
{
        json_decref(kept->answer);
        *kept = (struct kept){ 0 };
}
