#include "web/web.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "web/listener.h"

#define CREDENTIAL   "keyvigil.web"
#define PASSWORD_MAX 256
#define PASSWORD_MIN 12
#define FETCHES      64

struct web {
        sd_event *event;
        struct plain *plain;
        struct listener *metrics, *pages;
        struct secret *password;
};

static int open_loop(struct web *web)
{
        sigset_t blocked;
        int r;

        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        sigaddset(&blocked, SIGINT);
        (void) sigprocmask(SIG_BLOCK, &blocked, NULL);
        r = sd_event_new(&web->event);
        if (r >= 0)
                r = sd_event_add_signal(web->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(web->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = plain_new(web->event, FETCHES, &web->plain);
        return r < 0 ? log_error_errno(r, "The event loop could not be made: %m") : 0;
}

/* What shows names goes to an address only behind a password. */
static int read_password(struct web *web)
{
        const char *folder = getenv("CREDENTIALS_DIRECTORY");
        _cleanup_free_ char *path = NULL;
        FILE *file = NULL;

        if (folder && asprintf(&path, "%s/" CREDENTIAL, folder) >= 0)
                file = fopen(path, "re");
        if (!file)
                return log_error_errno(-ENOENT,
                                       "web.pages is an address, so it needs a password: give the unit the "
                                       "credential " CREDENTIAL ", or let web.pages be the path of a socket");
        (void) setvbuf(file, NULL, _IONBF, 0);
        web->password = secret_new(PASSWORD_MAX);
        size_t size = web->password ? fread(web->password->bytes, 1, PASSWORD_MAX, file) : 0;
        fclose(file);
        if (!web->password)
                return log_error_errno(-ENOMEM, "%m");
        while (size > 0 && strchr("\r\n", web->password->bytes[size - 1]))
                size--;
        web->password->size = size;
        if (size < PASSWORD_MIN)
                return log_error_errno(-EINVAL, "The password in the credential " CREDENTIAL
                                                " needs 12 characters at least");
        return 0;
}

static int web_open(struct web *web, const struct settings *settings)
{
        struct listener_parts parts = { .settings = settings };
        int r = open_loop(web);

        if (r < 0)
                return r;
        parts.event = web->event;
        parts.plain = web->plain;
        if (*settings->web.metrics != '\0') {
                r = listener_new(&parts, settings->web.metrics, &web->metrics);
                if (r < 0)
                        return r;
        }
        if (*settings->web.pages == '\0')
                return 0;
        if (*settings->web.pages != '/' && (r = read_password(web)) < 0)
                return r;
        parts.pages = true;
        parts.password = web->password;
        return listener_new(&parts, settings->web.pages, &web->pages);
}

int web_run(const struct settings *settings)
{
        struct web web = { 0 };
        int r = web_open(&web, settings);

        if (r >= 0) {
                (void) sd_notifyf(0, "READY=1\nSTATUS=Numbers at %s, pages at %s",
                                  *settings->web.metrics ? settings->web.metrics : "no address",
                                  *settings->web.pages ? settings->web.pages : "no address");
                r = sd_event_loop(web.event);
                if (r < 0)
                        (void) log_error_errno(r, "The event loop broke: %m");
                (void) sd_notify(0, "STOPPING=1");
        }
        listener_free(web.pages);
        listener_free(web.metrics);
        plain_free(web.plain);
        secret_free(web.password);
        sd_event_unref(web.event);
        return r;
}
