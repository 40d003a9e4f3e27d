#include "fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/sdclock.h"
#include "engine/import.h"
#include "report.h"
#include "store/store.h"
#include "vault/vault.h"

static void must(int r, const char *what, const char *why)
{
        if (r >= 0)
                return;
        fprintf(stderr, "bench: %s: %s\n", what, why ? why : strerror(-r));
        exit(1);
}

static int journal_send(struct journal *journal, const char *const *fields, size_t n)
{
        (void) journal;
        (void) fields;
        (void) n;
        return 0;
}

void fleet_new(struct fleet *fleet)
{
        _cleanup_(problems_clearp) struct problems problems = { 0 };
        const char *tmp = getenv("TMPDIR");

        *fleet = (struct fleet){ .journal = { journal_send } };
        snprintf(fleet->dir, sizeof(fleet->dir), "%s/keyvigil-bench-XXXXXX", tmp ? tmp : "/tmp");
        must(mkdtemp(fleet->dir) ? 0 : -1, "mkdtemp", fleet->dir);
        must(conf_load(NULL, &fleet->conf, &problems), "configuration",
             problems.n ? problems.list[0].text : NULL);
        must(sd_event_new(&fleet->event), "sd-event", NULL);
        must(sdclock_new(fleet->event, &fleet->clock), "clock", NULL);
}

void fleet_open(struct fleet *fleet, struct transport *transport)
{
        char *why = NULL;

        must(store_open(fleet->dir, NULL, NULL, &fleet->store, &why), "store", why);
        must(vault_new(fleet->dir, NULL, true, &fleet->vault, &why), "vault", why);
        struct engine_parts parts = {
                .settings = &fleet->conf->settings,
                .catalogue = fleet->conf->catalogue,
                .profiles = fleet->conf->profiles,
                .clock = fleet->clock,
                .transport = transport,
                .journal = &fleet->journal,
                .store = fleet->store,
                .vault = fleet->vault,
        };
        must(engine_new(&parts, &fleet->engine, &why), "engine", why);
}

void fleet_add(struct fleet *fleet, const char *profile, size_t n)
{
        char *why = NULL;

        struct import_lines lines = { 0 };

        must(engine_import_begin(fleet->engine, &lines, &why), "import", why);
        for (size_t i = 0; i < n; i++) {
                _cleanup_(secret_freep) struct secret *secret = secret_new(107);
                _cleanup_free_ char *warning = NULL;
                char name[32];
                struct key_request q = { .name = name, .profile = profile };

                snprintf(name, sizeof(name), "merchant-%zu", i);
                snprintf(secret->bytes, 108, "rk_live_51%097zu", i);
                must(engine_import(fleet->engine, &q, secret, false, &warning, &why), "import", why);
        }
        engine_import_end(fleet->engine, &lines);
        must(lines.error, "import", NULL);
}

void fleet_close(struct fleet *fleet)
{
        engine_stop(fleet->engine);
        fleet->engine = engine_free(fleet->engine);
        fleet->store = store_close(fleet->store);
        fleet->vault = vault_free(fleet->vault);
}

void fleet_done(struct fleet *fleet)
{
        static const char *const names[] = { "keyvigil.db", "keyvigil.db-wal", "keyvigil.db-shm", "lock",
                                             "master.key" };
        char path[128];

        conf_free(fleet->conf);
        sdclock_free(fleet->clock);
        sd_event_unref(fleet->event);
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
                snprintf(path, sizeof(path), "%s/%s", fleet->dir, names[i]);
                unlink(path);
        }
        rmdir(fleet->dir);
}
