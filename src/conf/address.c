#include "conf/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/macros.h"

#define HOST_MAX 254

struct authority {
        char host[HOST_MAX]; /* without brackets */
        bool v6;
};

static int refuse(const char **ret_why, const char *why)
{
        *ret_why = why;
        return -EINVAL;
}

/* After the host: nothing, or ":PORT". */
static int port_check(const char *text, const char **ret_why)
{
        unsigned port = 0;

        if (*text == '\0')
                return 0;
        if (*text == '/' || *text == '?' || *text == '#')
                return refuse(ret_why, "leave out what follows the host, even a slash at the end");
        if (*text != ':' || text[1] == '\0')
                return refuse(ret_why, "after the host only a colon and a port may follow");
        for (text++; *text != '\0'; text++) {
                if (*text == '/' || *text == '?' || *text == '#')
                        return refuse(ret_why, "leave out what follows the port, even a slash at the end");
                if (!isdigit((unsigned char) *text))
                        return refuse(ret_why, "the port is not a number");
                port = MIN(port * 10 + (unsigned) (*text - '0'), 100000u);
        }
        return port >= 1 && port <= 65535 ? 0 : refuse(ret_why, "the port must be from 1 to 65535");
}

static bool host_valid(const struct authority *a)
{
        struct in6_addr address;

        if (a->v6)
                return inet_pton(AF_INET6, a->host, &address) == 1;
        for (const char *c = a->host; *c; c++)
                if (!isalnum((unsigned char) *c) && *c != '-' && *c != '.')
                        return false;
        return isalnum((unsigned char) a->host[0]) && !strstr(a->host, "..");
}

static int authority_parse(const char *text, struct authority *ret, const char **ret_why)
{
        struct authority a = { .v6 = *text == '[' };

        if (strchr(text, '@'))
                return refuse(ret_why, "leave out the user and password");
        text += a.v6;
        size_t length = strcspn(text, a.v6 ? "]" : ":/?#");
        if (length == 0)
                return refuse(ret_why, "the host is missing");
        if (length >= HOST_MAX)
                return refuse(ret_why, "the host is too long");
        memcpy(a.host, text, length);
        if (!host_valid(&a))
                return refuse(ret_why, "the host is not a valid name or address");
        text += length;
        if (a.v6 && *text++ != ']')
                return refuse(ret_why, "the bracket of the address is not closed");
        int r = port_check(text, ret_why);
        if (r < 0)
                return r;
        *ret = a;
        return 0;
}

static bool is_loopback(const struct authority *a)
{
        struct in6_addr six;
        struct in_addr four;

        if (a->v6)
                return inet_pton(AF_INET6, a->host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
        if (inet_pton(AF_INET, a->host, &four) == 1)
                return ntohl(four.s_addr) >> 24 == 127;
        return strcmp(a->host, "localhost") == 0;
}

static const char *after_prefix(const char *text, const char *prefix)
{
        size_t n = strlen(prefix);

        return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

int api_base_check(const char *url, const char **ret_why)
{
        const char *rest = after_prefix(url, "https://"), *plain = after_prefix(url, "http://");
        struct authority a;

        if (!rest && !plain)
                return refuse(ret_why, "it must start with https://");
        int r = authority_parse(rest ? rest : plain, &a, ret_why);
        if (r < 0)
                return r;
        if (plain && !is_loopback(&a))
                return refuse(ret_why, "plain http is for loopback addresses only; use https");
        return 0;
}

int receiver_url_check(const char *url, const char **ret_why)
{
        const char *rest = after_prefix(url, "https://"), *plain = after_prefix(url, "http://");
        char authority[HOST_MAX + 16];
        struct authority a;

        if (!rest && !plain)
                return refuse(ret_why, "it must start with https://");
        rest = rest ? rest : plain;
        size_t size = strcspn(rest, "/?#");
        if (size >= sizeof(authority))
                return refuse(ret_why, "the host is too long");
        memcpy(authority, rest, size);
        authority[size] = '\0';
        for (const char *c = rest + size; *c; c++)
                if (!isgraph((unsigned char) *c) || *c == '#' || *c == '\\')
                        return refuse(ret_why,
                                      "what follows the host holds a character that must be encoded");
        int r = authority_parse(authority, &a, ret_why);
        if (r < 0)
                return r;
        if (plain && !is_loopback(&a))
                return refuse(ret_why, "plain http is for loopback addresses only; use https");
        return 0;
}

int listen_check(const char *text, const char **ret_why)
{
        struct authority a;
        struct in_addr four;
        int r = authority_parse(text, &a, ret_why);

        if (r < 0)
                return r;
        if (!a.v6 && inet_pton(AF_INET, a.host, &four) != 1)
                return refuse(ret_why, "it must be an address in numbers, like 127.0.0.1:9840");
        const char *after = a.v6 ? strchr(text, ']') + 1 : text + strlen(a.host);
        if (*after != ':')
                return refuse(ret_why, "the port is missing");
        return 0;
}

int proxy_check(const char *url, const char **ret_why)
{
        static const char *const schemes[] = { "http://", "https://", "socks5://", "socks5h://" };
        struct authority a;

        for (size_t i = 0; i < ELEMENTSOF(schemes); i++) {
                const char *rest = after_prefix(url, schemes[i]);

                if (rest)
                        return authority_parse(rest, &a, ret_why);
        }
        return refuse(ret_why, "it must start with http://, https://, socks5:// or socks5h://");
}

int path_check(const char *path, const char **ret_why)
{
        if (*path != '/')
                return refuse(ret_why, "it must be absolute, that is start with a slash");
        if (strlen(path) >= PATH_MAX)
                return refuse(ret_why, "it is too long");
        for (const char *c = path; *c; c++)
                if (iscntrl((unsigned char) *c))
                        return refuse(ret_why, "it holds a control character");
        for (const char *c = path; c; c = strchr(c + 1, '/')) {
                size_t n = strcspn(c + 1, "/");

                if ((n == 1 && c[1] == '.') || (n == 2 && c[1] == '.' && c[2] == '.'))
                        return refuse(ret_why, "leave out “.” and “..”");
        }
        return 0;
}
