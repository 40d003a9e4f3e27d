/* keyvigil web: numbers and pages about the watch, made of what the daemon answers on its read socket. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "model/settings.h"

/* Serves until it is told to stop. The settings are borrowed. -errno, after a line in the log. */
int web_run(const struct settings *settings);

#endif
