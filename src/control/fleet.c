#include "control/fleet.h"

#include <errno.h>
#include <stdlib.h>

#include "control/server.h"
#include "store/ledger.h"

/* Keys that are looked at in one turn of the loop. */
#define SLICE 1000

struct fleet {
        struct control *control;
        struct plan *plan;
        uint64_t coupons;
        int64_t last_id; /* of the keys that were looked at */
        int error;
        sd_event_source *slice;
        fleet_done_fn done;
        void *userdata;
        LIST_ENTRY(fleet) in_control;
};

static void fleet_free(struct fleet *fleet)
{
        LIST_REMOVE(fleet, in_control);
        sd_event_source_disable_unref(fleet->slice);
        plan_free(fleet->plan);
        free(fleet);
}

static void begin(struct fleet *fleet)
{
        const struct control_parts *parts = &fleet->control->parts;
        struct plan *plan = NULL;

        fleet->plan = plan_free(fleet->plan);
        fleet->last_id = 0;
        fleet->error = plan_new(parts->settings, parts->catalogue, parts->profiles, fleet->coupons, &plan);
        fleet->plan = plan;
}

/* What was counted of a coupon listing that never got to its end is no number of coupons. */
static uint64_t counted_coupons(struct fleet *fleet, const struct key *key)
{
        const struct control_parts *parts = &fleet->control->parts;
        const struct ledger_owner owner = {
                .account_id = key->account_id,
                .key_id = key->id,
                .mode = (enum key_mode) key->mode,
        };
        struct ledger_scan scan;

        if (!parts->profiles->list[key->profile]->sweep)
                return PLAN_UNCOUNTED;
        int r = ledger_scan_get(parts->store, &owner, &scan);
        if (r < 0)
                fleet->error = r;
        return r < 0 || scan.last_complete == 0 ? PLAN_UNCOUNTED
                                                : (uint64_t) MAX(scan.coupons_seen, INT64_C(0));
}

/* Of all keys of the account one that is swept knows of its coupons. */
static uint64_t account_coupons(struct fleet *fleet, const struct key *first, uint8_t mode)
{
        const struct control_parts *parts = &fleet->control->parts;

        for (const struct key *key = first; key; key = key->same_account)
                if (key->mode == mode && parts->profiles->list[key->profile]->sweep)
                        return counted_coupons(fleet, key);
        return PLAN_UNCOUNTED;
}

static void take_mode(struct fleet *fleet, const struct key *first, uint8_t mode)
{
        bool begun = false;

        for (const struct key *key = first; key; key = key->same_account) {
                if (key->mode != mode)
                        continue;
                if (!begun)
                        plan_next_account(fleet->plan, mode == MODE_LIVE,
                                          account_coupons(fleet, first, mode));
                begun = true;
                plan_add(fleet->plan, key->profile);
        }
}

/* All keys of an account have their turn with that which is the last of them. */
static void take_key(struct fleet *fleet, const struct key *key)
{
        const struct key *first = engine_keys_of_account(fleet->control->parts.engine, key->account_id);

        if (key->same_account)
                return;
        take_mode(fleet, first ? first : key, MODE_LIVE);
        take_mode(fleet, first ? first : key, MODE_TEST);
}

static int on_slice(sd_event_source *source, void *userdata)
{
        struct fleet *fleet = userdata;
        size_t n, i = engine_keys_after(fleet->control->parts.engine, fleet->last_id);
        const struct key *const *keys = engine_keys(fleet->control->parts.engine, &n);

        (void) source;
        for (size_t end = MIN(n, i + SLICE); i < end && fleet->error >= 0; i++) {
                fleet->last_id = keys[i]->id;
                take_key(fleet, keys[i]);
        }
        if (i < n && fleet->error >= 0)
                return 0;
        fleet->done(fleet->error < 0 ? NULL : fleet->plan, fleet->error, fleet->userdata);
        fleet_free(fleet);
        return 0;
}

int fleet_plan(struct control *control, uint64_t coupons, fleet_done_fn done, void *userdata)
{
        struct fleet *fleet = calloc(1, sizeof(*fleet));

        if (!fleet)
                return -ENOMEM;
        fleet->control = control;
        fleet->coupons = coupons;
        fleet->done = done;
        fleet->userdata = userdata;
        LIST_INSERT_HEAD(&control->fleets, fleet, in_control);
        begin(fleet);
        int r = sd_event_add_defer(control->parts.event, &fleet->slice, on_slice, fleet);
        if (r >= 0)
                r = sd_event_source_set_enabled(fleet->slice, SD_EVENT_ON);
        if (r < 0)
                fleet_free(fleet);
        return r;
}

void fleet_reconfigure(struct control *control)
{
        struct fleet *fleet;

        LIST_FOREACH(fleet, &control->fleets, in_control)
                begin(fleet);
}

void fleet_clear(struct control *control)
{
        while (!LIST_EMPTY(&control->fleets))
                fleet_free(LIST_FIRST(&control->fleets));
}
