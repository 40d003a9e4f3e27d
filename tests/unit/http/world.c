#include "world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

static void die(const char *what)
{
        perror(what);
        abort();
}

/* `out`: where its standard output goes, or -1 for nowhere. */
static pid_t spawn(const char *const argv[], int out)
{
        pid_t pid = fork();

        if (pid < 0)
                die("fork");
        if (pid > 0)
                return pid;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (out < 0)
                out = open("/dev/null", O_WRONLY);
        dup2(out, STDOUT_FILENO);
        dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
        execvp(argv[0], (char *const *) argv);
        _exit(127);
}

static int run(const char *const argv[])
{
        pid_t pid = spawn(argv, -1);
        int status;

        if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
                die(argv[0]);
        return WEXITSTATUS(status);
}

void world_make(struct world *world)
{
        const char *source = getenv("srcdir") ?: ".", *scratch = getenv("TMPDIR") ?: "/tmp";
        char script[4096];

        memset(world, 0, sizeof(*world));
        snprintf(script, sizeof(script), "%s/tests/support/certs.sh", source);
        snprintf(world->dir, sizeof(world->dir), "%s/keyvigil-http-XXXXXX", scratch);
        if (!mkdtemp(world->dir))
                die(world->dir);
        if (run((const char *const[]){ "sh", script, world->dir, NULL }) != 0)
                die(script);
}

void world_end(struct world *world)
{
        world_stop_server(world);
        (void) run((const char *const[]){ "rm", "-rf", world->dir, NULL });
}

void world_stop_server(struct world *world)
{
        if (world->server > 0) {
                kill(world->server, SIGTERM);
                waitpid(world->server, NULL, 0);
        }
        world->server = 0;
}

static uint16_t read_port(int fd)
{
        FILE *stream = fdopen(fd, "r");
        char line[256];
        unsigned port = 0;

        while (port == 0 && stream && fgets(line, sizeof(line), stream))
                if (sscanf(line, "ACCEPT 127.0.0.1:%u", &port) != 1)
                        port = 0;
        if (port == 0)
                die("openssl s_server");
        fclose(stream);
        return (uint16_t) port;
}

void world_serve_tls(struct world *world, const char *name)
{
        char cert[128], key[128];
        int out[2];

        snprintf(cert, sizeof(cert), "%s/%s.pem", world->dir, name);
        snprintf(key, sizeof(key), "%s/%s.key", world->dir, name);
        if (pipe2(out, O_CLOEXEC) < 0)
                die("pipe");
        world->server = spawn((const char *const[]){ "openssl", "s_server", "-accept", "127.0.0.1:0", "-www",
                                                     "-cert", cert, "-key", key, NULL },
                              out[1]);
        close(out[1]);
        world->port = read_port(out[0]);
}

static bool listens(uint16_t port)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons(port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool yes = connect(fd, (struct sockaddr *) &address, sizeof(address)) == 0;

        close(fd);
        return yes;
}

static void write_nginx_conf(const struct world *world, const char *path, const char *protocol,
                             const char *location)
{
        FILE *stream = fopen(path, "we");

        if (!stream)
                die(path);
        fprintf(stream,
                "daemon off; master_process off; pid %s/nginx.pid; error_log stderr crit;\n"
                "events { worker_connections 1024; }\n"
                "http { access_log off; default_type application/json; http2_max_concurrent_streams 128;\n"
                "client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;\n"
                "uwsgi_temp_path t4; scgi_temp_path t5;\n"
                "server { listen 127.0.0.1:%u ssl %s; ssl_certificate good.pem;\n"
                "ssl_certificate_key good.key; location / { %s } } }\n",
                world->dir, world->port, protocol, location);
        if (fclose(stream) != 0)
                die(path);
}

int world_serve_nginx(struct world *world, const char *protocol, const char *location)
{
        char conf[128];

        world->port = peer_free_port();
        snprintf(conf, sizeof(conf), "%s/nginx.conf", world->dir);
        write_nginx_conf(world, conf, protocol, location);
        world->server = spawn(
                (const char *const[]){ "nginx", "-p", world->dir, "-c", conf, "-e", "stderr", NULL }, -1);
        while (!listens(world->port)) {
                if (waitpid(world->server, NULL, WNOHANG) != 0) {
                        world->server = 0;
                        return 0;
                }
                nanosleep(&(struct timespec){ .tv_nsec = 1000 * 1000 }, NULL);
        }
        return 1;
}
