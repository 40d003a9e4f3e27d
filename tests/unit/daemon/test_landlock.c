/* The fence: below the state directory and beside the sockets all goes on, elsewhere nothing is changed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "daemon/landlock.h"

static char dir[] = "/tmp/keyvigil-landlock-XXXXXX";

static const char *in(const char *name)
{
        static char path[128];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        return path;
}

static int try_to_make(const char *name)
{
        int fd = open(in(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        if (fd < 0)
                return errno;
        close(fd);
        return 0;
}

static int try_to_execute(const char *path)
{
        char *argv[] = { (char *) path, NULL };

        execv(path, argv);
        return errno;
}

/* The first thing that is not as it should be, counted from 1; 0: all is. */
static int child(const struct settings *settings)
{
        char old[128];

        if (landlock_close(settings) < 0)
                return 1;
        if (try_to_make("state/file") != 0 || try_to_make("run/file") != 0 || try_to_make("read/file") != 0)
                return 2;
        if (truncate(in("state/file"), 0) < 0 || unlink(in("state/file")) < 0)
                return 3;
        if (try_to_make("other/file") != EACCES || unlink(in("other/there")) == 0 || errno != EACCES)
                return 4;
        if (open(in("other/there"), O_WRONLY | O_CLOEXEC) >= 0 || errno != EACCES)
                return 5;
        if (open(in("other/there"), O_RDONLY | O_CLOEXEC) < 0)
                return 6;
        snprintf(old, sizeof(old), "%s", in("other/there"));
        if (rename(old, in("state/there")) == 0)
                return 7;
        return try_to_execute("/bin/true") == EACCES ? 0 : 8;
}

static void only_what_is_ours_is_changed(void **state)
{
        static const char *const folders[] = { "state", "run", "read", "other" };
        char state_dir[128], socket[128], read_socket[128];
        const struct settings settings = { .state_dir = state_dir,
                                           .control = { .socket = socket, .read_socket = read_socket } };
        int status;

        (void) state;
        if (syscall(SYS_landlock_create_ruleset, NULL, (size_t) 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
                skip();
        assert_non_null(mkdtemp(dir));
        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                assert_int_equal(mkdir(in(folders[i]), 0700), 0);
        assert_int_equal(try_to_make("other/there"), 0);
        snprintf(state_dir, sizeof(state_dir), "%s", in("state"));
        snprintf(socket, sizeof(socket), "%s", in("run/control.sock"));
        snprintf(read_socket, sizeof(read_socket), "%s", in("read/read.sock"));

        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(child(&settings));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);

        static const char *const files[] = { "run/file", "read/file", "other/there" };
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                assert_int_equal(unlink(in(files[i])), 0);
        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                assert_int_equal(rmdir(in(folders[i])), 0);
        assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_is_ours_is_changed) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
