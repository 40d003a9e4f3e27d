/* The permissions that a restricted key can have, and how each is asked for without side effect. conf/ makes
 * it from conf/permissions.yaml; the rules of what a probe may be are compiled in (catalogue_probe_allowed).
 */
#ifndef STRIPE_CATALOGUE_H
#define STRIPE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "base/transport.h"
#include "model/grants.h"

/* What a permission that nobody needs could do, riskiest first; excess checks go in this order. */
enum risk {
        RISK_MONEY,    /* money can leave the account */
        RISK_PERSONAL, /* personal data can be read */
        RISK_CONFIG,   /* the account's configuration */
        RISK_LOW,
        _RISK_MAX,
};

const char *risk_name(enum risk risk); /* "money", "personal", "configuration", "low" */

#define PROBE_CODES_MAX 4

/* Room for the `code` of an error and its NUL; the longest known has 65 letters. */
#define CODE_SIZE 80

/* One request that tells whether one level of one permission is granted. */
struct probe {
        enum method method;
        char *path; /* NULL: this level cannot be probed. May hold the segment "{absent}" */
        /* `code`s of a 400 or 404 that mean "granted", beside the always valid resource_missing and
         * parameter_missing. */
        char *granted_codes[PROBE_CODES_MAX];
        size_t n_granted_codes;
        bool mode_live, mode_test; /* in which modes the probe means anything */
        char *why_not;             /* for people, why it cannot be probed; NULL if it can */
        bool no_such;              /* because there is no such level */
        const char *gated;         /* the row's, for who has the probe alone */
        bool too_new;              /* the API version that we speak does not have it yet; `why_not` says so */
};

/* Strings owned; name, group and at least one label are never NULL. */
struct permission {
        char *name;    /* "coupon": the internal name, without rak_ and without _read/_write */
        char *group;   /* Dashboard group: "Billing" */
        char **labels; /* Dashboard labels: "Charges", "Refunds" … the first is the one shown by default */
        size_t n_labels;
        struct probe read, write;
        char *gated; /* the product without which it is answered otherwise: "issuing", "treasury" …; NULL:
                        none */
        char *since; /* the version of the API that brought the requests, YYYY-MM-DD; NULL: all that we speak
                      */
        char *fact;  /* for people: by what it is known that these requests tell; NULL: as `sure` says */
        enum risk risk;
        /* Rows that give a key this one too, so that its being granted is no finding. What they give is read;
         * write only if `implied_write`, and then only by a row that is granted write itself. */
        unsigned *implied_by;
        size_t n_implied_by;
        bool implied_write;
        bool implied_told; /* but it is a finding where all that gives it is one, and told with it */
        /* Rows that make this one no finding where the profile requires them: the two cannot be told apart.
         */
        unsigned *excused_by;
        size_t n_excused_by;
        bool sure;     /* the source saw it with a real key; else inferred */
        unsigned slot; /* place in struct grants; set by the engine from the store */
};

struct catalogue {
        char *version; /* "2026-11-21.1" */
        struct permission *rows;
        size_t n;
};

struct catalogue *catalogue_free(struct catalogue *catalogue);
DEFINE_CLEANUP(struct catalogue, catalogue_free)

/* By internal name ("coupon"), or by Dashboard label ("Coupons", exact but for case). -ENOENT. */
int catalogue_find(const struct catalogue *catalogue, const char *name, unsigned *ret_row);
int catalogue_find_label(const struct catalogue *catalogue, const char *label, unsigned *ret_row);

/* May this be sent at all? A GET that asks for an object that cannot exist (a whole segment "{absent}") or
 * for a list with limit=1 (other parameters may be there, but for expand; a value may be "{absent}", and that
 * of starting_after must: behind an object that never existed nothing is found, nor read); a POST
 * without body or query to a path with a whole segment "{absent}", or one of the compiled-in creates that are
 * known to be refused when empty (probe_rules.c). Anything else (other methods, other hosts, "..", "//",
 * control bytes) is refused: 0, or -EPERM with a reason for people in *ret_why (static text). */
int catalogue_probe_allowed(enum method method, const char *path, const char **ret_why);

/* May a 400 or 404 with this `code` mean that the permission is granted? 0, or -EPERM with a reason for
 * people in *ret_why (static text): it is no code, or one that speaks of the key and not of what was asked.
 */
int catalogue_code_allowed(const char *code, const char **ret_why);

/* Put aside what version `api_version` (YYYY-MM-DD.name) does not have yet: to be asked it would look
 * retired. Once, after reading. -ENOMEM. */
int catalogue_set_version(struct catalogue *catalogue, const char *api_version);

/* Does it ask API v2, whose answers have another shape? */
bool probe_is_v2(const struct probe *probe);

/* The path with every "{absent}" replaced by `absent`. The caller frees. -ENOMEM. */
int probe_path(const struct probe *probe, const char *absent, char **ret);

/* The probe that asks for `level`; NULL if that level cannot be probed in this mode. */
const struct probe *permission_probe(const struct permission *permission, enum level level, bool live);

#endif
