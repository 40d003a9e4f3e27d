/* keyvigil.yaml: the table of all settings, with their ranges. */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include "base/macros.h"
#include "conf/problem.h"
#include "conf/yaml.h"
#include "model/settings.h"

/* A pulse may not be shorter: it is a request in the merchant's own log. */
#define PULSE_MIN (10 * USEC_PER_SEC)
#define PULSE_MAX (30 * USEC_PER_DAY)

#define ROTATION_DUE_MIN USEC_PER_MINUTE
#define ROTATION_DUE_MAX (36500 * USEC_PER_DAY) /* never, to people */

/* Every setting at its default. `directory` holds the configuration file: profiles.d is beside it. -ENOMEM.
 */
int settings_default(const char *directory, struct settings *ret);

/* Free what it owns; zeroed memory is fine. */
void settings_clear(struct settings *settings);

static inline void settings_clearp(struct settings *settings)
{
        settings_clear(settings);
}

/* Put what the tree of one file says over `settings`. What is wrong goes to `problems`. -ENOMEM. */
int settings_read(const struct node *root, struct settings *settings, struct problems *problems);

#endif
