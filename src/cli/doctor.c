/* What the watch stands on, looked at piece by piece; of each that is not well, what to do. */
#include "cli/doctor.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/options.h"
#include "cli/table.h"

#define FREE_MIN      (100.0 * 1024 * 1024)
#define CLOCK_MAX     60 /* seconds off the provider's */
#define BACKUP_MAX    (2 * 24 * 3600)
#define BACKUP_FOLDER "/var/backups/keyvigil"
#define PATIENCE      15

static void _printf_(4, 0)
        say(struct doctor *doctor, bool well, const char *subject, const char *format, va_list arguments)
{
        char text[1024];

        vsnprintf(text, sizeof(text), format, arguments);
        text_scrub(text);
        if (doctor->cli->json)
                json_array_append_new(doctor->said, json_pack("{s:s,s:b,s:s}", "subject", subject, "well",
                                                              well, "text", text));
        else
                printf("%-5s%-12s%s\n", well ? "ok" : "BAD", subject, text);
}

static void _printf_(3, 4) doctor_well(struct doctor *doctor, const char *subject, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        say(doctor, true, subject, format, arguments);
        va_end(arguments);
}

static void _printf_(3, 4) doctor_ill(struct doctor *doctor, const char *subject, const char *format, ...)
{
        va_list arguments;

        doctor->n_ill++;
        va_start(arguments, format);
        say(doctor, false, subject, format, arguments);
        va_end(arguments);
}

static void look_at_daemon(struct doctor *doctor)
{
        struct cli cli = *doctor->cli;
        struct answer answer = { 0 };

        cli.patience = PATIENCE * USEC_PER_SEC;
        int r = client_ask(&cli, "GET", url_new("/v1/status"), NULL, &answer);
        if (r == -EACCES)
                doctor_ill(doctor, "daemon",
                           "%s may not be used; run this as root or as a member of the group keyvigil",
                           cli.settings.control.socket);
        else if (r == -ECONNREFUSED)
                doctor_ill(doctor, "daemon",
                           "it is not running; systemctl start keyvigild, then systemctl status "
                           "keyvigild");
        else if (r < 0 || answer.status != 200 || !answer.json)
                doctor_ill(doctor, "daemon",
                           "it does not answer; journalctl -u keyvigild, systemctl restart keyvigild");
        else
                doctor->status = json_incref(answer.json);
        answer_clear(&answer);
        if (!doctor->status)
                return;
        if (json_is_false(json_object_get(doctor->status, "progresses")))
                doctor_ill(doctor, "daemon",
                           "requests that nothing hinders are not being started; systemctl restart "
                           "keyvigild");
        else
                doctor_well(doctor, "daemon", "keyvigild %s watches %lld keys, last round %s",
                            text_of(doctor->status, "version"),
                            (long long) json_integer_value(json_object_get(doctor->status, "keys")),
                            *text_of(doctor->status, "last_round") ? text_of(doctor->status, "last_round")
                                                                   : "not yet");
        if (json_is_true(json_object_get(doctor->status, "store_trouble")))
                doctor_ill(doctor, "database",
                           "it cannot be written; see the disk below and journalctl -u keyvigild");
}

static void look_at_journal(struct doctor *doctor)
{
        long long unsent = (long long) json_integer_value(json_object_get(doctor->status, "unsent"));

        if (access("/run/systemd/journal/socket", F_OK) < 0)
                doctor_ill(doctor, "journal",
                           "there is none on this machine; use keyvigild --events=stdout, or start "
                           "systemd-journald");
        else if (unsent > 0)
                doctor_ill(doctor, "journal", "%lld events wait for it; systemctl status systemd-journald",
                           unsent);
        else
                doctor_well(doctor, "journal", "it takes events");
}

static void look_at_timer(struct doctor *doctor)
{
        struct stat st;

        /* systemd keeps a link for what it started by a timer; asking it would need its bus. */
        if (stat("/run/systemd/system", &st) < 0)
                doctor_ill(doctor, "timer",
                           "there is no systemd here, so nobody tells when the daemon is gone; have "
                           "another program run keyvigil plugin --watch");
        else if (doctor_run_quietly("systemctl is-active --quiet keyvigil-watch.timer") != 0)
                doctor_ill(doctor, "timer",
                           "nobody tells when the daemon is gone; systemctl enable --now "
                           "keyvigil-watch.timer");
        else
                doctor_well(doctor, "timer", "keyvigil-watch.timer looks every ten minutes");
}

static void look_at_groups(struct doctor *doctor)
{
        static const char *const names[] = { "keyvigil", "keyvigil-read" };
        bool well = true;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (!getgrnam(names[i])) {
                        doctor_ill(doctor, "groups", "%s is not there; systemd-sysusers makes it", names[i]);
                        well = false;
                }
        if (well)
                doctor_well(doctor, "groups", "keyvigil and keyvigil-read are there");
}

static void look_at_master_key(struct doctor *doctor)
{
        if (!doctor->status)
                return;
        if (json_is_true(json_object_get(doctor->status, "master_beside_store")))
                doctor_ill(doctor, "master key",
                           "it lies beside the database; make it a credential, keyvigild(8), and "
                           "keep a copy elsewhere");
        else
                doctor_well(doctor, "master key", "it is a credential");
}

