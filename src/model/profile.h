/* A profile: the permissions a key must have, and what counts as too much. conf/ makes them from files. */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "base/usec.h"
#include "model/grants.h"

enum excess_rule {
        EXCESS_REPORT, /* any permission beyond the required ones is a finding */
        EXCESS_WRITES, /* only write permissions are */
        EXCESS_ALLOW,  /* nothing is */
};

/* One line of `require`. `row` is the index of the permission in the catalogue (stripe/catalogue.h); `label`
 * is the Dashboard label as the profile's author wrote it, for messages. */
struct requirement {
        unsigned row;
        enum level level;
        char *label;
};

/* All strings owned, never NULL. */
struct profile {
        char *name;
        char *title;
        bool any_kind; /* kind: any – a full secret key is tolerated (and reported); else only restricted keys
                        */
        bool live, test;
        struct requirement *required;
        size_t n_required;
        enum excess_rule excess;
        usec_t pulse;        /* 0: the general setting */
        usec_t rotation_due; /* 0: the general setting */
        char *name_pattern; /* "" or a POSIX extended regular expression that was compiled once to prove it */
        bool sweep;         /* coupons: sweep */
        char *key_name;     /* suggested in the creation link; "" for none */
};

/* Sorted by name. A key refers to its profile by index, so a reload that drops a profile in use is refused.
 */
struct profiles {
        struct profile **list;
        size_t n;
};

/* -ENOENT: no such profile. */
int profiles_find(const struct profiles *profiles, const char *name, size_t *ret_index);

/* The level that the profile requires of a catalogue row; LEVEL_NONE if none. Where two lines name the same
 * row (two labels of one permission), the higher level counts. */
enum level profile_requires(const struct profile *profile, unsigned row);

struct profile *profile_free(struct profile *profile);
DEFINE_CLEANUP(struct profile, profile_free)
struct profiles *profiles_free(struct profiles *profiles);
DEFINE_CLEANUP(struct profiles, profiles_free)

#endif
