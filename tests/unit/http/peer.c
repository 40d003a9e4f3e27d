#include "peer.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
        perror(what);
        abort();
}

static int listen_on_loopback(uint16_t *ret_port)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0 || listen(fd, 256) < 0 ||
            getsockname(fd, (struct sockaddr *) &address, &size) < 0)
                die("listen");
        *ret_port = ntohs(address.sin_port);
        return fd;
}

static void end_with_parent(void)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGTERM, SIG_DFL);
}

static void peer_run(int listener, peer_fn serve, struct peer_notes *notes)
{
        end_with_parent();
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
                int fd = accept(listener, NULL, NULL);
                unsigned n;

                if (fd < 0)
                        continue;
                n = atomic_fetch_add(&notes->connections, 1);
                if (fork() == 0) {
                        end_with_parent();
                        close(listener);
                        serve(fd, n, notes);
                        _exit(0);
                }
                close(fd);
        }
}

void peer_start(struct peer *peer, peer_fn serve)
{
        int listener = listen_on_loopback(&peer->port);

        peer->notes =
                mmap(NULL, sizeof(*peer->notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (peer->notes == MAP_FAILED)
                die("mmap");
        peer->pid = fork();
        if (peer->pid < 0)
                die("fork");
        if (peer->pid == 0)
                peer_run(listener, serve, peer->notes);
        close(listener);
}

void peer_stop(struct peer *peer)
{
        if (peer->pid > 0) {
                kill(peer->pid, SIGKILL);
                waitpid(peer->pid, NULL, 0);
                munmap(peer->notes, sizeof(*peer->notes));
        }
        memset(peer, 0, sizeof(*peer));
}

uint16_t peer_free_port(void)
{
        uint16_t port;

        close(listen_on_loopback(&port));
        return port;
}

static size_t body_size(const char *head)
{
        const char *line = strcasestr(head, "\r\ncontent-length:");

        return line ? strtoul(strchr(line + 2, ':') + 1, NULL, 10) : 0;
}

int peer_hear(int fd, struct peer_notes *notes)
{
        char text[sizeof(notes->last)] = "";
        size_t size = 0;

        for (;;) {
                const char *end = strstr(text, "\r\n\r\n");
                ssize_t n;

                if (end && size >= (size_t) (end - text) + 4 + body_size(text))
                        break;
                n = read(fd, text + size, sizeof(text) - 1 - size);
                if (n <= 0)
                        return 0;
                size += (size_t) n;
                text[size] = '\0';
        }
        memcpy(notes->last, text, sizeof(text));
        atomic_fetch_add(&notes->requests, 1);
        return 1;
}

void peer_say(int fd, const char *text)
{
        if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
                _exit(1);
}

void peer_answer(int fd, const char *status, const char *headers, const char *body)
{
        char head[4096];

        snprintf(head, sizeof(head), "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers,
                 strlen(body));
        peer_say(fd, head);
        if (*body)
                peer_say(fd, body);
}

void peer_wait(struct peer_notes *notes)
{
        while (!atomic_load(&notes->gate))
                nanosleep(&(struct timespec){ .tv_nsec = 1000 * 1000 }, NULL);
}

void peer_linger(int fd)
{
        char byte;

        while (read(fd, &byte, 1) > 0)
                ;
}
