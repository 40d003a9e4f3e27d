/* Secrets from people: standard input, or a prompt without echo. Never the command line. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "base/secret.h"

/* One line. Complains and gives -EINVAL if there is none or it is too long. The caller frees. */
int input_secret(const char *prompt, struct secret **ret);

#endif
