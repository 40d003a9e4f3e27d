/* Which keys a command is about: names or patterns, and options that are the same everywhere. */
#ifndef CLI_SELECTOR_H
#define CLI_SELECTOR_H

#include "cli/options.h"
#include "cli/url.h"
#include "store/selector.h"

struct chosen {
        struct texts names; /* or patterns */
        const char *state, *profile, *account, *mode, *label, *missing, *excess, *expiring;
        bool not_well;
        char *label_name; /* what chosen_offline() made; chosen_clear() */
};

/* For the table of options of a command. */
#define SELECTOR_COMMON(c)                                                                                   \
        { "state", OPTION_TEXT, &(c)->state }, { "mode", OPTION_TEXT, &(c)->mode },                          \
                { "missing", OPTION_TEXT, &(c)->missing }, { "excess", OPTION_TEXT, &(c)->excess },          \
                { "expiring", OPTION_TEXT, &(c)->expiring },                                                 \
        {                                                                                                    \
                "not-well", OPTION_FLAG, &(c)->not_well                                                      \
        }
#define SELECTOR_OPTIONS(c)                                                                                  \
        SELECTOR_COMMON(c), { "profile", OPTION_TEXT, &(c)->profile },                                       \
                { "account", OPTION_TEXT, &(c)->account },                                                   \
        {                                                                                                    \
                "label", OPTION_TEXT, &(c)->label                                                            \
        }

/* Does it choose by names alone, without a pattern? */
bool chosen_is_names(const struct chosen *chosen);
/* Was nothing said? */
bool chosen_is_empty(const struct chosen *chosen);

/* As the query of a route. */
void chosen_url(struct url *url, const struct chosen *chosen);

/* For the database; what it borrows lives as long as `chosen`. -EINVAL after a complaint, -ENOMEM. */
int chosen_offline(struct chosen *chosen, struct key_selector *ret);
void chosen_clear(struct chosen *chosen);

#endif
