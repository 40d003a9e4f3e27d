#include "daemon/process.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>

int process_prepare(void)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        sigset_t set;

        umask(umask(0) | 0027); /* what is stricter stays */
        if (sigaction(SIGPIPE, &ignore, NULL) < 0)
                return -errno;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}
