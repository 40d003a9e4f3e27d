#include "control/listing.h"

#include <errno.h>
#include <string.h>

#include "control/stream.h"

/* Keys that are looked at before something is sent, be it a newline. */
#define STEP 200

struct listing {
        struct stream stream;
        struct engine *engine;
        struct selection *selection;
        int64_t last_id;
        size_t place; /* among the keys, within one step */
        uint64_t left;
        bool any;
};

static int advance(struct stream *stream);

int listing_new(struct engine *engine, struct store *store, const struct key_selector *selector,
                const char *columns, uint64_t limit, int64_t after, struct listing **ret)
{
        _cleanup_(listing_freep) struct listing *listing = calloc(1, sizeof(*listing));

        if (!listing)
                return -ENOMEM;
        listing->stream.advance = advance;
        listing->engine = engine;
        listing->left = limit;
        listing->last_id = after;
        int r = selection_new(store, selector, columns, &listing->selection);
        if (r < 0)
                return r;
        stream_add(&listing->stream, "{\"keys\":[\n");
        *ret = TAKE(listing);
        return 0;
}

struct listing *listing_free(struct listing *listing)
{
        if (!listing)
                return NULL;
        selection_free(listing->selection);
        free(listing->stream.text.bytes);
        return mfree(listing);
}

/* The id up to which the next step goes; 0: there are no more keys. They may have come and gone meanwhile. */
static int64_t next_step(struct listing *listing)
{
        size_t n, next = engine_keys_after(listing->engine, listing->last_id);
        const struct key *const *keys = engine_keys(listing->engine, &n);

        listing->place = next;
        return next == n ? 0 : keys[MIN(next + STEP, n) - 1]->id;
}

/* The key of a row: rows come in the order of the keys. */
static const struct key *key_of(struct listing *listing, int64_t id)
{
        size_t n;
        const struct key *const *keys = engine_keys(listing->engine, &n);

        while (listing->place < n && keys[listing->place]->id < id)
                listing->place++;
        return listing->place < n && keys[listing->place]->id == id ? keys[listing->place] : NULL;
}

static int take_row(const struct column *columns, size_t n, void *userdata)
{
        struct listing *listing = userdata;

        if (listing->left == 0)
                return 0;
        listing->left--;
        if (listing->any)
                stream_add(&listing->stream, ",\n");
        listing->any = true;
        text_add_key(&listing->stream.text, columns, n, key_of(listing, columns[0].integer));
        return listing->stream.text.failed ? -ENOMEM : 0;
}

static int advance(struct stream *stream)
{
        struct listing *listing = CONTAINER_OF(stream, struct listing, stream);
        int64_t until = listing->left > 0 ? next_step(listing) : 0;
        int r = 0;

        if (until > 0) {
                r = selection_read(listing->selection, listing->last_id, until, take_row, listing);
                listing->last_id = until;
                if (stream->text.size == 0)
                        stream_add(stream, "\n");
        } else {
                stream_add(stream, "\n]}\n");
                stream->ended = true;
        }
        return r;
}

ssize_t listing_read(void *listing, uint64_t position, char *to, size_t size)
{
        return stream_read(&((struct listing *) listing)->stream, position, to, size);
}
