/* Everything that is read from files: the settings, the catalogue of permissions, the profiles.
 *
 * The settings are in FILE (keyvigil.yaml), then in FILE.d, every *.yaml in the order of the names; what is
 * read later wins. Catalogue and profiles ship in the data directory, permissions.yaml and
 * profiles/NAME.yaml; a permissions.yaml beside FILE, and files in `profiles_dir`, take the place of those of
 * the same name. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/macros.h"
#include "conf/problem.h"
#include "model/profile.h"
#include "model/settings.h"
#include "stripe/catalogue.h"

#define CONF_PATH SYSCONFDIR "/keyvigil/keyvigil.yaml"

/* Names the data directory instead of the installed one: for tests, and to run from the source tree. */
#define CONF_DATADIR_VARIABLE "KEYVIGIL_DATADIR"

struct conf {
        struct settings settings;
        struct catalogue *catalogue;
        struct profiles *profiles;
        char **files; /* what was read, in that order: what comes later wins */
        size_t n_files;
};

/* `path` NULL: CONF_PATH, which need not exist; a file that is given must. Everything that is wrong goes to
 * `problems`, warnings too when it is taken. -EINVAL: there are errors in `problems`; -ENOMEM. Reads files,
 * so it may block; keeps nothing open. */
int conf_load(const char *path, struct conf **ret, struct problems *problems);

/* What can be understood of the settings, whatever else is wrong with the files: where a client finds the
 * daemon that still runs with good ones. -ENOMEM. The caller clears them: settings_clear(). */
int conf_load_settings(const char *path, struct settings *ret);

struct conf *conf_free(struct conf *conf);
DEFINE_CLEANUP(struct conf, conf_free)

#endif
