#include "engine/keys/wait.h"

#include "engine/state.h"
#include "model/schedule.h"

static void wait_until(struct work *w, usec_t when, bool holds)
{
        w->again = when;
        w->holds = holds;
}

void wait_nothing(struct work *w)
{
        wait_until(w, 0, false);
}

void wait_turn(const struct engine *e, struct work *w)
{
        wait_until(w, engine_now(e), false);
}

void wait_recheck(const struct engine *e, struct work *w)
{
        wait_until(w, engine_now(e) + SCHEDULE_RECHECK, false);
}

void wait_confirm(const struct engine *e, struct work *w, unsigned streak)
{
        const struct settings *settings = e->parts.settings;

        w->repeats = 0;
        wait_until(w,
                   engine_now(e) +
                           settings->checks.confirm[MIN((size_t) streak, settings->checks.n_confirm - 1)],
                   false);
}

void wait_hold(const struct engine *e, struct work *w, usec_t left)
{
        wait_until(w, engine_now(e) + left, true);
}

void wait_other(struct work *w, usec_t latest)
{
        wait_until(w, latest, false);
}

void wait_repeat(const struct engine *e, struct work *w, unsigned *repeats)
{
        wait_until(w, engine_now(e) + schedule_repeat((*repeats)++), false);
}
