#include "conf/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/datetime.h"
#include "conf/address.h"
#include "conf/field.h"
#include "conf/receivers.h"

#define DAYS(n) ((n) *USEC_PER_DAY)
#define LONG    DAYS(36500) /* for ever, to people */

/* Before this version of the API, promotion codes have another shape than the one we read. */
#define API_VERSION_MIN "2025-09-30"

static void hosts_clear(struct settings *settings)
{
        for (size_t i = 0; i < settings->web.n_hosts; i++)
                free(settings->web.hosts[i]);
        settings->web.hosts = mfree(settings->web.hosts);
        settings->web.n_hosts = 0;
}

static int api_version_check(const char *text, const char **ret_why)
{
        char date[sizeof(API_VERSION_MIN)];
        const char *name = text + sizeof(date);
        int64_t wall;

        *ret_why = "it must have the form YYYY-MM-DD.name, as in 2026-10-28.endive";
        if (strlen(text) < sizeof(date) + 1 || text[sizeof(date) - 1] != '.' || strlen(name) > 32)
                return -EINVAL;
        memcpy(date, text, sizeof(date) - 1);
        date[sizeof(date) - 1] = '\0';
        if (datetime_parse(date, &wall) < 0 || name[strspn(name, "abcdefghijklmnopqrstuvwxyz")] != '\0')
                return -EINVAL;
        *ret_why = "only versions from " API_VERSION_MIN " on are understood";
        return strcmp(date, API_VERSION_MIN) < 0 ? -EINVAL : 0;
}

static int socket_check(const char *text, const char **ret_why)
{
        const struct sockaddr_un *address = NULL;

        if (strlen(text) >= sizeof(address->sun_path)) {
                *ret_why = "a socket's path may have 107 bytes at most";
                return -EINVAL;
        }
        return path_check(text, ret_why);
}

static int pages_check(const char *text, const char **ret_why)
{
        return *text == '/' ? socket_check(text, ret_why) : listen_check(text, ret_why);
}

/* What a Host header may say, a port left out. */
static int hosts_field(const struct field *field, const struct node *node, void *target,
                       struct problems *problems)
{
        struct settings *settings = target;

        (void) field;
        if (!node_expect(node, NODE_SEQUENCE, "a list of hosts", problems))
                return 0;
        char **hosts = calloc(node->n + 1, sizeof(*hosts));
        if (!hosts)
                return -ENOMEM;
        hosts_clear(settings);
        settings->web.hosts = hosts;
        for (const struct node *child = node->first; child; child = child->next) {
                if (!node_expect(child, NODE_SCALAR, "the name of a host", problems))
                        continue;
                hosts[settings->web.n_hosts] = strdup(child->text);
                if (!hosts[settings->web.n_hosts++])
                        return -ENOMEM;
        }
        return 0;
}

static const struct check path = { path_check }, socket_path = { socket_check },
                          api_base = { api_base_check }, proxy = { proxy_check },
                          api_version = { api_version_check }, listening = { listen_check },
                          pages = { pages_check };

static int confirm_field(const struct field *field, const struct node *node, void *target,
                         struct problems *problems)
{
        struct settings *settings = target;
        usec_t waits[CONFIRM_MAX] = { 0 };
        size_t n = 0;

        if (!node_expect(node, NODE_SEQUENCE, "a list of waits, like [5s, 30s],", problems))
                return 0;
        if (node->n < 1 || node->n > CONFIRM_MAX) {
                problem_error(problems, &node->place, "“%s” has %zu waits; give it 1 to %d", field->name,
                              node->n, CONFIRM_MAX);
                return 0;
        }
        for (const struct node *child = node->first; child; child = child->next) {
                int r = duration_read(field->name, child, field->min, field->max, &waits[n++], problems);
                if (r < 0)
                        return r;
        }
        memcpy(settings->checks.confirm, waits, sizeof(waits));
        settings->checks.n_confirm = n;
        return 0;
}

static const char *const cleanup_names[] = { "delete", "report", "off" };
static const struct choices cleanups = { cleanup_names, ELEMENTSOF(cleanup_names) };

#define AT(member) .offset = offsetof(struct settings, member)
static const struct field stripe_fields[] = {
        { "api_base", field_checked, AT(stripe.api_base), .min = 1, .more = &api_base },
        { "ca_file", field_checked, AT(stripe.ca_file), .more = &path },
        { "proxy", field_checked, AT(stripe.proxy), .more = &proxy },
        { "api_version", field_checked, AT(stripe.api_version), .min = 1, .more = &api_version },
        { "timeout", field_duration, AT(stripe.timeout), USEC_PER_SEC, 5 * USEC_PER_MINUTE },
        { "concurrency", field_unsigned, AT(stripe.concurrency), 1, 10000 },
        { "rate", field_unsigned, AT(stripe.rate), 1, 100000 },
        { "account_concurrency", field_unsigned, AT(stripe.account_concurrency), 1, 100 },
        { "account_rate", field_unsigned, AT(stripe.account_rate), 1, 100 },
};

static const struct field checks_fields[] = {
        { "pulse", field_duration, AT(checks.pulse), PULSE_MIN, PULSE_MAX },
        { "full", field_duration, AT(checks.full), USEC_PER_MINUTE, DAYS(365) },
        { "excess", field_duration, AT(checks.excess), USEC_PER_MINUTE, DAYS(365) },
        { "confirm", confirm_field, .min = USEC_PER_SEC, .max = 10 * USEC_PER_MINUTE },
        { "unverified_after", field_duration, AT(checks.unverified_after), USEC_PER_MINUTE, DAYS(365) },
};

