/* keyvigil notify: the event feed to receivers, each at its own pace. */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include "model/settings.h"

/* Runs until it is told to stop. `folder` keeps what must outlive a restart. The settings are borrowed.
 * -EINVAL: a receiver cannot be used as it is configured (was logged); -errno. */
int notify_run(const struct settings *settings, const char *folder);

#endif
