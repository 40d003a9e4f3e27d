/* What this process uses. */
#ifndef CONTROL_PROCESS_H
#define CONTROL_PROCESS_H

#include <stdint.h>

struct process_usage {
        double cpu_seconds;
        int64_t resident_bytes, open_fds, started_wall; /* 0 where it cannot be told */
};

void process_usage(struct process_usage *ret);

#endif
