#pragma once

/* The key in a header `Authorization`: Bearer, or the user name of Basic. NULL: none. For the caller to free.
 */
char *auth_key(const char *authorization);
