/* One file as bytes, without a file: the first byte says what it is read as, 's' settings, 'p' catalogue, 'r'
 * profile. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "conf/permissions.h"
#include "conf/profile_file.h"
#include "conf/settings.h"
#include "fuzz.h"

#define CATALOGUE                                                                                            \
        "version: 2026-01-01.1\npermissions:\n  coupon: {group: Billing, labels: [Coupons], risk: low, "     \
        "sure: seen,\n    read: \"GET /v1/coupons/{absent}\", write: \"POST /v1/coupons/{absent}\"}\n"       \
        "  token: {group: Core, labels: [Tokens, 'T: x'], risk: money, sure: inferred, gated: tax, since: "  \
        "2026-01-01,\n    fact: x, implied_by: [coupon], implied_write: yes, excused_by: [coupon],\n"        \
        "    read: {why_not: no}, write: {request: POST /v1/tokens, granted: [a, b], modes: [test]}}\n"

const struct seed fuzz_seeds[] = {
        SEED("sstate_dir: /var/lib/keyvigil\nstripe:\n  api_base: https://api.stripe.com\n  ca_file: \"\"\n"
             "  proxy: http://127.0.0.1:3128\n  api_version: 2026-10-28.endive\n  timeout: 20s\n"
             "  concurrency: 256\n  rate: 1000\n  account_concurrency: 2\n  account_rate: 5\n"
             "checks: {pulse: 1h30m, full: 24h, excess: 7d, confirm: [5s, 30s], unverified_after: 24h}\n"
             "coupons: {cleanup: report, scan: 1h, scan_all: 7d, grace: 15m}\n"
             "rotation: {due: 90d, overlap: 7d}\nhistory: {keep: 400d}\n"
             "control: {socket: /run/a.sock, read_socket: \"\"}\n"
             "web: {metrics: 127.0.0.1:9840, pages: /run/p.sock, hosts: [localhost, \"[::1]\"]}\n"
             "notify:\n  - {type: alertmanager, url: \"http://127.0.0.1:9093\"}\n"
             "  - {type: webhook, url: \"https://a.net/h\", credential: k.w, min_priority: 4}\n"
             "  - {type: mail, to: a@b.net}\nprofiles_dir: /etc/p\n"),
        /* One mistake of each kind. */
        SEED("spulse: 5m\nconcurency: 1\nstrip: {}\nzzzzzzzzzzzz: 1\nstate_dir: relative\nstate_dir: /twice\n"
             "stripe:\n  concurency: 8\n  rate: -1\n  account_rate: x\n  concurrency: 0\n  timeout: 0s\n"
             "  api_version: 2020-01-01.x\n  api_base: http://a.net\n  proxy: [a]\n  ca_file: {a: b}\n"
             "checks:\n  pulse: 5 minutes\n  full: 400000d\n  excess: \"\"\n  confirm: [0s, x, [1s]]\n"
             "coupons: [a]\nrotation: on\nhistory:\nweb: {hosts: x, metrics: x, pages: \"/" /* a long path */
             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
             "x"
             "xxxxxxxxxxxxxxxxxxxx\"}\nnotify: {type: mail}\ncontrol: {socket: 1, socket: 2}\n"),
        SEED("sstate_dir: \"rk_live_abcdefghijklmnopqrstuvwx\"\nprofiles_dir: \"/a\\nb\"\n"),
        SEED("sstate_dir: \"/a\\tb\"\nstripe: {api_base: \"\"}\nchecks: {confirm: []}\n"
             "web: {hosts: [[a], {b: c}]}\n"),
        SEED("schecks:\n\tpulse: 5m\n"),
        SEED("schecks: {pulse: [a\n"),
        SEED("schecks:\n  - a\n b: c\n"),
        SEED("schecks: %a\n"),
        SEED("sa: `b\n"),
        SEED("sa: b\n---\nc: d\n"),
        SEED("sa: &x b\n"),
        SEED("sa: *x\n"),
        SEED("sa: !!int 1\n"),
        SEED("sa: !t {b: c}\n"),
        SEED("s? [a, b]\n: c\n"),
        SEED("s? {a: b}\n: c\n"),
        SEED("sa: \"\\0\"\n"),
        SEED("s\"\\0\": a\n"),
        SEED("sa: \xff\n"),
        SEED("sa: \x01\n"),
        SEED("s\xef\xbb\xbfstate_dir: /a\n"),
        SEED("s\xff\xfe"
             "a\0:\0 \0b\0"),
        SEED("s[[[[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]]]\n"),
        SEED("sa: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {o: {p: {q: r}}}}}}}}}}}}}}}}\n"),
        SEED("s# nothing\n"),
        SEED("stext\n"),
        SEED("s- a\n- b\n"),
        SEED("sa: |\n  b\n  c\nd: 'e''f'\ng: >-\n  h\n"),
        SEED("p" CATALOGUE),
        SEED("pversion: x\npermissions:\n  a: {}\n  B: {group: \"\", labels: [], risk: x, sure: x}\n"
             "  coupon: {group: G, labels: [C], risk: low, sure: seen, read: GET, write: DELETE /v1/x}\n"
             "  token: {group: G, labels: [C], risk: low, sure: seen, read: GET /v1/x, write: {}}\n"
             "  d: {group: G, labels: x, implied_by: [d, none, coupon], read: {request: GET /v1/x?limit=1,\n"
             "    why_not: x, granted: [A B, a, b, c, d, e], modes: [x]}, write: [a]}\n"
             "  e: {group: G, labels: [L], gated: A B, since: x, fact: [], excused_by: x, implied_write: "
             "7}\n"),
        SEED("ppermissions: {}\n"),
        SEED("pversion: 2026-01-01.1\npermissions: [a]\n"),
        SEED("rprofile: x\ntitle: X\nkind: restricted\nmodes: [live, test]\nrequire:\n  Coupons: write\n"
             "  Tokens: write\nexcess: report\npulse: 5m\nrotation_due: 90d\nname_pattern: \"^a+$\"\n"
             "coupons: sweep\nkey_name: X\n"),
        SEED("rprofile: y\ntitle: ''\nkind: x\nmodes: [live, live, x]\nrequire:\n  Cupons: write\n  Tokens: "
             "read\n"
             "  Coupons: x\n  'T: x': write\nexcess: [a]\npulse: 1s\nname_pattern: \"(\"\ncoupons: x\nfoo: "
             "1\n"),
        SEED("rprofile: x\nrequire: [a]\nmodes: []\nname_pattern: \"(a{1,200}){1,200}\\\\1\"\n"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = {
        "stripe:",     "checks:",  "rate:",    "timeout:", ": ",
        "\n  ",        "- ",       "[",        "]",        "{",
        "}",           "&a",       "*a",       "!!int ",   "0x10",
        "1e9",         "5m",       "99999d",   "null",     "'",
        "\"",          "|\n",      "%YAML",    "---\n",    "\t",
        "?",           "require:", "profile:", "path:",    "GET /v1/",
        "DELETE",      "..",       "<<: *a",   "granted:", "modes:",
        "implied_by:", "why_not:", "{absent}", "limit=1",  "starting_after=",
        "\\0",         "Coupons",  "labels:",  "group:",   "risk:",
        "sure: seen",  "since:",   "gated:",
};
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

static struct catalogue *known;

static void forget_known(void)
{
        catalogue_free(known);
}

static struct node *tree_of(const uint8_t *data, size_t size, struct problems *problems)
{
        static const struct place place = { .file = "x.yaml" };
        struct node *root = NULL;
        int r = tree_parse((const char *) data, size, &place, problems, &root);

        HOLD(r == 0 || (r == -EBADMSG && !root && problems->n_errors > 0));
        return root;
}

static void learn_known(void)
{
        struct problems problems = { 0 };
        struct node *root = tree_of((const uint8_t *) CATALOGUE, strlen(CATALOGUE), &problems);

        HOLD(root && permissions_read(root, &problems, &known) == 0);
        node_free(root);
        problems_clear(&problems);
        atexit(forget_known);
}

static void read_settings(const struct node *root, struct problems *problems)
{
        struct settings settings;

        HOLD(settings_default("/etc/keyvigil", &settings) == 0);
        HOLD(settings_read(root, &settings, problems) == 0);
        HOLD(settings.stripe.rate > 0 && settings.stripe.concurrency > 0);
        HOLD(settings.checks.n_confirm > 0 && settings.checks.n_confirm <= CONFIRM_MAX);
        settings_clear(&settings);
}

static void read_catalogue(const struct node *root, struct problems *problems)
{
        struct catalogue *catalogue = NULL;
        int r = permissions_read(root, problems, &catalogue);

        HOLD(r == 0 ? catalogue != NULL : r == -EBADMSG && !catalogue && problems->n_errors > 0);
        for (size_t i = 0; catalogue && i < catalogue->n; i++) {
                const struct permission *p = &catalogue->rows[i];
                const char *why;

                HOLD(p->name && p->group && p->n_labels > 0);
                HOLD(p->read.path ? catalogue_probe_allowed(p->read.method, p->read.path, &why) == 0
                                  : p->read.why_not != NULL);
                HOLD(p->write.path ? catalogue_probe_allowed(p->write.method, p->write.path, &why) == 0
                                   : p->write.why_not != NULL);
        }
        catalogue_free(catalogue);
}

static void read_profile(const struct node *root, struct problems *problems)
{
        struct profile *profile = NULL;
        int r = profile_read(root, "x", known, problems, &profile);

        HOLD(r == 0 ? profile != NULL : r == -EBADMSG && !profile && problems->n_errors > 0);
        for (size_t i = 0; profile && i < profile->n_required; i++)
                HOLD(profile->required[i].row < known->n);
        profile_free(profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct problems problems = { 0 };

        if (size == 0)
                return 0;
        if (!known)
                learn_known();
        struct node *root = tree_of(data + 1, size - 1, &problems);
        if (root) {
                HOLD(node_kind_text(root)[0] != '\0');
                if (data[0] == 'p')
                        read_catalogue(root, &problems);
                else if (data[0] == 'r')
                        read_profile(root, &problems);
                else
                        read_settings(root, &problems);
                node_free(root);
        }
        for (size_t i = 0; i < problems.n; i++)
                HOLD(!strchr(problems.list[i].text, '\n') && problems.list[i].text[0] != '\0');
        problems_clear(&problems);
        return 0;
}
