/* A set of connections of its own: one libcurl multi handle on the event loop. */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/usec.h"
#include "http/call.h"

struct pool;

/* The transfer of `call` has ended and was taken out of its pool. At the top of the loop, never within a
 * libcurl callback: calls may be added and removed. */
typedef void (*pool_ended_fn)(struct pool *pool, struct call *call, CURLcode code, void *userdata);

/* Pools are kept in a list, which `list` heads and from which they remove themselves. `site` says how many
 * transfers there will be at a time. -ENOMEM, or what sd-event says. */
int pool_new(sd_event *event, const struct site *site, pool_ended_fn ended, void *userdata,
             struct pool **list, struct pool **ret);

/* Closes the connections. No call may be in it. Not from within `ended`. */
struct pool *pool_free(struct pool *pool);

struct pool *pool_next(const struct pool *pool);

/* All its connections were opened after this instant (CLOCK_BOOTTIME). */
usec_t pool_born(const struct pool *pool);

/* Begin a prepared call. -ENOMEM, -EIO (libcurl refused). */
int pool_add(struct pool *pool, struct call *call);

/* Break off. Does not wait for anything. */
void pool_remove(struct pool *pool, struct call *call);

/* Has nothing come on the connection of `call`, which got no answer, since it was started? Where each request
 * has a connection to itself libcurl closes that one, and there is nothing to be told. */
bool pool_is_silent(const struct pool *pool, const struct call *call);

/* Tells it from all others of this process. */
uint64_t pool_id(const struct pool *pool);

/* Nothing will be added any more; it frees itself when its last call has gone. */
void pool_retire(struct pool *pool);
bool pool_retired(const struct pool *pool);

/* The same, but in a while. What sd-event says. */
int pool_retire_after(struct pool *pool, usec_t delay);

#endif
