#include "auth.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"

static char *base64_decode(const char *text)
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        char *out = xcalloc(1, strlen(text) + 1);
        unsigned bits = 0, held = 0;
        size_t size = 0;

        for (; *text && *text != '='; text++) {
                const char *digit = strchr(digits, *text);

                if (!digit)
                        break;
                bits = (bits << 6 | (unsigned) (digit - digits)) & 0xffff;
                held += 6;
                if (held >= 8) {
                        held -= 8;
                        out[size++] = (char) (bits >> held);
                }
        }
        out[size] = '\0';
        return out;
}

char *auth_key(const char *authorization)
{
        char *key = NULL;

        if (!authorization)
                return NULL;
        if (strncasecmp(authorization, "Bearer ", 7) == 0) {
                key = xstrdup(authorization + 7 + strspn(authorization + 7, " "));
        } else if (strncasecmp(authorization, "Basic ", 6) == 0) {
                key = base64_decode(authorization + 6);
                key[strcspn(key, ":")] = '\0';
        }
        if (key && !*key) {
                free(key);
                return NULL;
        }
        return key;
}
