#include "control/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Of /proc/self/stat: the 22nd field, counted behind the name in brackets, which may hold anything. */
#define STARTED_FIELD 20

static int64_t count_fds(void)
{
        DIR *folder = opendir("/proc/self/fd");
        int64_t n = 0;

        if (!folder)
                return 0;
        for (const struct dirent *entry; (entry = readdir(folder));)
                n += entry->d_name[0] != '.';
        closedir(folder);
        return n - 1; /* that of the folder itself */
}

static int64_t resident(void)
{
        FILE *file = fopen("/proc/self/statm", "re");
        long long size, pages = 0;

        if (file && fscanf(file, "%lld %lld", &size, &pages) != 2)
                pages = 0;
        if (file)
                fclose(file);
        return pages * sysconf(_SC_PAGESIZE);
}

static int64_t started(void)
{
        FILE *file = fopen("/proc/self/stat", "re");
        char line[1024] = "";
        unsigned long long ticks = 0;

        if (!file)
                return 0;
        char *at = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
        fclose(file);
        for (unsigned i = 0; at && i < STARTED_FIELD; i++)
                at = strchr(at + 1, ' ');
        if (!at || sscanf(at, " %llu", &ticks) != 1)
                return 0;
        struct timespec wall, boot;
        clock_gettime(CLOCK_REALTIME, &wall);
        clock_gettime(CLOCK_BOOTTIME, &boot);
        return wall.tv_sec - boot.tv_sec + (int64_t) (ticks / (unsigned long long) sysconf(_SC_CLK_TCK));
}

void process_usage(struct process_usage *ret)
{
        struct rusage usage;

        getrusage(RUSAGE_SELF, &usage);
        *ret = (struct process_usage){
                .cpu_seconds = (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                               (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
                .resident_bytes = resident(),
                .open_fds = count_fds(),
                .started_wall = started(),
        };
}
