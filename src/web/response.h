/* An answer with the headers that each of ours has. */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include <microhttpd.h>

/* Takes `text` over. NULL without memory. */
struct MHD_Response *response_new(const char *type, char *text);

#endif
