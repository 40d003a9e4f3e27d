#include "store/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "store/database.h"
#include "store/eventrow.h"

#define META_EPOCH "events.epoch"

/* Room for both parts of what is stored: the epoch, and which file it was made for. */
#define EPOCH_TEXT_MAX 80

/* A copy, even one in the same place, was born at another moment. */
static int identify(const struct store *store, char text[static EPOCH_TEXT_MAX])
{
        struct statx file;

        if (statx(AT_FDCWD, store->path, 0, STATX_INO | STATX_BTIME, &file) < 0)
                return -errno;
        if (!(file.stx_mask & STATX_BTIME))
                file.stx_btime = (struct statx_timestamp){ 0 };
        snprintf(text, EPOCH_TEXT_MAX, "%" PRIu64 ":%" PRId64 ".%09" PRIu32, (uint64_t) file.stx_ino,
                 (int64_t) file.stx_btime.tv_sec, file.stx_btime.tv_nsec);
        return 0;
}

static int epoch_begin(struct store *store, const char *identity, uint32_t *ret)
{
        char text[EPOCH_TEXT_MAX + 16];
        uint32_t epoch = 0;

        while (epoch == 0)
                if (getrandom(&epoch, sizeof(epoch), 0) < 0 && errno != EINTR)
                        return -errno;
        snprintf(text, sizeof(text), "%08" PRIx32 " %s", epoch, identity);
        int r = store_meta_put(store, META_EPOCH, text);
        if (r >= 0)
                *ret = epoch;
        return r;
}

int store_events_epoch(struct store *store, uint32_t *ret)
{
        _cleanup_free_ char *stored = NULL;
        char identity[EPOCH_TEXT_MAX];
        uint32_t epoch;
        int r = identify(store, identity);

        if (r < 0)
                return r;
        r = store_meta_get(store, META_EPOCH, &stored);
        if (r < 0 && r != -ENOENT)
                return r;
        if (r < 0 || sscanf(stored, "%" SCNx32, &epoch) != 1 || !strchr(stored, ' ') ||
            strcmp(strchr(stored, ' ') + 1, identity) != 0)
                return epoch_begin(store, identity, ret);
        *ret = epoch;
        return 0;
}

int store_events_range(struct store *store, int64_t *ret_first, int64_t *ret_last)
{
        int64_t incident, last, first;
        int r = store_last_ids(store, &incident, &last);

        if (r < 0)
                return r;
        r = db_int(store, db_statement(store, STATEMENT_EVENT_FIRST), &first);
        if (r < 0 && r != -ENOENT)
                return r;
        *ret_first = r < 0 ? last + 1 : first;
        *ret_last = last;
        return 0;
}

int store_load_feed(struct store *store, int64_t after_seq, unsigned limit, feed_take_fn take, void *userdata)
{
        sqlite3_stmt *load = db_statement(store, STATEMENT_EVENT_FEED);
        int r;

        bind_int(load, ":after", after_seq);
        bind_int(load, ":limit", limit);
        while ((r = db_step(store, load)) > 0) {
                struct event *event;

                r = event_read(load, &event);
                if (r >= 0)
                        r = take(event, sqlite3_column_int64(load, 9), userdata);
                if (r < 0) {
                        db_reset(load);
                        return r;
                }
        }
        return r;
}
