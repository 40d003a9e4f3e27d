#include "control/days.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/datetime.h"
#include "model/key.h"
#include "store/spans.h"
#include "view/row.h"

/* Spans that are looked at in one turn of the loop: some milliseconds. */
#define SLICE 10000

struct days {
        struct store *store;
        int64_t now, first; /* the moments of the last and the first day */
        int64_t done, last; /* ids of spans */
        /* By how much each day differs from the one before, until it is all summed up. */
        int64_t counts[_STATE_MAX][DAYS + 1];
        json_t *outages;
        char *text;
        size_t size, sent;
};

/* The first day whose moment is not before `wall`. */
static int64_t day_from(const struct days *days, int64_t wall)
{
        return wall <= days->first ? 0 : MIN((wall - days->first + SEC_PER_DAY - 1) / SEC_PER_DAY, DAYS);
}

static void take_span(const char *state, int64_t from_wall, int64_t until_wall, void *userdata)
{
        struct days *days = userdata;
        enum state s;

        if (state_parse(state, &s) < 0)
                return;
        days->counts[s][day_from(days, from_wall)]++;
        days->counts[s][until_wall > 0 ? day_from(days, until_wall) : DAYS]--;
}

static int take_outage(int64_t opened, int64_t cleared, const char *mode, void *userdata)
{
        struct days *days = userdata;
        json_t *outage = json_pack("{s:o,s:o,s:s}", "opened", time_json(opened), "cleared",
                                   time_json(cleared), "mode", mode);

        return json_array_append_new(days->outages, outage) < 0 ? -ENOMEM : 0;
}

int days_new(struct store *store, int64_t now_wall, struct days **ret)
{
        _cleanup_(days_freep) struct days *days = calloc(1, sizeof(*days));

        if (!days || !(days->outages = json_array()))
                return -ENOMEM;
        days->store = store;
        days->now = now_wall;
        days->first = now_wall - (DAYS - 1) * (int64_t) SEC_PER_DAY;
        int r = spans_last(store, &days->last);
        if (r >= 0)
                r = spans_outages(store, days->first, take_outage, days);
        if (r < 0)
                return r;
        *ret = TAKE(days);
        return 0;
}

struct days *days_free(struct days *days)
{
        if (!days)
                return NULL;
        json_decref(days->outages);
        free(days->text);
        return mfree(days);
}

/* The numbers of one state; NULL if no key was ever in it. */
static json_t *series(const int64_t *differences)
{
        json_t *list = json_array();
        int64_t count = 0;
        bool any = false;

        for (size_t day = 0; day < DAYS; day++) {
                count += differences[day];
                any = any || count > 0;
                json_array_append_new(list, json_integer(count));
        }
        if (any)
                return list;
        json_decref(list);
        return NULL;
}

static int write_all(struct days *days)
{
        json_t *states = json_object(), *all;

        for (size_t s = 0; s < _STATE_MAX; s++) {
                json_t *list = series(days->counts[s]);

                if (list)
                        json_object_set_new(states, state_name((enum state) s), list);
        }
        all = json_pack("{s:o,s:i,s:o,s:O}", "at", time_json(days->now), "days", DAYS, "states", states,
                        "outages", days->outages);
        days->text = json_dumps(all, JSON_COMPACT);
        json_decref(all);
        if (!days->text)
                return -ENOMEM;
        days->size = strlen(days->text);
        return 0;
}

ssize_t days_read(struct days *days, char *to, size_t size)
{
        int r = 0;

        if (days->done < days->last) {
                int64_t until = MIN(days->done + SLICE, days->last);

                r = spans_read(days->store, days->done, until, take_span, days);
                days->done = until;
                *to = '\n';
                return r < 0 ? r : 1;
        }
        if (!days->text)
                r = write_all(days);
        if (r < 0)
                return r;
        size = MIN(size, days->size - days->sent);
        memcpy(to, days->text + days->sent, size);
        days->sent += size;
        return (ssize_t) size;
}
