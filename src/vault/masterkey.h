/* Where the master key comes from. For vault.c only. */
#ifndef VAULT_MASTERKEY_H
#define VAULT_MASTERKEY_H

#include <stdbool.h>

#define MASTERKEY_SIZE 32

/* As vault_new(); the caller wipes `ret`. `ret_beside`: it lies in the state directory. */
int masterkey_find(const char *state_dir, const char *credential, bool may_create,
                   unsigned char ret[MASTERKEY_SIZE], bool *ret_beside, char **ret_why);

#endif
