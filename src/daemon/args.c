#include "daemon/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"

static const char help[] =
        "keyvigild [--config FILE] [--events=stdout]\n"
        "\n"
        "Keeps watch over stored Stripe restricted keys. Stays in the foreground.\n"
        "\n"
        "  --config FILE  the configuration [" CONF_PATH "]\n"
        "  --events=stdout  events go to standard output, one JSON a line: where no journal is\n"
        "  --version      say which version this is\n"
        "  --help         say this\n"
        "\n"
        "Exit status: 0 stopped as asked, 1 failure, 2 usage, 4 no permission, 6 not configured.\n"
        "See keyvigild(8).\n";

int args_parse(int argc, char *const *argv, struct args *ret)
{
        static const struct option options[] = { { "config", required_argument, NULL, 'c' },
                                                 { "events", required_argument, NULL, 'e' },
                                                 { "version", no_argument, NULL, 'v' },
                                                 { "help", no_argument, NULL, 'h' },
                                                 { 0 } };
        struct args args = { 0 };
        int option;

        while ((option = getopt_long(argc, argv, "+h", options, NULL)) >= 0)
                switch (option) {
                case 'c':
                        args.conf_path = optarg;
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
