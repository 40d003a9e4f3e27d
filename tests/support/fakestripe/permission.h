#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* The permissions of a restricted key, by the provider's internal names: RESOURCE_read, RESOURCE_write.
 * Write includes read; some include others (documented for Stripe Apps; seen for restricted keys too). */
enum { PERMISSION_WORDS = 2 };

struct permission_set {
        uint64_t read[PERMISSION_WORDS], write[PERMISSION_WORDS];
};

struct permission {
        unsigned resource; /* index into the catalogue */
        bool write;
};

/* Takes names with and without the prefix `rak_`, and the older spellings of four of them. False: no such. */
bool permission_parse(const char *name, struct permission *ret);
const char *permission_label(struct permission p); /* of the resource, without Read or Write */
void permission_name(struct permission p, struct buf *out);

void permission_grant(struct permission_set *s, struct permission p);
void permission_revoke(struct permission_set *s, struct permission p); /* revoking read revokes write too */
void permission_grant_all(struct permission_set *s);
bool permission_has(const struct permission_set *s, struct permission p);

/* What the granted ones imply as well. */
struct permission_set permission_effective(const struct permission_set *s);

/* All names in the set, each once (write stands for both), through `each`. */
typedef void (*permission_each_fn)(const char *name, void *userdata);
void permission_each(const struct permission_set *s, permission_each_fn each, void *userdata);

/* The catalogue is searched by halves; false if somebody broke its order. */
bool permission_catalogue_sorted(void);
