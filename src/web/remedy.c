#include "web/remedy.h"

#include <stddef.h>

#include "model/incident.h"

static const char *const remedies[_INCIDENT_KIND_MAX] = {
        [INCIDENT_KEY_REVOKED] = "Ask the merchant for a new key, and store it with 'keyvigil rotate NAME'.",
        [INCIDENT_KEY_EXPIRED] = "Ask the merchant for a new key, and store it with 'keyvigil rotate NAME'.",
        [INCIDENT_KEY_INVALID] =
                "It was most likely copied badly: ask for it again, and 'keyvigil rotate NAME'.",
        [INCIDENT_KEY_BLOCKED] =
                "The merchant has to allow this machine's address in the key's IP access policy.",
        [INCIDENT_KEY_ACCOUNT_REFUSED] =
                "Stripe refuses the account itself: the merchant has to ask Stripe why.",
        [INCIDENT_KEY_PERMISSIONS_MISSING] =
                "The merchant has to give these permissions to the key in the Dashboard.",
        [INCIDENT_KEY_PERMISSIONS_EXCESS] = "The merchant should take from the key what it does not need.",
        [INCIDENT_KEY_WRONG_ACCOUNT] = "Do not use it before it is known whose key this is.",
        [INCIDENT_KEY_UNRESTRICTED] = "Replace it by a restricted key: 'keyvigil link PROFILE' makes one.",
        [INCIDENT_KEY_ROTATION_DUE] = "Ask the merchant for a new key in time, then 'keyvigil rotate NAME'.",
        [INCIDENT_KEY_OLD_STILL_ALIVE] = "The merchant has to delete the old key in the Dashboard.",
        [INCIDENT_KEY_UNVERIFIED] =
                "Stripe gives no verdict about it: 'keyvigil show NAME' has the last answers.",
        [INCIDENT_KEY_UNREADABLE] =
                "Restore the right master key, or store the key anew with 'keyvigil rotate NAME'.",
        [INCIDENT_KEY_FLAPPING] = "Find out who changes it to and fro; 'keyvigil history NAME' says when.",
        [INCIDENT_PROBE_COUPON_KEPT] = "Harmless; 'keyvigil coupons' says why it was not deleted.",
        [INCIDENT_PROBE_COUPON_STUCK] = "Delete it in the merchant's Dashboard.",
        [INCIDENT_STRIPE_OUTAGE] = "See status.stripe.com, then this machine's way out: 'keyvigil doctor'.",
        [INCIDENT_MASS_REVOCATION] = "Before anything else, find out what these keys have in common.",
        [INCIDENT_KEYS_DEAD_ON_ARRIVAL] =
                "The list that they came from is most likely wrong: look at it first.",
        [INCIDENT_PERMISSION_CHANGED] =
                "One cause for many: a changed profile, a change at Stripe, or your platform's.",
        [INCIDENT_MANY_ALIKE] = "Look for what they have in common.",
        [INCIDENT_CATALOGUE_STALE] = "Stripe has retired an endpoint: install a newer keyvigil or catalogue.",
        [INCIDENT_WATCH_BEHIND] =
                "Compare 'keyvigil plan' with stripe.rate; look at the load of this machine.",
        [INCIDENT_WATCH_SILENT] = "See 'systemctl status keyvigild', then 'keyvigil doctor'.",
        [INCIDENT_STORE_TROUBLE] = "See 'df' and the permissions of the state directory; 'keyvigil doctor'.",
        [INCIDENT_NOTIFY_FAILING] = "See 'journalctl -u keyvigil-notify' and the receiver's own log.",
};

const char *kind_remedy(const char *kind)
{
        enum incident_kind k;

        return incident_kind_parse(kind, &k) < 0 ? NULL : remedies[k];
}
