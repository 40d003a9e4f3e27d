/* Who is told of events beside the journal, as configured. */
#ifndef MODEL_RECEIVER_H
#define MODEL_RECEIVER_H

#include <stddef.h>

enum receiver_type {
        RECEIVER_ALERTMANAGER,
        RECEIVER_WEBHOOK,
        RECEIVER_MAIL,
};

struct receiver_label {
        char *name, *value;
};

/* Strings are owned, never NULL; "" where something was not said. */
struct receiver {
        enum receiver_type type;
        char *url;             /* Alertmanager, webhook */
        char *credential;      /* webhook: the name of the one that holds its secret */
        char *to;              /* mail */
        char *digest;          /* mail: the time of day, HH:MM, at which one mail has all; "": at once */
        unsigned min_priority; /* nothing less urgent */
        char **kinds;          /* only these; none: all */
        size_t n_kinds;
        struct receiver_label *labels; /* only of keys that have all these */
        size_t n_labels;
};

#endif
