/* The files: the first byte picks settings, catalogue or profile, the rest is the file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "conf/conf.h"
#include "conf/settings.h"
#include "fuzz.h"

const struct seed fuzz_seeds[] = {
        SEED("sstripe:\n  api_base: https://api.stripe.com\n  timeout: 20s\n  rate: 1000\n"
             "checks: {pulse: 5m, confirm: [5s, 30s]}\ncoupons:\n  cleanup: delete # delete | report | "
             "off\n"),
        SEED("sstate_dir: /var/lib/keyvigil\nhistory: {keep: 400d}\ncontrol:\n  socket: \"/run/x.sock\"\n"),
        SEED("sstripe: &a {rate: 1}\nchecks: *a\n"),
        SEED("ppermissions:\n  - name: coupon\n    slot: 1\n    label: Coupons\n    read: {method: GET, "
             "path: "
             "\"/v1/coupons/{absent}\"}\n    write: {method: POST, path: \"/v1/coupons/{absent}\"}\n"),
        SEED("rprofile: x\ntitle: X\nkind: restricted\nmodes: [live, test]\nrequire:\n  Coupons: write\n"
             "  Customers: read\nexcess: report\npulse: 5m\nrotation_due: 90d\nname_pattern: \"^a\"\n"
             "coupons: sweep\nkey_name: X\n"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = { "stripe:", "checks:", "rate:",    "timeout:", ": ",    "\n  ",
                                   "- ",      "[",       "]",        "{",        "}",     "&a",
                                   "*a",      "!!int ",  "0x10",     "1e9",      "5m",    "99999d",
                                   "null",    "'",       "\"",       "|\n",      "%YAML", "---\n",
                                   "\t",      "?",       "require:", "profile:", "path:", "GET",
                                   "DELETE",  "..",      "<<: *a" };
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

/* Files have to be written. */
const unsigned long fuzz_runs = 1000;

static char dir[64];

static void begin(void)
{
        char path[128];

        snprintf(dir, sizeof(dir), "%s/keyvigil-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(dir))
                abort();
        snprintf(path, sizeof(path), "%s/profiles", dir);
        if (mkdir(path, 0700) < 0)
                abort();
}

static void end(void)
{
        static const char *const names[] = { "keyvigil.yaml", "permissions.yaml", "profiles/x.yaml" };
        char path[128];

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
                (void) unlink(path);
        }
        snprintf(path, sizeof(path), "%s/profiles", dir);
        (void) rmdir(path);
        (void) rmdir(dir);
}

static void put(const char *name, const void *bytes, size_t size)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        if (!bytes) {
                (void) unlink(path);
                return;
        }
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || write(fd, bytes, size) != (ssize_t) size)
                abort();
        close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct problems problems = { 0 };
        struct settings settings;
        char path[128], plain[160];
        struct conf *conf = NULL;

        if (size == 0)
                return 0;
        if (!*dir) {
                begin();
                atexit(end);
        }
        snprintf(plain, sizeof(plain), "profiles_dir: %s/profiles\n", dir);
        bool settings_too = data[0] != 'p' && data[0] != 'r';
        put("keyvigil.yaml", settings_too ? (const void *) (data + 1) : plain,
            settings_too ? size - 1 : strlen(plain));
        put("permissions.yaml", data[0] == 'p' ? data + 1 : NULL, size - 1);
        put("profiles/x.yaml", data[0] == 'r' ? data + 1 : NULL, size - 1);

        snprintf(path, sizeof(path), "%s/keyvigil.yaml", dir);
        int r = conf_load(path, &conf, &problems);
        HOLD((r >= 0) == (conf != NULL));
        HOLD((r >= 0) == (problems.n_errors == 0));
        for (size_t i = 0; i < problems.n; i++)
                HOLD(!strchr(problems.list[i].text, '\n') && problems.list[i].text[0] != '\0');
        conf_free(conf);
        problems_clear(&problems);
        if (conf_load_settings(path, &settings) >= 0)
                settings_clear(&settings);
        return 0;
}
