#include "daemon/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "conf/conf.h"

static const char help[] =
        "keyvigild [--config FILE]\n"
        "\n"
        "Keeps watch over stored Stripe restricted keys. Stays in the foreground.\n"
        "\n"
        "  --config FILE  the configuration [" CONF_PATH "]\n"
        "  --version      say which version this is\n"
        "  --help         say this\n"
        "\n"
        "Exit status: 0 stopped as asked, 1 failure, 2 usage, 4 no permission, 6 not configured.\n"
        "See keyvigild(8).\n";

int args_parse(int argc, char *const *argv, struct args *ret)
{
        static const struct option options[] = { { "config", required_argument, NULL, 'c' },
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
