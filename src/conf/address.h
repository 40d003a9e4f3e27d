/* Addresses and paths that operators type. Pure; the reason for a refusal is static text for people. */
#ifndef CONF_ADDRESS_H
#define CONF_ADDRESS_H

/* The provider's base: https://HOST[:PORT] and nothing else; http only to a loopback address (127.0.0.0/8,
 * [::1], localhost), because the key travels in every request. -EINVAL. */
int api_base_check(const char *url, const char **ret_why);

/* A proxy: http://, https://, socks5:// or socks5h:// and HOST[:PORT], without a user or password. -EINVAL.
 */
int proxy_check(const char *url, const char **ret_why);

/* An absolute path without "." and ".." segments and control characters. -EINVAL. */
int path_check(const char *path, const char **ret_why);

#endif
