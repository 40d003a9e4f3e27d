#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager;

/* A child that reads `fd`. */
static int start(int fd, const char *name)
{
        const char *const argv[] = { "sh", "-c", name, NULL };
        posix_spawn_file_actions_t actions;
        int r = posix_spawn_file_actions_init(&actions);

        if (r != 0)
                return -r;
        r = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
        if (r == 0)
                r = posix_spawn(&pager, "/bin/sh", &actions, NULL, (char *const *) argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        return -r;
}

void pager_begin(const struct cli *cli)
{
        const char *name = getenv("PAGER");
        int fds[2];

        if (cli->json || !isatty(STDOUT_FILENO) || (name && *name == '\0') || pipe2(fds, O_CLOEXEC) < 0)
                return;
        (void) setenv("LESS", "FRSXMK", 0); /* one screen is simply printed */
        fflush(stdout);
        if (start(fds[0], name ? name : "if command -v less >/dev/null; then exec less; fi; exec cat") >= 0) {
                (void) dup2(fds[1], STDOUT_FILENO);
                (void) sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN },
                                 NULL); /* it may leave */
        }
        close(fds[0]);
        close(fds[1]);
}

void pager_end(void)
{
        if (pager <= 0)
                return;
        fflush(stdout);
        close(STDOUT_FILENO);
        while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
                continue;
        pager = 0;
}
