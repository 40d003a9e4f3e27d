/* bench_fleet KEYS: what a stored key costs in memory, and how long the daemon takes from start to ready.
 * Each fleet is stored by one process and loaded by another, so that only the loading is seen. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fleet.h"

static double seconds(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Bytes that this process holds in memory. */
static double resident(void)
{
        FILE *f = fopen("/proc/self/statm", "r");
        long pages = 0;

        if (!f || fscanf(f, "%*s %ld", &pages) != 1)
                exit(1);
        fclose(f);
        return (double) pages * (double) sysconf(_SC_PAGESIZE);
}

static void store_them(const char *dir, size_t n)
{
        struct fleet fleet;

        fleet_new(&fleet);
        rmdir(fleet.dir);
        snprintf(fleet.dir, sizeof(fleet.dir), "%s", dir);
        fleet_open(&fleet, NULL);
        fleet_add(&fleet, "selgeo", n);
        fleet_close(&fleet);
        exit(0);
}

int main(int argc, char **argv)
{
        size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
        struct fleet fleet;
        int status;

        fleet_new(&fleet);
        pid_t child = fork();
        if (child == 0)
                store_them(fleet.dir, n);
        if (waitpid(child, &status, 0) != child || status != 0)
                return 1;

        double before = resident(), begin = seconds();
        fleet_open(&fleet, NULL);
        engine_start(fleet.engine);
        double took = seconds() - begin, bytes = resident() - before;
        struct stat st;
        char path[128];
        snprintf(path, sizeof(path), "%s/keyvigil.db", fleet.dir);
        stat(path, &st);
        printf("%zu keys: ready after %.2f s, %.0f bytes of memory a key, %.0f MB in all, database %.0f MB\n",
               n, took, bytes / (double) n, resident() / 1e6, (double) st.st_size / 1e6);
        fleet_close(&fleet);
        fleet_done(&fleet);
        return 0;
}
