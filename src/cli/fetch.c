#include "cli/fetch.h"

#include <errno.h>

#include "cli/client.h"
#include "cli/failure.h"
#include "cli/offline.h"

static int from_database(const struct cli *cli, offline_fn offline, const void *what, json_t **ret)
{
        _cleanup_(store_closep) struct store *store = NULL;
        int r = offline_instead(cli, &store);

        if (r < 0)
                return r;
        r = offline(store, what, ret);
        if (r == -ENOENT)
                complain_as(FAILURE_NOT_FOUND, "what you ask for is not in the database");
        return r;
}

int fetch(const struct cli *cli, struct url url, offline_fn offline, const void *what, json_t **ret)
{
        struct answer answer;
        int r = client_ask(cli, "GET", url, NULL, &answer);

        if (r == -ECONNREFUSED)
                return from_database(cli, offline, what, ret);
        if (r < 0) {
                client_complain(cli, r);
                return r;
        }
        r = client_check(cli, &answer);
        if (r >= 0 && !answer.json) {
                complain("keyvigild gave an answer that cannot be understood");
                r = -EBADMSG;
        }
        if (r >= 0)
                *ret = json_incref(answer.json);
        answer_clear(&answer);
        return r;
}
