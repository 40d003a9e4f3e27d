/* A whole engine with a fleet of keys, for benchmarks: the real store and vault in a directory that goes
 * away. */
#ifndef TESTS_BENCH_FLEET_H
#define TESTS_BENCH_FLEET_H

#include <systemd/sd-event.h>

#include "conf/conf.h"
#include "engine/engine.h"

struct fleet {
        char dir[64];
        struct conf *conf;
        sd_event *event;
        struct clock *clock;
        struct store *store;
        struct vault *vault;
        struct engine *engine;
        struct journal journal; /* takes everything, keeps nothing */
};

/* With the settings as shipped; the caller may change them before fleet_open(). Benchmarks end on errors. */
void fleet_new(struct fleet *fleet);
void fleet_open(struct fleet *fleet, struct transport *transport);
void fleet_add(struct fleet *fleet, const char *profile, size_t n);
/* Stop, as the daemon does; fleet_open() may follow. */
void fleet_close(struct fleet *fleet);
void fleet_done(struct fleet *fleet);

#endif
