/* keyvigil: the client. */
#include "base/harden.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
        if (harden(argv) < 0)
                return CLI_FAILED;
        return cli_run(argc, argv);
}
