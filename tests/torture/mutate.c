/* mutate SOCKET NUMBER SEED FILE: that many requests to a unix socket, each one of those in FILE (a line
 * each, with \r and \n written so) with some bytes changed, taken out, doubled, or put in from another. Says
 * how many were answered with which status, how many connections were closed without a word, and how many
 * said nothing for ten seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX  4096
#define REQUESTS_MAX 100

struct request {
        char bytes[REQUEST_MAX];
        size_t size;
};

static struct request known[REQUESTS_MAX];
static size_t n_known;
static unsigned long long state;

static size_t pick(size_t n)
{
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (size_t) (state >> 33) % n;
}

static void read_requests(const char *path)
{
        char line[REQUEST_MAX];
        FILE *file = fopen(path, "re");

        while (file && n_known < REQUESTS_MAX && fgets(line, sizeof(line), file)) {
                struct request *r = &known[n_known++];

                for (const char *c = line; *c != '\0' && *c != '\n'; c++)
                        if (c[0] == '\\' && (c[1] == 'r' || c[1] == 'n'))
                                r->bytes[r->size++] = *++c == 'r' ? '\r' : '\n';
                        else
                                r->bytes[r->size++] = *c;
        }
        if (file)
                fclose(file);
}

/* Put `n` bytes into the place of `gone` others. */
static void replace(struct request *r, size_t at, size_t gone, const char *bytes, size_t n)
{
        char copy[REQUEST_MAX];

        if (r->size - gone + n > REQUEST_MAX)
                return;
        memcpy(copy, bytes, n);
        memmove(r->bytes + at + n, r->bytes + at + gone, r->size - at - gone);
        memcpy(r->bytes + at, copy, n);
        r->size += n - gone;
}

static void mutate(struct request *r)
{
        static const char odd[] = "\0\r\n %\\\"{}[]:;,&=?/#\x7f\x80\xff\xc3\xe2\x80\x8b";
        const struct request *other = &known[pick(n_known)];
        size_t at = r->size ? pick(r->size) : 0, n = 1 + pick(12);
        size_t from = pick(other->size);
        char byte = (char) pick(256);

        switch (pick(6)) {
        case 0:
                replace(r, at, r->size > 0, &byte, 1);
                break;
        case 1:
                replace(r, at, 0, &odd[pick(sizeof(odd) - 1)], 1);
                break;
        case 2:
                replace(r, at, n < r->size - at ? n : r->size - at, "", 0);
                break;
        case 3:
                replace(r, at, 0, r->bytes + at, n < r->size - at ? n : r->size - at);
                break;
        case 4:
                replace(r, at, 0, other->bytes + from, n < other->size - from ? n : other->size - from);
                break;
        default:
                replace(r, at, 0, "99999999999999999999", n);
                break;
        }
}

/* The status of the answer; 0: closed without a word, -1: it waits. */
static int ask(const char *path, const struct request *r)
{
        const struct timeval patience = { .tv_sec = 1 };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0), status = 0;
        char text[65536];

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0) {
                perror("connect");
                exit(1);
        }
        (void) send(fd, r->bytes, r->size, MSG_NOSIGNAL);
        shutdown(fd, SHUT_WR);
        ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
        if (n > 0) {
                text[n] = '\0';
                status = strncmp(text, "HTTP/1.", 7) == 0 ? (int) strtol(text + 9, NULL, 10) : 999;
                while ((n = recv(fd, text, sizeof(text), 0)) > 0)
                        ;
        }
        close(fd);
        return n < 0 ? -1 : status;
}

int main(int argc, char **argv)
{
        static unsigned counts[1000], waiting;

        if (argc != 5)
                return 2;
        read_requests(argv[4]);
        state = strtoull(argv[3], NULL, 10);
        for (long i = strtol(argv[2], NULL, 10); i > 0 && n_known > 0; i--) {
                struct request r = known[pick(n_known)];

                for (size_t n = 1 + pick(6); n > 0; n--)
                        mutate(&r);
                int status = ask(argv[1], &r);
                if (status < 0)
                        waiting++;
                else
                        counts[status < 1000 ? status : 999]++;
        }
        for (int i = 0; i < 1000; i++)
                if (counts[i] > 0)
                        printf("%d:%u ", i, counts[i]);
        printf("waiting:%u\n", waiting);
        return 0;
}
