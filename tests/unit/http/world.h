/* What TLS tests need around them: a scratch folder with certificates, servers of others' making. */
#ifndef TESTS_HTTP_WORLD_H
#define TESTS_HTTP_WORLD_H

#include <stdint.h>
#include <sys/types.h>

struct world {
        char dir[64]; /* holds what tests/support/certs.sh makes; gone with the world */
        pid_t server;
        uint16_t port;
};

/* Aborts if there is no openssl to make certificates with: they cannot be done without. */
void world_make(struct world *world);
void world_end(struct world *world);

/* openssl's own little server with the certificate NAME.pem; answers any GET. */
void world_serve_tls(struct world *world, const char *name);

/* nginx with the certificate good.pem, over `protocol`: "http2" or "" for HTTP/1.1. `location` is what it is
 * to do. 0: there is no nginx. */
int world_serve_nginx(struct world *world, const char *protocol, const char *location);

void world_stop_server(struct world *world);

#endif
