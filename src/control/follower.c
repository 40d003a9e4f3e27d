#include "control/follower.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "control/visit.h"
#include "store/feed.h"
#include "view/event.h"

/* Events in one block of an answer: some milliseconds. */
#define BLOCK_EVENTS 20

struct follower *follower_free(struct follower *follower)
{
        if (!follower)
                return NULL;
        free(follower->key);
        free(follower->text);
        return mfree(follower);
}

static bool is_wanted(const struct follower *follower, const struct feed_entry *entry)
{
        return follower->kinds >> entry->kind & 1 &&
               (!follower->key || (entry->key && strcmp(entry->key, follower->key) == 0));
}

bool follower_has_news(struct follower *follower)
{
        const struct feed_ring *ring = follower->ring;
        const struct feed_entry *entry;

        if (follower->cursor < ring->floor)
                return true; /* it is looked for while it is sent */
        while ((entry = feed_ring_next(ring, follower->cursor))) {
                if (is_wanted(follower, entry))
                        return true;
                follower->cursor = entry->seq;
        }
        return false;
}

static void append(struct follower *follower, FILE *to, const struct feed_entry *entry)
{
        follower->cursor = entry->seq;
        if (!is_wanted(follower, entry))
                return;
        fprintf(to, "%s%s", follower->any ? ",\n" : "", entry->text);
        follower->any = true;
        follower->left--;
}

struct past {
        struct follower *follower;
        FILE *to;
};

static int take_past(struct event *event, int64_t parent, void *userdata)
{
        struct past *past = userdata;
        struct feed_entry entry;
        int r = feed_entry_make(event, parent, past->follower->epoch, &entry);

        if (r < 0)
                return r;
        if (past->follower->left > 0)
                append(past->follower, past->to, &entry);
        feed_entry_clear(&entry);
        return 0;
}

/* What is no longer in the ring. -ENODATA: it was forgotten while it was read. */
static int append_past(struct follower *follower, FILE *to)
{
        struct past past = { follower, to };
        struct store *store = follower->store;
        int64_t first, last;
        int r = store_events_range(store, &first, &last);

        if (r < 0)
                return r;
        if (follower->cursor < first - 1)
                return -ENODATA;
        return store_load_feed(store, follower->cursor, MIN((unsigned) BLOCK_EVENTS, follower->left),
                               take_past, &past);
}

static void append_new(struct follower *follower, FILE *to)
{
        const struct feed_ring *ring = follower->ring;
        const struct feed_entry *entry;

        for (unsigned i = 0; i < BLOCK_EVENTS && follower->left > 0; i++) {
                entry = feed_ring_next(ring, follower->cursor);
                if (!entry)
                        return;
                append(follower, to, entry);
        }
}

static void append_end(struct follower *follower, FILE *to)
{
        char cursor[CURSOR_MAX];

        fprintf(to, "],\n\"next\": \"%s\", \"has_more\": %s}\n",
                cursor_format(follower->epoch, follower->cursor, cursor),
                follower->cursor < follower->ring->top ? "true" : "false");
        follower->ended = true;
}

/* The next block of text. */
static int advance(struct follower *follower)
{
        const struct feed_ring *ring = follower->ring;
        FILE *to;
        int r = 0;

        follower->text = mfree(follower->text);
        follower->sent = 0;
        to = memory_stream(&follower->text, &follower->size);
        if (!to)
                return -ENOMEM;
        if (follower->left == 0 || follower->cursor >= ring->top)
                append_end(follower, to);
        else if (follower->cursor < ring->floor)
                r = append_past(follower, to);
        else
                append_new(follower, to);
        if (r >= 0 && ftell(to) == 0)
                fputc('\n', to); /* nothing of it was wanted; the connection lives */
        return fclose(to) != 0 ? -ENOMEM : r;
}

static ssize_t read_block(void *state, uint64_t position, char *to, size_t size)
{
        struct follower *follower = state;

        (void) position;
        if (follower->sent == follower->size) {
                if (follower->ended)
                        return MHD_CONTENT_READER_END_OF_STREAM;
                if (advance(follower) < 0)
                        return MHD_CONTENT_READER_END_WITH_ERROR;
        }
        size = MIN(size, follower->size - follower->sent);
        memcpy(to, follower->text + follower->sent, size);
        follower->sent += size;
        return (ssize_t) size;
}

static void free_state(void *state)
{
        follower_free(state);
}

void follower_answer(struct follower *follower, struct visit *visit)
{
        follower->visit = NULL;
        follower->text = strdup("{\"data\": [\n");
        follower->size = follower->text ? strlen(follower->text) : 0;
        reply_stream(visit, read_block, follower, free_state);
}
