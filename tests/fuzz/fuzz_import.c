/* What a client sends: lines of an import, and paths. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "control/import_line.h"
#include "control/routes.h"
#include "fuzz.h"

const struct seed fuzz_seeds[] = {
        SEED("{\"name\":\"acme\",\"key\":\"not_a_key\",\"profile\":\"selgeo\"}"),
        SEED("{\"name\":\"a\",\"key\":\"k\",\"profile\":\"p\",\"account\":\"acct_1\",\"created\":\"2026-11-"
             "21\","
             "\"expires\":1893456000,\"labels\":{\"team\":\"a\",\"b\":\"\"}}"),
        SEED("{\"name\":null,\"key\":17,\"profile\":[],\"labels\":{\"x\":1}}"),
        SEED("/v1/keys/acme/history"),
        SEED("/v1/incidents/17/ack"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = {
        "\"name\"",   "\"key\"",   "\"profile\"", "\"account\"", "\"created\"", "\"expires\"",
        "\"labels\"", "null",      "true",        "{",           "}",           "[",
        "]",          ":",         ",",           "\\u0000",     "/v1/",        "keys",
        "*",          "incidents", "replay",      "//",          "1e999",       "-1",
};
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

static void hold_line(const struct import_line *line)
{
        HOLD(line->said.request.name && line->secret); /* a stored key may keep its profile */
        HOLD(strlen(line->secret->bytes) == line->secret->size);
        HOLD(line->said.request.n_labels <= LABELS_MAX);
        for (size_t i = 0; i < line->said.request.n_labels; i++)
                HOLD(line->said.request.labels[i].name && line->said.request.labels[i].value);
}

static void hold_path(const char *path)
{
        static const char *const methods[] = { "GET", "POST", "PATCH", "DELETE", "PUT", "" };
        char argument[ROUTE_ARGUMENT_MAX] = "untouched", known[80];
        size_t n;
        const struct route *routes = routes_all(&n), *route = NULL;

        for (size_t i = 0; i < ELEMENTSOF(methods); i++) {
                int r = route_find(routes, n, methods[i], path, &route, argument);

                if (r == 0)
                        HOLD(route && strlen(argument) < sizeof(argument) && !strchr(argument, '/'));
                else
                        HOLD(r == -ENOENT || r == -EOPNOTSUPP);
        }
        route_methods(routes, n, path, known, sizeof(known));
        HOLD(strlen(known) < sizeof(known));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = fuzz_text(data, size);
        struct import_line line;
        const char *why = NULL;
        int r = import_line_parse(text, size, &line, &why);

        HOLD(r == 0 || (r == -EINVAL && why));
        if (r == 0) {
                hold_line(&line);
                import_line_clear(&line);
        }
        hold_path(text);
        free(text);
        return 0;
}
