/* Secrets from people: standard input, or a prompt without echo. Never the command line. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "base/secret.h"

/* One line. Complains and gives -EINVAL if there is none or it is too long. The caller frees. */
int input_secret(const char *prompt, struct secret **ret);

/* The first line of a file. */
int input_secret_file(const char *path, struct secret **ret);

#endif
