/* keyvigild: the daemon. */
#include "base/harden.h"
#include "daemon/args.h"
#include "daemon/daemon.h"
#include "daemon/process.h"

enum {
        EXIT_STOPPED = 0,
        EXIT_FAILED = 1,
        EXIT_USAGE = 2,
};

int main(int argc, char **argv)
{
        _cleanup_(daemon_freep) struct daemon *daemon = NULL;
        struct args args;
        int r = args_parse(argc, argv, &args);

        if (r != 0)
                return r > 0 ? EXIT_STOPPED : EXIT_USAGE;
        if (harden(argv) < 0 || process_prepare() < 0)
                return EXIT_FAILED;
        r = daemon_new(args.conf_path, args.events_to_stdout, &daemon);
        if (r >= 0)
                r = daemon_run(daemon);
        return daemon_exit_status(r);
}
