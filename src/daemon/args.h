/* The command line of keyvigild. */
#ifndef DAEMON_ARGS_H
#define DAEMON_ARGS_H

#include <stdbool.h>

struct args {
        const char *conf_path; /* NULL: the usual place */
        bool events_to_stdout; /* instead of the journal */
};

/* What was asked for is done, or wrong, if this is not 0: 1 – printed what was wanted, nothing is left to do;
 * -EINVAL – said on standard error what is wrong. */
int args_parse(int argc, char *const *argv, struct args *ret);

#endif
