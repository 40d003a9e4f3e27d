#include "control/listing.h"

#include <errno.h>
#include <string.h>

#include "view/text.h"

/* Keys that are looked at before something is sent, be it a newline. */
#define STEP 200

struct listing {
        struct engine *engine;
        struct selection *selection;
        int64_t last_id;
        size_t place; /* among the keys, within one step */
        uint64_t left;
        bool any, ended;
        struct text text; /* made, but not sent yet */
        size_t sent;
};

static void add(struct listing *listing, const char *text)
{
        text_add(&listing->text, text, strlen(text));
}

int listing_new(struct engine *engine, struct store *store, const struct key_selector *selector,
                const char *columns, uint64_t limit, int64_t after, struct listing **ret)
{
        _cleanup_(listing_freep) struct listing *listing = calloc(1, sizeof(*listing));

        if (!listing)
                return -ENOMEM;
        listing->engine = engine;
        listing->left = limit;
        listing->last_id = after;
        int r = selection_new(store, selector, columns, &listing->selection);
        if (r < 0)
                return r;
        add(listing, "{\"keys\":[\n");
        *ret = TAKE(listing);
        return 0;
}

struct listing *listing_free(struct listing *listing)
{
        if (!listing)
                return NULL;
        selection_free(listing->selection);
        free(listing->text.bytes);
        return mfree(listing);
}

/* The id up to which the next step goes; 0: there are no more keys. They may have come and gone meanwhile. */
static int64_t next_step(struct listing *listing)
{
        size_t n, low = 0;
        const struct key *const *keys = engine_keys(listing->engine, &n);

        for (size_t high = n; low < high;) {
                size_t middle = low + (high - low) / 2;

                if (keys[middle]->id <= listing->last_id)
                        low = middle + 1;
                else
                        high = middle;
        }
        listing->place = low;
        return low == n ? 0 : keys[MIN(low + STEP, n) - 1]->id;
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
                add(listing, ",\n");
        listing->any = true;
        text_add_key(&listing->text, columns, n, key_of(listing, columns[0].integer));
        return listing->text.failed ? -ENOMEM : 0;
}

/* Make some more text. */
static int advance(struct listing *listing)
{
        int64_t until = listing->left > 0 ? next_step(listing) : 0;
        int r = 0;

        listing->text.size = 0;
        listing->sent = 0;
        if (until > 0) {
                r = selection_read(listing->selection, listing->last_id, until, take_row, listing);
                listing->last_id = until;
                if (listing->text.size == 0)
                        add(listing, "\n");
        } else {
                add(listing, "\n]}\n");
                listing->ended = true;
        }
        return r < 0 ? r : listing->text.failed ? -ENOMEM : 0;
}

ssize_t listing_read(struct listing *listing, char *to, size_t size)
{
        if (listing->sent == listing->text.size) {
                if (listing->ended)
                        return 0;
                int r = advance(listing);
                if (r < 0)
                        return r;
        }
        size = MIN(size, listing->text.size - listing->sent);
        memcpy(to, listing->text.bytes + listing->sent, size);
        listing->sent += size;
        return (ssize_t) size;
}