static const struct field coupons_fields[] = {
        { "cleanup", field_choice, AT(coupons.cleanup), .more = &cleanups },
        { "scan", field_duration, AT(coupons.scan), USEC_PER_MINUTE, DAYS(30) },
        { "scan_all", field_duration, AT(coupons.scan_all), USEC_PER_HOUR, DAYS(365) },
        { "grace", field_duration, AT(coupons.grace), USEC_PER_MINUTE, DAYS(30) },
};

static const struct field rotation_fields[] = {
        { "due", field_duration, AT(rotation.due), ROTATION_DUE_MIN, ROTATION_DUE_MAX },
        { "overlap", field_duration, AT(rotation.overlap), USEC_PER_MINUTE, DAYS(365) },
};

static const struct field history_fields[] = {
        { "keep", field_duration, AT(history.keep), DAYS(1), LONG },
};

static const struct field control_fields[] = {
        { "socket", field_checked, AT(control.socket), .min = 1, .more = &socket_path },
        { "read_socket", field_checked, AT(control.read_socket), .more = &socket_path },
};

static const struct field web_fields[] = {
        { "metrics", field_checked, AT(web.metrics), .more = &listening },
        { "pages", field_checked, AT(web.pages), .more = &pages },
        { "hosts", hosts_field, .offset = 0 },
};

static const struct fields stripe_section = FIELDS(stripe_fields, "setting"),
                           checks_section = FIELDS(checks_fields, "setting"),
                           coupons_section = FIELDS(coupons_fields, "setting"),
                           rotation_section = FIELDS(rotation_fields, "setting"),
                           history_section = FIELDS(history_fields, "setting"),
                           control_section = FIELDS(control_fields, "setting"),
                           web_section = FIELDS(web_fields, "setting");

static const struct field top_fields[] = {
        { "state_dir", field_checked, AT(state_dir), .min = 1, .more = &path },
        { "stripe", field_section, .more = &stripe_section },
        { "checks", field_section, .more = &checks_section },
        { "coupons", field_section, .more = &coupons_section },
        { "rotation", field_section, .more = &rotation_section },
        { "history", field_section, .more = &history_section },
        { "control", field_section, .more = &control_section },
        { "web", field_section, .more = &web_section },
        { "notify", receivers_field, .offset = 0 },
        { "profiles_dir", field_checked, AT(profiles_dir), .min = 1, .more = &path },
};

int settings_read(const struct node *root, struct settings *settings, struct problems *problems)
{
        static const struct fields top = FIELDS(top_fields, "setting");

        return fields_read(&top, root, settings, problems);
}

void settings_clear(struct settings *settings)
{
        free(settings->state_dir);
        free(settings->stripe.api_base);
        free(settings->stripe.ca_file);
        free(settings->stripe.proxy);
        free(settings->stripe.api_version);
        free(settings->control.socket);
        free(settings->control.read_socket);
        free(settings->web.metrics);
        free(settings->web.pages);
        hosts_clear(settings);
        receivers_clear(settings->notify.receivers, settings->notify.n);
        free(settings->profiles_dir);
        *settings = (struct settings){ 0 };
}

static int hosts_default(struct settings *s)
{
        static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

        s->web.hosts = calloc(ELEMENTSOF(names), sizeof(*s->web.hosts));
        if (!s->web.hosts)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                s->web.hosts[i] = strdup(names[i]);
                if (!s->web.hosts[i])
                        return -ENOMEM;
                s->web.n_hosts++;
        }
        return 0;
}

static int strings_default(const char *directory, struct settings *s)
{
        _cleanup_free_ char *profiles_dir = NULL;

        if (asprintf(&profiles_dir, "%s/profiles.d", directory) < 0) {
                profiles_dir = NULL; /* asprintf() leaves it undefined */
                return -ENOMEM;
        }
        const struct {
                char **to;
                const char *text;
        } texts[] = {
                { &s->state_dir, "/var/lib/keyvigil" },
                { &s->stripe.api_base, "https://api.stripe.com" },
                { &s->stripe.ca_file, "" },
                { &s->stripe.proxy, "" },
                { &s->stripe.api_version, "2026-10-28.endive" },
                { &s->control.socket, "/run/keyvigil/control.sock" },
                { &s->control.read_socket, "/run/keyvigil-read/read.sock" },
                { &s->web.metrics, "127.0.0.1:9840" },
                { &s->web.pages, "/run/keyvigil-web/pages.sock" },
                { &s->profiles_dir, profiles_dir },
        };
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                int r = string_set(texts[i].to, texts[i].text);
                if (r < 0)
                        return r;
        }
        return 0;
}

int settings_default(const char *directory, struct settings *ret)
{
        _cleanup_(settings_clearp) struct settings s = {
                .stripe = { .timeout = 20 * USEC_PER_SEC,
                            .concurrency = 256,
                            .rate = 1000,
                            .account_concurrency = 2,
                            .account_rate = 5 },
                .checks = { .pulse = 5 * USEC_PER_MINUTE,
                            .full = 24 * USEC_PER_HOUR,
                            .excess = DAYS(7),
                            .confirm = { 5 * USEC_PER_SEC, 30 * USEC_PER_SEC },
                            .n_confirm = 2,
                            .unverified_after = 24 * USEC_PER_HOUR },
                .coupons = { .cleanup = CLEANUP_DELETE,
                             .scan = USEC_PER_HOUR,
                             .scan_all = DAYS(7),
                             .grace = 15 * USEC_PER_MINUTE },
                .rotation = { .due = DAYS(90), .overlap = DAYS(7) },
                .history = { .keep = DAYS(400) },
        };
        int r = strings_default(directory, &s);

        if (r < 0 || (r = hosts_default(&s)) < 0)
                return r;
        *ret = s;
        s = (struct settings){ 0 }; /* the caller owns the strings now */
        return 0;
}
