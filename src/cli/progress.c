#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/datetime.h"
#include "base/macros.h"

#define SHOWN_AFTER (2 * USEC_PER_SEC)
#define SHOWN_EVERY (200 * USEC_PER_MSEC)

static usec_t now(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (usec_t) ts.tv_sec * USEC_PER_SEC + (usec_t) ts.tv_nsec / 1000;
}

void progress_begin(struct progress *progress, const char *unit, uint64_t of)
{
        *progress = (struct progress){
                .unit = unit, .of = of, .began = now(), .terminal = isatty(STDERR_FILENO)
        };
}

void progress_show(struct progress *progress, uint64_t done)
{
        usec_t at = progress->terminal ? now() : 0, spent = at - progress->began;
        uint64_t divisor = progress->terminal && strcmp(progress->unit, "MiB") == 0 ? UINT64_C(1) << 20 : 1;
        char left[DATETIME_MAX];

        if (!progress->terminal || spent < SHOWN_AFTER || at - progress->shown < SHOWN_EVERY)
                return;
        progress->shown = at;
        progress->visible = true;
        fflush(stdout);
        if (done == 0 || done > progress->of) {
                fprintf(stderr, "\r\033[K%" PRIu64 " %s", done / divisor, progress->unit);
                return;
        }
        double rest = (double) (progress->of - done) / (double) done * (double) spent;
        fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " %s, about %s left", done / divisor,
                progress->of / divisor, progress->unit, duration_format((usec_t) rest, left));
}

void progress_bytes(uint64_t done, void *userdata)
{
        progress_show(userdata, done);
}

void progress_hide(struct progress *progress)
{
        if (progress->visible)
                fputs("\r\033[K", stderr);
        progress->visible = false;
        progress->shown = 0;
}
