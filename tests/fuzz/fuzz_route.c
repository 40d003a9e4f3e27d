/* A request to the control socket: method, path and the names in its query, with blanks between. */
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "control/routes.h"
#include "fuzz.h"

const struct seed fuzz_seeds[] = {
        SEED("GET /v1/keys state label"),
        SEED("POST /v1/keys/acme/check kind"),
        SEED("PATCH /v1/keys/acme profile"),
        SEED("GET /v1/incidents/17"),
        SEED("POST /v1/incidents/17/ack reason until"),
        SEED("GET //v1/keys/..//x"),
        SEED("DELETE /v1/keys/a force"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = { "/",        "/v1/",   "/keys", "*",    "/incidents",
                                   "/coupons", "/sweep", "GET ",  "PUT ", "POST ",
                                   " ",        "label",  "/..",   "//",   "/events" };
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char argument[ROUTE_ARGUMENT_MAX], methods[80], *text = fuzz_text(data, size), *rest = text;
        const char *method = strsep(&rest, " "), *path = rest ? strsep(&rest, " ") : "";
        const struct route *found = NULL, *routes;
        size_t n;

        routes = routes_all(&n);
        int r = route_find(routes, n, method, path, &found, argument);
        HOLD((r >= 0) == (found != NULL));
        HOLD(r < 0 || memchr(argument, '\0', sizeof(argument)));
        HOLD(r < 0 || strcmp(found->method, method) == 0);
        route_methods(routes, n, path, methods, sizeof(methods));
        HOLD(memchr(methods, '\0', sizeof(methods)));
        for (const char *name; found && rest && (name = strsep(&rest, " "));)
                HOLD(*name == '\0' || !route_knows(found, name) || strstr(found->parameters, name));
        free(text);
        return 0;
}
