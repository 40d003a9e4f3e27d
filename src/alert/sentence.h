/* How each kind of incident is put into words, and the pieces those sentences share. All is written to a
 * stream in memory; whether there was enough of it is asked once, when the stream is closed.
 *
 * A sentence starts in lower case and has no full stop: notice_message() gives it its head and its end. It
 * stays true when a fact is missing: no time, no account, no key. */
#ifndef ALERT_SENTENCE_H
#define ALERT_SENTENCE_H

#include <stdbool.h>
#include <stdio.h>

#include "alert/notice.h"

typedef void (*sentence_fn)(FILE *out, const struct notice *notice);

/* What is over, since when it was wrong, for how long. For every kind. */
void say_cleared(FILE *out, const struct notice *notice);

/* "12 incidents of kind key-revoked are still open": many reminders in one. */
void say_many_open(FILE *out, const struct notice *notice);

/* key "acme" (live mode, acct_1A) */
void say_key(FILE *out, const struct notice *notice);

/* " (live mode, acct_1A)", or as much as is known, or nothing. */
void say_where(FILE *out, const struct notice *notice);

/* probe coupon "selgeo_probe_x" (key "acme", live mode, acct_1A) */
void say_coupon(FILE *out, const struct notice *notice);

/* " since 2026-11-21T03:12:13Z", or nothing. */
void say_since(FILE *out, const struct notice *notice);

/* " (5xx)": the engine's own words about this case, cut to what there is room for, without
 * anything that would end the sentence. The last piece of it. */
void say_detail(FILE *out, const struct notice *notice);

/* “Coupons: Write, Invoices: Read” – or, where that grows too long, the first of them “…” and 7 more. */
void say_labels(FILE *out, const char *labels);

/* "1 key", "2 keys", or `unknown` when nothing was counted. */
void say_count(FILE *out, const struct notice *notice, const char *one, const char *many,
               const char *unknown);

/* Is `word` one of the words in KEYVIGIL_REASON? */
bool has_reason(const struct notice *notice, const char *word);

/* Not NULL and not empty. */
bool is_given(const char *text);

void say_key_revoked(FILE *out, const struct notice *notice);
void say_key_expired(FILE *out, const struct notice *notice);
void say_key_rolled(FILE *out, const struct notice *notice);
void say_key_invalid(FILE *out, const struct notice *notice);
void say_key_blocked(FILE *out, const struct notice *notice);
void say_key_account_refused(FILE *out, const struct notice *notice);
void say_key_permissions_missing(FILE *out, const struct notice *notice);
void say_key_permissions_excess(FILE *out, const struct notice *notice);
void say_key_wrong_account(FILE *out, const struct notice *notice);
void say_key_unrestricted(FILE *out, const struct notice *notice);
void say_key_rotation_due(FILE *out, const struct notice *notice);
void say_key_old_still_alive(FILE *out, const struct notice *notice);
void say_key_unverified(FILE *out, const struct notice *notice);
void say_key_unreadable(FILE *out, const struct notice *notice);
void say_key_flapping(FILE *out, const struct notice *notice);
void say_coupon_found(FILE *out, const struct notice *notice);
void say_coupon_deleted(FILE *out, const struct notice *notice);
void say_coupon_kept(FILE *out, const struct notice *notice);
void say_coupon_stuck(FILE *out, const struct notice *notice);
void say_stripe_outage(FILE *out, const struct notice *notice);
void say_mass_revocation(FILE *out, const struct notice *notice);
void say_keys_dead_on_arrival(FILE *out, const struct notice *notice);
void say_permission_changed(FILE *out, const struct notice *notice);
void say_many_alike(FILE *out, const struct notice *notice);
void say_catalogue_stale(FILE *out, const struct notice *notice);
void say_watch_behind(FILE *out, const struct notice *notice);
void say_watch_silent(FILE *out, const struct notice *notice);
void say_store_trouble(FILE *out, const struct notice *notice);
void say_round_completed(FILE *out, const struct notice *notice);
void say_journal_summary(FILE *out, const struct notice *notice);
void say_notify_failing(FILE *out, const struct notice *notice);
void say_operator_action(FILE *out, const struct notice *notice);
void say_test_alert(FILE *out, const struct notice *notice);

/* What ends a group: no more accounts join it. */
void say_group_over(FILE *out, const struct notice *notice);

#endif
