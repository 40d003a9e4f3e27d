#include "daemon/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/instance.h"

static const char help[] =
        "keyvigild [--config FILE | --instance NAME] [--events=stdout]\n"
        "\n"
        "Keeps watch over stored Stripe restricted keys. Stays in the foreground.\n"
        "\n"
        "  --config FILE  the configuration [" CONF_PATH "]\n"
        "  --instance NAME  one of several watches: the configuration " SYSCONFDIR "/keyvigil/NAME.yaml\n"
        "  --events=stdout  events go to standard output, one JSON a line: where no journal is\n"
        "  --version      say which version this is\n"
        "  --help         say this\n"
        "\n"
        "Exit status: 0 stopped as asked, 1 failure, 2 usage, 4 no permission, 6 not configured.\n"
        "See keyvigild(8).\n";

static int take_instance(const char *program, const char *name, struct args *args)
{
        static char *path; /* as long as the arguments */
        int r = instance_path(name, &path);

        if (r == -EINVAL)
                fprintf(stderr, "%s: an instance has a name of at most 32 letters a to z, digits, - and _\n",
                        program);
        if (r >= 0)
                args->conf_path = path;
        return r;
}

int args_parse(int argc, char *const *argv, struct args *ret)
{
        static const struct option options[] = {
                { "config", required_argument, NULL, 'c' }, { "instance", required_argument, NULL, 'i' },
                { "events", required_argument, NULL, 'e' }, { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },         { 0 }
        };
        struct args args = { 0 };
        int option, r;

        while ((option = getopt_long(argc, argv, "+h", options, NULL)) >= 0)
                switch (option) {
                case 'c':
                        args.conf_path = optarg;
                        break;
                case 'i':
                        r = take_instance(argv[0], optarg, &args);
                        if (r < 0)
                                return r;
                        break;
                case 'e':
                        if (strcmp(optarg, "stdout") != 0) {
                                fprintf(stderr, "%s: --events can be stdout only\n", argv[0]);
                                return -EINVAL;
                        }
                        args.events_to_stdout = true;
                        break;
                case 'v':
                        puts("keyvigild " PACKAGE_VERSION);
                        return 1;
                case 'h':
                        fputs(help, stdout);
                        return 1;
                default: /* getopt_long() has said what is wrong */
                        return -EINVAL;
                }
        if (optind < argc) {
                fprintf(stderr, "%s: no arguments are taken beside options; see --help\n", argv[0]);
                return -EINVAL;
        }
        *ret = args;
        return 0;
}
