/* Addresses and paths that operators type. Pure; the reason for a refusal is static text for people. */
#ifndef CONF_ADDRESS_H
#define CONF_ADDRESS_H

/* The provider's base: https://HOST[:PORT] and nothing else; http only to a loopback address (127.0.0.0/8,
 * [::1], localhost), because the key travels in every request. -EINVAL. */
int api_base_check(const char *url, const char **ret_why);

/* A proxy: http://, https://, socks5:// or socks5h:// and HOST[:PORT], without a user or password. -EINVAL.
 */
int proxy_check(const char *url, const char **ret_why);

/* A receiver of events: https://HOST[:PORT][/PATH][?QUERY], without user, password and fragment; http only to
 * a loopback address. -EINVAL. */
int receiver_url_check(const char *url, const char **ret_why);

/* Where to listen: ADDRESS:PORT, the address a number, that of version 6 in brackets. -EINVAL. */
int listen_check(const char *text, const char **ret_why);

/* An absolute path without "." and ".." segments and control characters. -EINVAL. */
int path_check(const char *path, const char **ret_why);

#endif
