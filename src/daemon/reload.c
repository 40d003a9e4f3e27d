#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "daemon/parts.h"

struct http_options http_options_of(const struct settings *settings)
{
        return (struct http_options){
                .api_base = settings->stripe.api_base,
                .ca_file = settings->stripe.ca_file,
                .proxy = settings->stripe.proxy,
                .api_version = settings->stripe.api_version,
                .timeout = settings->stripe.timeout,
                .concurrency = settings->stripe.concurrency,
        };
}

void problems_log(const struct problems *problems)
{
        for (size_t i = 0; i < problems->n; i++)
                (void) log_full(problems->list[i].warning ? LOG_WARNING : LOG_ERR, 0, "%s",
                                problems->list[i].text);
        if (problems->n_more > 0)
                log_error("… and %zu more", problems->n_more);
}

/* All problems as lines, and `more` (may be NULL) behind them. */
static void write_text(const struct problems *problems, const char *more, char **ret)
{
        char *text = NULL;
        size_t size;
        FILE *to = memory_stream(&text, &size);

        if (!to)
                return;
        for (size_t i = 0; i < problems->n; i++)
                fprintf(to, "%s%s", i > 0 ? "\n" : "", problems->list[i].text);
        if (problems->n_more > 0)
                fprintf(to, "\n… and %zu more", problems->n_more);
        if (more && *more != '\0')
                fprintf(to, "%s%s", problems->n > 0 ? "\n" : "", more);
        if (fclose(to) == 0)
                *ret = text;
}

/* The new configuration for all, or for nobody. */
static int apply(struct daemon *daemon, struct conf *conf, char **ret_why)
{
        const struct http_options options = http_options_of(&conf->settings);
        struct conf *old = daemon->conf;
        _cleanup_free_ char *ignored = NULL;
        int r = engine_reconfigure(daemon->engine, &conf->settings, conf->catalogue, conf->profiles, ret_why);

        if (r < 0)
                return r;
        r = http_reconfigure(daemon->transport, &options);
        if (r < 0) {
                (void) engine_reconfigure(daemon->engine, &old->settings, old->catalogue, old->profiles,
                                          &ignored);
                return r;
        }
        control_reconfigure(daemon->control, &conf->settings, conf->catalogue, conf->profiles);
        return 0;
}

static const char *needs_restart(const struct settings *old, const struct settings *new)
{
        if (strcmp(old->state_dir, new->state_dir) != 0 ||
            strcmp(old->control.socket, new->control.socket) != 0 ||
            strcmp(old->control.read_socket, new->control.read_socket) != 0)
                return "state_dir and the sockets of control are taken over at the next start only";
        return NULL;
}

static int load_and_apply(struct daemon *daemon, struct problems *problems, char **ret_more)
{
        struct conf *conf = NULL;
        int r = conf_load(daemon->conf_path, &conf, problems);

        if (r < 0)
                return r;
        r = apply(daemon, conf, ret_more);
        if (r < 0) {
                conf_free(conf);
                return r;
        }
        const char *later = needs_restart(&daemon->conf->settings, &conf->settings);
        *ret_more = later ? strdup(later) : NULL;
        conf_free(daemon->conf);
        daemon->conf = conf;
        return 0;
}

int daemon_reload(void *userdata, char **ret_text)
{
        struct daemon *daemon = userdata;
        const char *path = daemon->conf_path ? daemon->conf_path : CONF_PATH;
        struct problems problems = { 0 };
        _cleanup_free_ char *more = NULL;

        manager_reloading();
        int r = load_and_apply(daemon, &problems, &more);
        problems_log(&problems);
        if (more)
                log_warning("%s", more);
        if (r < 0)
                (void) log_error_errno(r, "%s was not taken over, the configuration stays as it was: %m",
                                       path);
        else
                log_info("%s was read anew", path);
        if (r >= 0)
                daemon_say_plan(daemon);
        write_text(&problems, more, ret_text);
        problems_clear(&problems);
        manager_ready(daemon->manager);
        return r;
}
