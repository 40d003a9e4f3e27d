#include "web/guard.h"

#include <string.h>
#include <strings.h>

bool guard_host(const struct settings *settings, const char *host)
{
        if (!host)
                return false;
        size_t size = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
        if (size > strlen(host))
                return false;
        if (host[size] != '\0' &&
            (host[size] != ':' || strspn(host + size + 1, "0123456789") != strlen(host + size + 1)))
                return false;
        for (size_t i = 0; i < settings->web.n_hosts; i++)
                if (strlen(settings->web.hosts[i]) == size &&
                    strncasecmp(settings->web.hosts[i], host, size) == 0)
                        return true;
        return false;
}

bool guard_password(const struct secret *password, const char *given)
{
        size_t size = strlen(given);
        unsigned char wrong = size != password->size;

        for (size_t i = 0; i < password->size; i++)
                wrong |= (unsigned char) password->bytes[i] ^ (unsigned char) (i < size ? given[i] : 0);
        return !wrong;
}
