/* Which keys: what `list` and all that changes many at once take. And reading those keys in slices. */
#ifndef STORE_SELECTOR_H
#define STORE_SELECTOR_H

#include "store/store.h"

#define PATTERNS_MAX 64

/* All of it must hold; zeroed: every key. Borrowed. */
struct key_selector {
        const char *patterns[PATTERNS_MAX]; /* of the name, with * ? [a-z]; one of them is enough */
        size_t n_patterns;
        const char *states; /* "revoked,expired": one of them is enough; NULL: any, and so on */
        const char *profile, *account, *mode;
        const char *label_name, *label_value; /* value NULL: whatever it is */
        const char *missing, *excess;         /* the id of a permission */
        int64_t expiring;                     /* has a declared end, not later than this; 0: any */
        bool not_well;                        /* any state but healthy, or an incident is open */
};

/* Is it a state, or one of the words for a key in doubt? */
bool selector_takes_state(const char *word);

/* Does it leave nothing out? */
bool selector_is_empty(const struct key_selector *selector);

struct selection;

/* `columns`: of v_key, with commas between; NULL: all. Strings of `selector` are copied. -EINVAL: a column
 * that is none. To be freed before the store. */
int selection_new(struct store *store, const struct key_selector *selector, const char *columns,
                  struct selection **ret);
struct selection *selection_free(struct selection *selection);
DEFINE_CLEANUP(struct selection, selection_free)

/* The rows of selected keys with after < id <= until, in order of id. The first column of each is the id of
 * the key; the store must not be called from `row`. */
int selection_read(struct selection *selection, int64_t after, int64_t until, row_fn row, void *userdata);

#endif
