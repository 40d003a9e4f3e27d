#include "base/harden.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/macros.h"

/* Any byte but 0 will do; free() writes its complement. */
#define PERTURB_BYTE 85

/* Without a per-thread cache: it keeps small blocks as they were, and with them what libraries copied of a
 * request's header. */
#define TUNABLES "glibc.malloc.perturb=85:glibc.malloc.tcache_count=0"

/* Lazy binding saves vector registers on the stack, wherever a library's function is called first. */
#define BIND_NOW "LD_BIND_NOW"

/* Others' settings stay; where they are of the same names, ours come last and count. */
static int set_tunables(const char *others)
{
        char text[4096];
        int n = snprintf(text, sizeof(text), "%s%s%s", others ?: "", others && *others != '\0' ? ":" : "",
                         TUNABLES);

        if (n < 0 || (size_t) n >= sizeof(text))
                return -E2BIG;
        return setenv("GLIBC_TUNABLES", text, true) < 0 ? -errno : 0;
}

/* Returns only if there is nothing to do, or if it cannot be done. */
static void begin_again(char *const *argv)
{
        const char *tunables = getenv("GLIBC_TUNABLES"), *bind_now = getenv(BIND_NOW);
        bool tuned = tunables && strstr(tunables, TUNABLES), bound = bind_now && *bind_now != '\0';

        if ((tuned && bound) || (!tuned && set_tunables(tunables) < 0) ||
            (!bound && setenv(BIND_NOW, "1", true) < 0))
                return;
        execv("/proc/self/exe", argv);
}

int harden(char *const *argv)
{
        const struct rlimit none = { 0 };

        begin_again(argv);
        (void) mallopt(M_PERTURB, PERTURB_BYTE);
        if (prctl(PR_SET_DUMPABLE, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
                return -errno;
        return 0;
}
