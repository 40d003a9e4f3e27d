/* Whose key it is. */
#include <string.h>

#include "engine/internal.h"
#include "stripe/keyshape.h"

static void adopt(struct engine *e, struct key *key, int64_t account_id)
{
        key->account_id = account_id; /* from its next request on it shares the account's limits */
        batch_key(recorder_batch(e), key);
        recorder_changed(e, false);
        (void) sweep_account(e, key, account_id); /* else with the next start */
}

void account_learn(struct engine *e, struct key *key, const char *account)
{
        int64_t id;

        if (!account_valid(account) || store_account(e->parts.store, account, &id) < 0 ||
            id == key->account_id)
                return;
        if (!key->account_declared) {
                adopt(e, key, id);
                return;
        }
        struct notice n = { .kind = INCIDENT_KEY_WRONG_ACCOUNT, .detail = account };
        incident_open(e, key, &n, engine_wall(e));
}