static void look_at_disk(struct doctor *doctor)
{
        const char *folder = doctor->cli->settings.state_dir;
        struct statvfs fs;

        if (statvfs(folder, &fs) < 0) {
                doctor_ill(doctor, "disk", "%s: %s; it is state_dir in keyvigil.yaml", folder,
                           strerror(errno));
                return;
        }
        double left = (double) fs.f_bavail * (double) fs.f_frsize;
        if (left < FREE_MIN ||
            (fs.f_files > 0 && fs.f_favail == 0)) /* some file systems do not count files */
                doctor_ill(doctor, "disk", "%s has %.0f MB left; make room", folder, left / 1e6);
        else
                doctor_well(doctor, "disk", "%s has %.1f GB left", folder, left / 1e9);
}

static void look_at_stripe(struct doctor *doctor)
{
        long off = 0;
        char why[256];
        int r = doctor_ask_provider(&doctor->cli->settings, &off, why, sizeof(why));

        if (r < 0) {
                doctor_ill(doctor, "Stripe",
                           "%s: %s; see stripe: in keyvigil.yaml, the resolver, the firewall",
                           doctor->cli->settings.stripe.api_base, why);
                return;
        }
        doctor_well(doctor, "Stripe", "%s answers", doctor->cli->settings.stripe.api_base);
        if (labs(off) > CLOCK_MAX)
                doctor_ill(doctor, "clock", "it is %ld seconds off that of Stripe; timedatectl set-ntp true",
                           off);
        else
                doctor_well(doctor, "clock", "it agrees with that of Stripe");
}

static void look_at_receivers(struct doctor *doctor)
{
        size_t n = doctor->cli->settings.notify.n;

        if (n == 0)
                doctor_well(doctor, "receivers", "none but the journal");
        else if (doctor_run_quietly("systemctl is-active --quiet keyvigil-notify.service") != 0)
                doctor_ill(doctor, "receivers",
                           "%zu are configured, and keyvigil-notify.service does not run; systemctl "
                           "enable --now keyvigil-notify",
                           n);
        else
                doctor_well(doctor, "receivers", "%zu; keyvigil test-alert goes to all of them", n);
}

/* The newest backup, opened as a restore would open it. */
static void look_at_backup(struct doctor *doctor)
{
        glob_t files = { 0 };
        struct stat st, newest = { 0 };
        const char *path = NULL;

        (void) glob(BACKUP_FOLDER "/*.db", 0, NULL, &files);
        for (size_t i = 0; i < files.gl_pathc; i++)
                if (stat(files.gl_pathv[i], &st) == 0 && st.st_mtime >= newest.st_mtime) {
                        newest = st;
                        path = files.gl_pathv[i];
                }
        long long age = path ? (long long) (time(NULL) - newest.st_mtime) : 0;
        long long keys = path ? doctor_count_keys(path) : 0;
        if (!path && access(BACKUP_FOLDER, R_OK | X_OK) < 0 && errno == EACCES)
                doctor_ill(doctor, "backup",
                           BACKUP_FOLDER " may not be read; run this as root or as a member of the group "
                                         "keyvigil");
        else if (!path)
                doctor_ill(doctor, "backup",
                           "there is none in " BACKUP_FOLDER "; systemctl enable --now "
                           "keyvigil-backup.timer");
        else if (age > BACKUP_MAX)
                doctor_ill(doctor, "backup", "%s is %lld days old; systemctl status keyvigil-backup.timer",
                           path, age / (24 * 3600));
        else if (keys < 0)
                doctor_ill(doctor, "backup", "%s cannot be restored: %s; make another with keyvigil backup",
                           path, strerror((int) -keys));
        else
                doctor_well(doctor, "backup", "%s opens, with %lld keys", path, keys);
        globfree(&files);
}

static void look_at_configuration(struct doctor *doctor)
{
        struct conf *conf = NULL;

        if (configuration_load(doctor->cli, &conf) < 0)
                doctor_ill(doctor, "settings",
                           "the configuration cannot be used, see above; keyvigil check-config");
        else
                doctor_well(doctor, "settings", "the configuration is good");
        conf_free(conf);
}

int command_doctor(struct cli *cli, const struct command *command, int argc, char **argv)
{
        static void (*const looks[])(struct doctor *) = {
                look_at_configuration, look_at_daemon, look_at_journal, look_at_timer,     look_at_groups,
                look_at_master_key,    look_at_disk,   look_at_stripe,  look_at_receivers, look_at_backup,
        };
        struct doctor doctor = { .cli = cli, .said = json_array() };
        int r = options_parse(cli, command, argc, argv, NULL, 0, 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        for (size_t i = 0; i < ELEMENTSOF(looks); i++)
                looks[i](&doctor);
        json_decref(doctor.status);
        if (cli->json)
                json_print(doctor.said);
        else if (doctor.n_ill > 0)
                printf("%zu of these need something done.\n", doctor.n_ill);
        else
                puts("All of it is well; keyvigil test-alert shows whether alerts arrive.");
        json_decref(doctor.said);
        return doctor.n_ill > 0 ? CLI_FAILED : CLI_OK;
}
