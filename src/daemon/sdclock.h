/* struct clock on sd-event. */
#ifndef DAEMON_SDCLOCK_H
#define DAEMON_SDCLOCK_H

#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/macros.h"

/* `event` is kept referenced. -errno. */
int sdclock_new(sd_event *event, struct clock **ret);
struct clock *sdclock_free(struct clock *clock);
DEFINE_CLEANUP(struct clock, sdclock_free)

#endif
