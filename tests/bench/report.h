/* How a benchmark program says what it found: one line, which run.sh reads. */
#ifndef TESTS_BENCH_REPORT_H
#define TESTS_BENCH_REPORT_H

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

/* Keys of the length that real ones have. */
#define REPORT_KEY_DIGITS 90

struct report {
        struct timespec begin;
        double busy_usec; /* processor time that was spent before the beginning */
};

static inline double report_busy(const struct rusage *usage)
{
        return (double) (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6 +
               (double) (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

static inline void report_begin(struct report *report)
{
        struct rusage usage;

        clock_gettime(CLOCK_MONOTONIC, &report->begin);
        getrusage(RUSAGE_SELF, &usage);
        report->busy_usec = report_busy(&usage);
}

/* "ANSWERS of REQUESTS answered, S s, RATE requests/s, C us of processor each, M MiB" */
static inline void report_end(const struct report *report, long answered, long requests)
{
        struct timespec end;
        struct rusage usage;
        double seconds, busy;

        clock_gettime(CLOCK_MONOTONIC, &end);
        getrusage(RUSAGE_SELF, &usage);
        seconds = (double) (end.tv_sec - report->begin.tv_sec) +
                  (double) (end.tv_nsec - report->begin.tv_nsec) / 1e9;
        busy = report_busy(&usage) - report->busy_usec;
        printf("%ld of %ld answered, %.2f s, %.0f requests/s, %.1f us of processor each, %ld MiB\n", answered,
               requests, seconds, (double) requests / seconds, busy / (double) requests,
               usage.ru_maxrss / 1024);
}

#endif
