#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/offline.h"
#include "cli/options.h"

static const char keep_the_master_key[] =
        "The secrets in it are sealed, and the master key is not inside: keep a "
        "copy of that elsewhere, or they cannot be opened again.";

static int make(struct store *store, const char *path)
{
        _cleanup_free_ char *why = NULL;
        int r = store_backup(store, path, &why);

        if (r < 0)
                complain("%s", why ? why : strerror(-r));
        return r;
}

static int pour(int fd)
{
        char bytes[65536];
        ssize_t n;

        while ((n = read(fd, bytes, sizeof(bytes))) > 0)
                if (fwrite(bytes, 1, (size_t) n, stdout) != (size_t) n)
                        return -EIO;
        return n < 0 ? -errno : fflush(stdout) != 0 ? -EIO : 0;
}

/* A whole database cannot be made but in a file: one that nobody else sees, and that is gone whatever happens
 * to what it is poured into. */
static int to_stdout(struct store *store)
{
        char folder[] = "/var/tmp/keyvigil-backup-XXXXXX", path[sizeof(folder) + 16];

        if (isatty(STDOUT_FILENO)) {
                complain("a database is nothing for a terminal; send it into a file or a program");
                return -EINVAL;
        }
        if (!mkdtemp(folder)) {
                complain("/var/tmp: %s", strerror(errno));
                return -EIO;
        }
        snprintf(path, sizeof(path), "%s/keyvigil.db", folder);
        int r = make(store, path), fd = r < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        (void) unlink(path);
        (void) rmdir(folder);
        if (fd < 0)
                return -EIO;
        r = pour(fd);
        close(fd);
        if (r < 0)
                complain("the backup could not be written out: %s; throw away what came", strerror(-r));
        else
                remark("that was all of it. %s", keep_the_master_key);
        return r;
}

int command_backup(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(store_closep) struct store *store = NULL;
        struct texts files;
        int r = options_parse(cli, command, argc, argv, NULL, 0, 1, 1, &files);

        if (r != 0)
                return options_status(r);
        if (offline_open(cli, &store) < 0)
                return CLI_FAILED;
        umask(0077);
        if (strcmp(files.list[0], "-") == 0)
                return to_stdout(store) < 0 ? CLI_FAILED : CLI_OK;
        if (make(store, files.list[0]) < 0)
                return CLI_FAILED;
        if (cli->json) {
                json_t *done = json_pack("{s:s}", "backup", files.list[0]);

                json_print(done);
                json_decref(done);
                return CLI_OK;
        }
        printf("%s holds all keys with their history. %s\n", files.list[0], keep_the_master_key);
        return CLI_OK;
}
