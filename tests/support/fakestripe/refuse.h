#pragma once

#include "judge.h"

/* The provider's refusals in its own wording; each fills the call's answer. */

void refuse_without_key(struct call *c);
void refuse_unknown_key(struct call *c);
void refuse_expired(struct call *c, const char *suffix);
void refuse_address(struct call *c, bool name_it);
void refuse_account(struct call *c);
void refuse_other_account(struct call *c, const char *account);
void refuse_service(struct call *c);
void refuse_permission(struct call *c, struct permission missing, const char *says);
void refuse_rate(struct call *c);
void refuse_lock(struct call *c);
void refuse_conflict(struct call *c);
void refuse_rate_oldstyle(struct call *c);
void refuse_url(struct call *c);
void refuse_version(struct call *c);
void refuse_object(struct call *c, int status, const char *noun, const char *id, const char *param);
void refuse_missing(struct call *c, const char *param);

/* True, with the answer filled, if a pair has a name that is not in the NULL-terminated list. */
bool refuse_unknown_names(struct call *c, const struct form *f, const char *const *known);
