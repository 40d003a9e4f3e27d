/* One change for many keys. */
#ifndef CLI_BULK_H
#define CLI_BULK_H

#include <jansson.h>

#include "cli/selector.h"

/* How commands that change keys ask before. For the table of options. */
struct asked {
        bool yes, dry_run;
};
#define BULK_OPTIONS(a)                                                                                      \
        { "yes", OPTION_FLAG, &(a)->yes },                                                                   \
        {                                                                                                    \
                "dry-run", OPTION_FLAG, &(a)->dry_run                                                        \
        }

struct bulk {
        const char *method; /* of each request */
        struct url (*url)(const char *name, void *userdata);
        void *userdata;
        const char *verb; /* "pause": what is asked; */
        const char *done; /* "is paused": what is said of one */
        const char *noun; /* "incident"; NULL: keys */
        bool ask_for_one; /* on a terminal, for a single key, too */
};

/* The names of what was chosen. -errno after a complaint; the caller decrefs. Names alone are taken as they
 * are. */
int bulk_names(const struct cli *cli, const struct chosen *chosen, json_t **ret);

/* Choose, ask, do. Gives the exit status. */
int bulk_run(const struct cli *cli, const struct chosen *chosen, const struct asked *asked,
             const struct bulk *bulk);

#endif
