#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "control.h"
#include "serve.h"

enum { LISTENERS = 8 };

struct options {
        struct listener_options listeners[LISTENERS];
        unsigned listener_count;
        const char *log, *state;
        double rate;
        int64_t seed;
        bool strict_version;
};

static int usage(FILE *out)
{
        fputs("Usage: fakestripe [--http ADDRESS:PORT]... [--https ADDRESS:PORT --cert PEM --key PEM]...\n"
              "                  [--state FILE] [--log FILE] [--rate N] [--strict-version] [--seed N]\n"
              "Pretends to be Stripe. Port 0 picks a free one. Writes the address of each listener to "
              "standard\n"
              "output, then `ready`. Without any listener: --http 127.0.0.1:0.\n",
              out);
        return out == stdout ? 0 : 2;
}

static bool add_listener(struct options *o, const char *address)
{
        if (o->listener_count == LISTENERS)
                return false;
        o->listeners[o->listener_count++].address = address;
        return true;
}

/* 0, 1: --help; -EINVAL. */
static int parse_option(struct options *o, int option, const char *value)
{
        struct listener_options *last = o->listener_count ? &o->listeners[o->listener_count - 1] : NULL;

        switch (option) {
        case 'p':
        case 's':
                if (!add_listener(o, value))
                        return -EINVAL;
                if (option == 's')
                        o->listeners[o->listener_count - 1].certificate = "";
                return 0;
        case 'c':
        case 'k':
                if (!last || !last->certificate)
                        return -EINVAL;
                *(option == 'c' ? &last->certificate : &last->key) = value;
                return 0;
        case 'l':
                o->log = value;
                return 0;
        case 'f':
                o->state = value;
                return 0;
        case 'r':
                return form_real(value, &o->rate);
        case 'e':
                return form_number(value, &o->seed);
        case 'v':
                o->strict_version = true;
                return 0;
        case 'h':
                return 1;
        default:
                return -EINVAL;
        }
}

static int parse_options(struct options *o, int argc, char **argv)
{
        static const struct option known[] = {
                { "http", required_argument, NULL, 'p' },
                { "https", required_argument, NULL, 's' },
                { "cert", required_argument, NULL, 'c' },
                { "key", required_argument, NULL, 'k' },
                { "log", required_argument, NULL, 'l' },
                { "state", required_argument, NULL, 'f' },
                { "rate", required_argument, NULL, 'r' },
                { "strict-version", no_argument, NULL, 'v' },
                { "seed", required_argument, NULL, 'e' },
                { "help", no_argument, NULL, 'h' },
                { 0 },
        };
        int option, r = 0;

        while (r == 0 && (option = getopt_long(argc, argv, "", known, NULL)) >= 0)
                r = parse_option(o, option, optarg);
        if (r == 0 && optind < argc)
                r = -EINVAL;
        for (unsigned i = 0; r == 0 && i < o->listener_count; i++)
                if (o->listeners[i].certificate && (!*o->listeners[i].certificate || !o->listeners[i].key))
                        r = -EINVAL;
        if (r == 0 && o->listener_count == 0)
                add_listener(o, "127.0.0.1:0");
        return r;
}

/* The signals that end us become readable; a lost client must not. */
static int signals_open(void)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        sigprocmask(SIG_BLOCK, &set, NULL);
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Many clients at once need many descriptors. */
static void raise_limit(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

static bool world_prepare(struct world *w, const struct options *o)
{
        world_init(w, (uint64_t) o->seed);
        w->rate = o->rate;
        w->strict_version = o->strict_version;
        if (o->log) {
                w->log.file = fopen(o->log, "ae");
                if (!w->log.file) {
                        fprintf(stderr, "fakestripe: cannot write %s: %s\n", o->log, strerror(errno));
                        return false;
                }
        }
        return !o->state || control_load(w, o->state);
}

static bool serve(struct server *s, const struct options *o)
{
        int signal_fd = signals_open();

        for (unsigned i = 0; i < o->listener_count; i++) {
                char url[128];

                if (!server_listen(s, &o->listeners[i], url, sizeof(url)))
                        return false;
                printf("%s\n", url);
        }
        printf("ready\n");
        fflush(stdout);
        return signal_fd >= 0 && server_run(s, signal_fd) == 0;
}

int main(int argc, char **argv)
{
        struct options o = { .seed = 1 };
        struct world w;
        int r = parse_options(&o, argc, argv);

        if (r != 0)
                return usage(r > 0 ? stdout : stderr);
        raise_limit();

        bool ok = world_prepare(&w, &o);
        struct server *s = server_new(&w);

        ok = ok && serve(s, &o);
        server_free(s);
        world_clear(&w);
        return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
