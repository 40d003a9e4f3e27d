/* Who may look. Pure. */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include <stdbool.h>

#include "base/secret.h"
#include "model/settings.h"

/* Is the Host header (NULL: none) one of web.hosts, with or without a port? Names that lead here although
 * they are somebody else's would let his pages read ours. */
bool guard_host(const struct settings *settings, const char *host);

/* Compared in a time that does not tell how much of it was right. */
bool guard_password(const struct secret *password, const char *given);

#endif
