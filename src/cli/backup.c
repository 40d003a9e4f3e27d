#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/offline.h"
#include "cli/options.h"

int command_backup(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(store_closep) struct store *store = NULL;
        _cleanup_free_ char *why = NULL;
        struct texts files;
        int r = options_parse(cli, command, argc, argv, NULL, 0, 1, 1, &files);

        if (r != 0)
                return options_status(r);
        if (offline_open(cli, &store) < 0)
                return CLI_FAILED;
        umask(0077);
        r = store_backup(store, files.list[0], &why);
        if (r < 0) {
                complain("%s", why ? why : strerror(-r));
                return CLI_FAILED;
        }
        if (cli->json) {
                json_t *done = json_pack("{s:s}", "backup", files.list[0]);

                json_print(done);
                json_decref(done);
                return CLI_OK;
        }
        printf("%s holds all keys with their history. The secrets in it are sealed, and the master key is "
               "not "
               "inside: keep a copy of that elsewhere, or they cannot be opened again.\n",
               files.list[0]);
        return CLI_OK;
}
