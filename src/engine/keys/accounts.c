/* Keys by account, in chains. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/keys/keys.h"

/* Rows of accounts are numbered from 1 on; a number beyond this is damage. */
#define ACCOUNTS_MAX (INT64_C(1) << 28)

static int make_room(struct engine *e, int64_t account_id)
{
        if (account_id < (int64_t) e->accounts_room)
                return 0;
        if (account_id >= ACCOUNTS_MAX)
                return -EUCLEAN;
        size_t room = MAX((size_t) account_id + 1, e->accounts_room + e->accounts_room / 2 + 64);
        struct key **first = reallocarray(e->accounts, room, sizeof(struct key *));
        if (!first)
                return -ENOMEM;
        memset(first + e->accounts_room, 0, (room - e->accounts_room) * sizeof(struct key *));
        e->accounts = first;
        e->accounts_room = room;
        return 0;
}

int account_link(struct engine *e, struct key *key)
{
        int r = key->account_id > 0 ? make_room(e, key->account_id) : 0;

        if (r < 0 || key->account_id <= 0)
                return r;
        key->same_account = e->accounts[key->account_id];
        e->accounts[key->account_id] = key;
        return 0;
}

void account_unlink(struct engine *e, struct key *key)
{
        struct key **link = key->account_id > 0 ? &e->accounts[key->account_id] : NULL;

        while (link && *link && *link != key)
                link = &(*link)->same_account;
        if (link && *link)
                *link = key->same_account;
        key->same_account = NULL;
}

int key_set_account(struct engine *e, struct key *key, int64_t account_id)
{
        int r = account_id > 0 ? make_room(e, account_id) : 0;

        if (r < 0)
                return r;
        account_unlink(e, key);
        key->account_id = account_id;
        return account_link(e, key);
}

struct key *keys_of_account(const struct engine *e, int64_t account_id)
{
        return account_id > 0 && account_id < (int64_t) e->accounts_room ? e->accounts[account_id] : NULL;
}

const struct key *engine_keys_of_account(const struct engine *e, int64_t account_id)
{
        return keys_of_account(e, account_id);
}
