#include "control/listing.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "view/key.h"
#include "view/row.h"

/* Keys that are looked at before something is sent, be it a newline. */
#define STEP_MAX 500

struct listing {
        struct engine *engine;
        struct store *store;
        int state;
        char *label_name, *label_value;
        int64_t last_id;
        bool any, ended;
        char *text; /* made, but not sent yet */
        size_t sent;
};

int listing_new(struct engine *engine, struct store *store, int state, const char *label_name,
                const char *label_value, struct listing **ret)
{
        struct listing *listing = calloc(1, sizeof(*listing));

        if (!listing)
                return -ENOMEM;
        listing->engine = engine;
        listing->store = store;
        listing->state = state;
        listing->label_name = label_name ? strdup(label_name) : NULL;
        listing->label_value = label_value ? strdup(label_value) : NULL;
        listing->text = strdup("{\"keys\":[\n");
        if (!listing->text || (label_name && (!listing->label_name || !listing->label_value))) {
                listing_free(listing);
                return -ENOMEM;
        }
        *ret = listing;
        return 0;
}

struct listing *listing_free(struct listing *listing)
{
        if (!listing)
                return NULL;
        free(listing->label_name);
        free(listing->label_value);
        free(listing->text);
        return mfree(listing);
}

/* The key after the last one that was looked at. Keys may have come and gone meanwhile. */
static const struct key *next_key(struct listing *listing)
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
        if (low == n)
                return NULL;
        listing->last_id = keys[low]->id;
        return keys[low];
}

static bool state_matches(const struct listing *listing, const struct key *key)
{
        return listing->state < 0 || (int) key_state(key, (int64_t) time(NULL)) == listing->state;
}

static int write_key(struct listing *listing, const struct key *key)
{
        const struct query_filter filter = { .key = key->name,
                                             .label_name = listing->label_name,
                                             .label_value = listing->label_value };
        json_t *row;
        int r = row_query(listing->store, QUERY_KEYS, &filter, &row);

        if (r == -ENOENT) /* has not that label */
                return 0;
        if (r < 0)
                return r;
        _cleanup_free_ char *object = key_overlay(row, key) < 0 ? NULL : json_dumps(row, JSON_COMPACT);
        json_decref(row);
        if (!object || asprintf(&listing->text, "%s%s", listing->any ? ",\n" : "", object) < 0) {
                listing->text = NULL;
                return -ENOMEM;
        }
        listing->any = true;
        return 0;
}

/* Make some more text. */
static int advance(struct listing *listing)
{
        listing->text = mfree(listing->text);
        listing->sent = 0;
        for (unsigned i = 0; i < STEP_MAX && !listing->text; i++) {
                const struct key *key = next_key(listing);

                if (!key) {
                        listing->ended = true;
                        listing->text = strdup("\n]}\n");
                        return listing->text ? 0 : -ENOMEM;
                }
                int r = state_matches(listing, key) ? write_key(listing, key) : 0;
                if (r < 0)
                        return r;
        }
        if (!listing->text)
                listing->text = strdup("\n");
        return listing->text ? 0 : -ENOMEM;
}

ssize_t listing_read(struct listing *listing, char *to, size_t size)
{
        size_t used = 0;

        while (used < size) {
                size_t left = strlen(listing->text + listing->sent), n = MIN(left, size - used);

                if (left == 0) {
                        bool blank = listing->text[0] == '\n' && listing->text[1] == '\0';

                        if (listing->ended || (blank && used > 0))
                                break;
                        int r = advance(listing);
                        if (r < 0)
                                return r;
                        continue;
                }
                memcpy(to + used, listing->text + listing->sent, n);
                listing->sent += n;
                used += n;
        }
        return (ssize_t) used;
}
