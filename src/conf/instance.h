/* Several watches on one machine: instance NAME is configured by SYSCONFDIR/keyvigil/NAME.yaml, and what such
 * a file does not say has defaults of its own, so that two instances share nothing by accident. */
#ifndef CONF_INSTANCE_H
#define CONF_INSTANCE_H

#include "model/settings.h"

/* The configuration of instance `name`; the caller frees it. -EINVAL: the name is none
 * ([a-z0-9][a-z0-9_-]{0,31}, not what another file beside it is called); -ENOMEM. */
int instance_path(const char *name, char **ret);

/* The state directory and the control socket of the instance whose configuration `path` is, and no read
 * socket, instead of the defaults. Nothing for any other path. -ENOMEM. */
int instance_default(const char *path, struct settings *settings);

#endif
