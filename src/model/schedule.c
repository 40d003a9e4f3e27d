#include "model/schedule.h"

#include "base/hash.h"
#include "base/macros.h"
#include "model/silence.h"

usec_t schedule_slot(const char *name, usec_t period, usec_t after, usec_t anchor)
{
        usec_t phase = hash_text(name) % period;
        usec_t into = (after + anchor) % period; /* how far the period is gone */
        usec_t wait = (phase + period - into) % period;

        return after + (wait > 0 ? wait : period);
}

usec_t schedule_dead_period(usec_t pulse)
{
        return MAX(pulse, MIN(12 * pulse, SILENCE_DEAD_MAX * USEC_PER_SEC));
}

usec_t schedule_repeat(unsigned tries)
{
        return MIN(5 * USEC_PER_SEC << MIN(tries, 8u), USEC_PER_MINUTE);
}

usec_t schedule_backoff(unsigned failures, int64_t retry_after, uint32_t random)
{
        usec_t base = MIN(USEC_PER_SEC << MIN(failures > 0 ? failures - 1 : 0, 8u), USEC_PER_MINUTE);
        usec_t told = retry_after > 0
                              ? MIN((usec_t) retry_after * USEC_PER_SEC, SILENCE_BACK_OFF_MAX * USEC_PER_SEC)
                              : 0;

        return MAX(base + random % (base / 4), told);
}
