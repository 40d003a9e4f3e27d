/* A check that somebody asked for. */
#include <errno.h>

#include "base/why.h"
#include "engine/people/people.h"

int engine_check(struct engine *e, const char *name, enum check_kind kind, check_done_fn done, void *userdata,
                 char **ret_why)
{
        struct key *key = engine_named(e, name);

        if (!key)
                return why(ret_why, -ENOENT, "There is no key named '%s'; 'keyvigil list' shows all.", name);
        rotation_ask_soon(e, key);
        successor_ask_soon(e, key);
        if (kind == CHECK_COUPONS || kind == CHECK_CONNECT)
                return connect_check(e, key, kind, done, userdata, ret_why);
        return watch_check(e, key, kind, done, userdata);
}
