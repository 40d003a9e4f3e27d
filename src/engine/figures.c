#include "engine/figures.h"

#include "base/macros.h"

static const double request_bounds[] = { 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20 };
static const double commit_bounds[] = { 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                        0.05,   0.1,   0.25,   0.5,   1,    2.5 };

const char *limit_name(enum limit limit)
{
        static const char *const names[] = {
#define X(name, text) [LIMIT_##name] = (text),
                LIMITS(X)
#undef X
        };

        return names[limit];
}

const char *checks_name(enum checks checks)
{
        static const char *const names[] = {
#define X(name, text) [CHECKS_##name] = (text),
                CHECKS(X)
#undef X
        };

        return names[checks];
}

void figures_init(struct figures *figures)
{
        *figures = (struct figures){
                .request = { .bounds = request_bounds, .n = ELEMENTSOF(request_bounds) },
                .commit = { .bounds = commit_bounds, .n = ELEMENTSOF(commit_bounds) },
        };
}
