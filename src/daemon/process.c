#include "daemon/process.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Any byte but 0 will do; free() writes its complement. */
#define PERTURB_BYTE 0x5a

int process_harden(void)
{
        const struct rlimit none = { 0 };
        const struct sigaction ignore = { .sa_handler = SIG_IGN };

        (void) mallopt(M_PERTURB, PERTURB_BYTE);
        umask(0027);
        if (prctl(PR_SET_DUMPABLE, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0 ||
            sigaction(SIGPIPE, &ignore, NULL) < 0)
                return -errno;
        return 0;
}

int signals_block(void)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}
