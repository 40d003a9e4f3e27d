/* Whose key it is. */
#include <stdio.h>
#include <string.h>

#include "engine/watch/watch.h"
#include "stripe/keyshape.h"

static void account_adopt(struct engine *e, struct key *key, int64_t account_id)
{
        if (key_set_account(e, key, account_id) < 0) /* its next requests share the account's limits */
                return;
        batch_key(recorder_batch(e), key);
        recorder_changed(e, false);
        (void) engine_account_learned(e, key, account_id); /* else with the next start */
}

/* The declared account is believed, and its limits are kept: the operator knows whose key it should be. */
static void another(struct engine *e, struct key *key, const char *account)
{
        _cleanup_free_ char *declared = engine_account(e, key);
        char detail[160];

        snprintf(detail, sizeof(detail), "Stripe names %s, declared is %s", account,
                 declared ? declared : "another");
        struct notice n = { .kind = INCIDENT_KEY_WRONG_ACCOUNT, .detail = detail };
        struct incident *open = incident_find(e, key, n.kind);
        if (!open)
                incident_open(e, key, &n, engine_wall(e));
        else if (strcmp(open->detail, detail) != 0)
                incident_update(e, key, open, &n);
}

void account_learn(struct engine *e, struct key *key, const char *account)
{
        int64_t id;

        if (!account_valid(account) || store_account(e->parts.store, account, &id) < 0)
                return;
        if (id == key->account_id)
                incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_WRONG_ACCOUNT), "declared");
        else if (key->account_declared)
                another(e, key, account);
        else
                account_adopt(e, key, id);
}
