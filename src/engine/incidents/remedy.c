/* Where a key is mended: its own page in Stripe's Dashboard, once a refusal named it, or the page that
 * creates one for its profile. Queries of the store make the same choice. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/incidents.h"
#include "stripe/link.h"

void remedy_learn(struct engine *e, struct key *key, const char *account, const char *key_object)
{
        _cleanup_free_ char *known = NULL, *url = NULL;

        /* Without the database it waits for the next refusal. */
        if (key->has_edit_url || *key_object == '\0' || recorder_in_trouble(e))
                return;
        if (*account == '\0')
                account = known = engine_account(e, key);
        if (!account || link_edit(account, key_object, &url) < 0)
                return;
        key->has_edit_url = true;
        batch_edit_url(recorder_batch(e), key->id, url);
        recorder_changed(e, false);
}

void remedy_forget(struct engine *e, struct key *key)
{
        if (!key->has_edit_url)
                return;
        key->has_edit_url = false;
        batch_edit_url(recorder_batch(e), key->id, "");
        recorder_changed(e, false);
}

char *remedy_edit(struct engine *e, const struct key *key)
{
        const char *waits;
        char *url;

        if (!key->has_edit_url)
                return NULL;
        waits = batch_edit_url_of(recorder_batch(e), key->id);
        if (waits)
                return memory_text(waits);
        if (store_key_edit_url(e->parts.store, key->id, &url) < 0)
                return NULL;
        return *url != '\0' ? url : mfree(url);
}

char *remedy_create(struct engine *e, const struct key *key)
{
        char *url;

        return link_create(e->parts.catalogue, key_profile(e, key), key_is_live_mode(key), &url) < 0 ? NULL
                                                                                                     : url;
}

char *remedy_of(struct engine *e, const struct key *key, enum incident_kind kind)
{
        char *url = NULL;

        switch (kind) {
        case INCIDENT_KEY_PERMISSIONS_MISSING:
        case INCIDENT_KEY_PERMISSIONS_EXCESS:
                url = remedy_edit(e, key);
                return url ? url : remedy_create(e, key);
        case INCIDENT_KEY_REVOKED:
        case INCIDENT_KEY_EXPIRED:
        case INCIDENT_KEY_INVALID:
        case INCIDENT_KEY_ROTATION_DUE:
        case INCIDENT_KEY_UNRESTRICTED:
                return remedy_create(e, key);
        default:
                return NULL;
        }
}
