/* Accounts by name. A fleet's first checks learn one for nearly every key: a new one waits in memory and is
 * written at the beginning of the next transaction, whatever that is for, so nothing can refer to it earlier.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "store/database.h"
#include "store/keyrow.h"

struct account {
        const char *name; /* first: the tree compares it */
        int64_t id;
        bool written; /* in the transaction that is open */
        TAILQ_ENTRY(account) next;
        char text[];
};

struct accounts {
        void *by_name; /* tree */
        TAILQ_HEAD(, account) list;
        int64_t last; /* the highest id; 0: not looked up yet */
};

static int by_name(const void *left, const void *right)
{
        const struct account *a = left, *b = right;

        return strcmp(a->name, b->name);
}

static int accounts_get(struct store *store, struct accounts **ret)
{
        int r;

        if (!store->accounts) {
                store->accounts = calloc(1, sizeof(*store->accounts));
                if (!store->accounts)
                        return -ENOMEM;
                TAILQ_INIT(&store->accounts->list);
        }
        if (store->accounts->last == 0) {
                r = db_int(store, db_statement(store, STATEMENT_ACCOUNT_LAST), &store->accounts->last);
                if (r < 0)
                        return r;
        }
        *ret = store->accounts;
        return 0;
}

static struct account *accounts_find(const struct accounts *accounts, const char *name)
{
        const struct account wanted = { .name = name };
        struct account *const *found = tfind(&wanted, &accounts->by_name, by_name);

        return found ? *found : NULL;
}

static int accounts_add(struct accounts *accounts, const char *name, struct account **ret)
{
        size_t size = strlen(name) + 1;
        struct account *account = calloc(1, sizeof(*account) + size);

        if (!account)
                return -ENOMEM;
        account->name = memcpy(account->text, name, size);
        if (!tsearch(account, &accounts->by_name, by_name)) {
                free(account);
                return -ENOMEM;
        }
        account->id = ++accounts->last;
        TAILQ_INSERT_TAIL(&accounts->list, account, next);
        *ret = account;
        return 0;
}

static void account_drop(struct accounts *accounts, struct account *account)
{
        tdelete(account, &accounts->by_name, by_name);
        TAILQ_REMOVE(&accounts->list, account, next);
        free(account);
}

int accounts_write(struct store *store)
{
        sqlite3_stmt *insert = db_statement(store, STATEMENT_ACCOUNT_INSERT);
        struct account *account;
        int r = 0;

        if (!store->accounts)
                return 0;
        TAILQ_FOREACH(account, &store->accounts->list, next) {
                if (account->written)
                        continue;
                bind_int(insert, ":id", account->id);
                bind_text(insert, ":name", account->name);
                r = db_run(store, insert);
                if (r < 0)
                        return r;
                account->written = true;
        }
        return 0;
}

void accounts_ended(struct store *store, bool committed)
{
        struct account *account, *next;

        if (!store->accounts)
                return;
        for (account = TAILQ_FIRST(&store->accounts->list); account; account = next) {
                next = TAILQ_NEXT(account, next);
                if (account->written && committed)
                        account_drop(store->accounts, account);
                else
                        account->written = false;
        }
}

void accounts_free(struct store *store)
{
        if (!store->accounts)
                return;
        while (!TAILQ_EMPTY(&store->accounts->list))
                account_drop(store->accounts, TAILQ_FIRST(&store->accounts->list));
        free(store->accounts);
}

int store_account(struct store *store, const char *name, int64_t *ret_id)
{
        sqlite3_stmt *find = db_statement(store, STATEMENT_ACCOUNT_ID);
        struct accounts *accounts;
        struct account *account;
        int r;

        bind_text(find, ":name", name);
        r = db_int(store, find, ret_id);
        if (r != -ENOENT)
                return r;
        r = accounts_get(store, &accounts);
        if (r < 0)
                return r;
        account = accounts_find(accounts, name);
        r = account ? 0 : accounts_add(accounts, name, &account);
        if (r >= 0 && store->nested) /* the transaction has begun already */
                r = db_break(store, accounts_write(store));
        if (r < 0)
                return r;
        *ret_id = account->id;
        return 0;
}

int store_account_name(struct store *store, int64_t account_id, char **ret_name)
{
        sqlite3_stmt *find = db_statement(store, STATEMENT_ACCOUNT_NAME);
        struct account *account;
        char *name = NULL;
        int r;

        bind_int(find, ":id", account_id);
        r = db_text(store, find, ret_name);
        if (r != -ENOENT || !store->accounts)
                return r;
        TAILQ_FOREACH(account, &store->accounts->list, next)
                if (account->id == account_id)
                        break;
        if (!account)
                return -ENOENT;
        name = strdup(account->name);
        if (!name)
                return -ENOMEM;
        *ret_name = name;
        return 0;
}
