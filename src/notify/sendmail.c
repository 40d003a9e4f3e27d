/* The mail system of the machine, as a child that reads one mail. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify/courier_internal.h"

#define SENDMAIL          "/usr/sbin/sendmail"
#define SENDMAIL_VARIABLE "KEYVIGIL_SENDMAIL" /* another program, for tests */
#define PATIENCE          USEC_PER_MINUTE

struct sendmail {
        pid_t pid;
        sd_event_source *child, *limit;
        sendmail_done_fn done;
        void *userdata;
};

static struct sendmail *sendmail_free(struct sendmail *mail)
{
        sd_event_source_disable_unref(mail->child);
        sd_event_source_disable_unref(mail->limit);
        return mfree(mail);
}

static int on_exit_(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        struct sendmail *mail = userdata;
        sendmail_done_fn done = mail->done;
        void *theirs = mail->userdata;

        (void) source;
        sendmail_free(mail);
        done(info->si_code == CLD_EXITED ? info->si_status : -1, theirs);
        return 0;
}

static int on_limit(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct sendmail *mail = userdata;

        (void) source;
        (void) usec;
        (void) kill(mail->pid, SIGKILL);
        return 0;
}

/* The whole mail in a file without a name, so that nobody waits for the child to read. */
static int mail_file(const char *text, size_t size)
{
        int fd = memfd_create("mail", MFD_CLOEXEC);

        if (fd < 0)
                return -errno;
        while (size > 0) {
                ssize_t n = write(fd, text, size);

                if (n < 0) {
                        int error = errno;

                        close(fd);
                        return -error;
                }
                text += n;
                size -= (size_t) n;
        }
        return lseek(fd, 0, SEEK_SET) < 0 ? -errno : fd;
}

static int spawn(const char *to, int fd, pid_t *ret)
{
        const char *program = getenv(SENDMAIL_VARIABLE) ?: SENDMAIL;
        char *const environment[] = { (char *) "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
        char *const arguments[] = { (char *) program, (char *) "-i", (char *) "--", (char *) to, NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none;

        if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0)
                return -ENOMEM;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
        int r = posix_spawn(ret, program, &actions, &attributes, arguments, environment);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        return -r;
}

int sendmail_start(sd_event *event, const char *to, const char *text, size_t size, sendmail_done_fn done,
                   void *userdata, struct sendmail **ret)
{
        struct sendmail *mail = calloc(1, sizeof(*mail));
        int fd, r;

        if (!mail)
                return -ENOMEM;
        mail->done = done;
        mail->userdata = userdata;
        r = fd = mail_file(text, size);
        if (r >= 0) {
                r = spawn(to, fd, &mail->pid);
                close(fd);
        }
        if (r >= 0)
                r = sd_event_add_child(event, &mail->child, mail->pid, WEXITED, on_exit_, mail);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &mail->limit, CLOCK_BOOTTIME, PATIENCE, 0, on_limit,
                                               mail);
        if (r < 0) {
                sendmail_free(mail);
                return r;
        }
        *ret = mail;
        return 0;
}

struct sendmail *sendmail_cancel(struct sendmail *mail)
{
        if (!mail)
                return NULL;
        (void) kill(mail->pid, SIGKILL);
        return sendmail_free(mail);
}
