#include "judge.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "coupon_calls.h"
#include "empty_calls.h"
#include "idempotency.h"
#include "product.h"
#include "refuse.h"
#include "route.h"

enum { LATE_SECONDS = 30 }; /* of `hang` and `slow`, if the fault does not say */

static void common_headers(struct call *c)
{
        struct answer *a = &c->answer;

        world_request_id(c->world, c->request_id);
        answer_header(a, "Request-Id", "%s", c->request_id);
        answer_header(a, "Stripe-Version", "%s", c->version ? c->version : "2026-10-28.endive");
        answer_header(
                a, "Access-Control-Expose-Headers",
                "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required, "
                "X-Stripe-Privileged-Session-Required");
        answer_header(a, "Cache-Control", "no-cache, no-store");
        answer_header(a, "Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload");
        answer_header(a, "Vary", "Origin");
        if (c->key)
                answer_header(a, "X-Stripe-Routing-Context-Priority-Tier", "%s",
                              c->key->realm->live ? "livemode-critical" : "api-testmode");
}

/* Faults whose answer is the provider's own, for whatever key it is. */
static void fault_refuse(struct call *c, enum fault_kind kind)
{
        switch ((int) kind) {
        case FAULT_EXPIRED_ALL:
                return refuse_expired(c, "");
        case FAULT_INVALID_ALL:
                return refuse_unknown_key(c);
        case FAULT_BLOCKED_ALL:
                return refuse_address(c, true);
        case FAULT_UNSERVED_ALL:
                return refuse_service(c);
        case FAULT_429:
                return refuse_rate(c);
        case FAULT_429_LOCK:
                return refuse_lock(c);
        case FAULT_409:
                return refuse_conflict(c);
        case FAULT_400_RATE_LIMIT:
                return refuse_rate_oldstyle(c);
        case FAULT_UNRECOGNIZED_URL:
                return refuse_url(c);
        case FAULT_INVALID_VERSION:
                return refuse_version(c);
        case FAULT_HANG:
                c->answer.delivery = DELIVERY_HUNG;
                return;
        case FAULT_CLOSE:
                c->answer.delivery = DELIVERY_CLOSED;
                return;
        }
}

static uint64_t fault_bytes(struct call *c, const struct fault *f, uint64_t room)
{
        if (f->bytes >= 0)
                return (uint64_t) f->bytes;
        return room > 0 ? world_random(c->world) % room : 0;
}

/* Faults that spoil the answer of a request that was carried out. */
static void fault_spoil(struct call *c, const struct fault *f)
{
        struct answer *a = &c->answer;

        switch ((int) f->kind) {
        case FAULT_LOSE_ANSWER:
                a->delivery = DELIVERY_CLOSED;
                break;
        case FAULT_TRUNCATED:
                if (a->body.size > 1)
                        a->body.size = f->bytes >= 0 && (size_t) f->bytes < a->body.size ? (size_t) f->bytes
                                                                                         : a->body.size / 2;
                break;
        case FAULT_CUT:
                a->delivery = DELIVERY_CUT;
                a->bytes = fault_bytes(c, f, 600 + a->body.size);
                break;
        case FAULT_BODY_CUT:
                a->delivery = DELIVERY_BODY_CUT;
                a->bytes = fault_bytes(c, f, a->body.size);
                break;
        case FAULT_SLOW:
                a->delivery = DELIVERY_DRIBBLED;
                break;
        case FAULT_DELAY:
                a->delivery = DELIVERY_LATE;
                break;
        case FAULT_HUGE:
                a->padding = f->bytes >= 0 ? (uint64_t) f->bytes : UINT64_C(64) << 20;
                break;
        }
}

static void fault_trim(struct call *c, const struct fault *f)
{
        struct answer *a = &c->answer;

        c->fault = fault_kind_name(f->kind);
        a->seconds = f->seconds >= 0 ? f->seconds : LATE_SECONDS;
        if (f->status)
                a->status = f->status;
        if (f->kind == FAULT_REDIRECT)
                answer_header(a, "Location", "%s", f->url ? f->url : "https://example.com/");
        for (unsigned i = 0; i < FAULT_EXTRA_HEADERS && f->headers[i].name; i++)
                answer_header(a, f->headers[i].name, "%s", f->headers[i].value);
        if (a->delivery == DELIVERY_HUNG || (a->delivery == DELIVERY_CLOSED && !fault_carries_out(f->kind)))
                a->status = 0;
}

/* A change of state reaches the provider's machines one after the other. */
static enum key_state state_met(const struct call *c)
{
        const struct key *k = c->key;
        usec_t now = now_monotonic(), span = k->spread_until - k->spread_from;

        if (now >= k->spread_until || world_random(c->world) % span < now - k->spread_from)
                return k->state;
        return k->former;
}

/* The states of a key that are told before anything else; false: it may go on. */
static bool refuse_state(struct call *c)
{
        if (!c->key) {
                c->key_text ? refuse_unknown_key(c) : refuse_without_key(c);
                return true;
        }
        switch (state_met(c)) {
        case KEY_EXPIRED:
                refuse_expired(c, "");
                return true;
        case KEY_DISCONNECTED:
                refuse_expired(c, " Platform access may have been revoked.");
                return true;
        case KEY_UNKNOWN:
                refuse_unknown_key(c);
                return true;
        case KEY_BLOCKED:
                refuse_address(c, false);
                return true;
        case KEY_BLOCKED_WITH_ADDRESS:
                refuse_address(c, true);
                return true;
        case KEY_REFUSED:
                refuse_account(c);
                return true;
        case KEY_UNSERVED:
                refuse_service(c);
                return true;
        case KEY_ALIVE:
        case _KEY_STATES:
                break;
        }
        return false;
}

static bool call_may(const struct call *c, const char *name, struct permission *ret)
{
        if (!permission_parse(name, ret))
                abort();
        return permission_has(&c->key->effective, *ret);
}

static bool refuse_scope(struct call *c)
{
        const struct row_change *change = row_change_find(c->world, c->route);
        struct permission p;

        if (c->route->instead && call_may(c, c->route->instead, &p))
                return false;
        for (unsigned i = 0; i < ROUTE_PERMISSIONS && c->route->permission[i]; i++) {
                if (call_may(c, c->route->permission[i], &p))
                        continue;
                refuse_permission(c, p, change && *change->says ? change->says : c->route->says);
                return true;
        }
        return false;
}

/* YYYY-MM-DD, or with a name behind a dot, and no later than the newest there is. */
static bool version_valid(const char *v)
{
        static const char form[] = "dddd-dd-dd", newest[] = "2026-10-28";

        if (!v || strncmp(v, newest, strlen(newest)) > 0)
                return false;
        for (size_t i = 0; i < sizeof(form) - 1; i++, v++)
                if (form[i] == 'd' ? !isdigit((unsigned char) *v) : *v != form[i])
                        return false;
        return *v == '\0' || (*v == '.' && islower((unsigned char) v[1]));
}

/* Nothing is there but coupons and promotion codes: an id of those that a prober makes up is not. */
static bool refuse_absent_first(struct call *c)
{
        const struct row_change *change = row_change_find(c->world, c->route);
        enum outcome o = c->route->outcome;

        if (!(change ? change->lookup : c->world->lookup_first) || !strstr(c->id, "absent"))
                return false;
        refuse_object(c, o == OUTCOME_BAD_OBJECT ? 400 : 404, c->route->noun ? c->route->noun : "object",
                      c->id, c->route->param);
        return true;
}

/* Everything that may be in the way of a row that is there; the order is the one that was seen, or its
 * reverse. */
static bool refuse_row(struct call *c)
{
        const struct row_change *change = row_change_find(c->world, c->route);
        bool gate_first = change ? change->gate : c->world->gate_first;

        return (gate_first && product_refuses(c)) || refuse_absent_first(c) || refuse_scope(c) ||
               (!gate_first && product_refuses(c));
}

/* Another account is named, and this one is no platform of it. */
static bool refuse_foreign_account(struct call *c)
{
        if (!c->stripe_account || strcmp(c->stripe_account, c->key->realm->account) == 0)
                return false;
        refuse_other_account(c, c->stripe_account);
        return true;
}

/* The code of an error is another one than usual. */
static void change_code(struct call *c)
{
        const struct row_change *change = row_change_find(c->world, c->route);

        if (change && *change->code && (c->answer.status == 400 || c->answer.status == 404))
                answer_refuse(&c->answer, c->answer.status, change->code, NULL, "That cannot be done.");
}

static void carry_out(struct call *c)
{
        if (!meter_admits(&c->key->realm->meter, now_monotonic(), c->world->rate))
                return refuse_rate(c);
        if (refuse_state(c))
                return;
        if (refuse_foreign_account(c))
                return;
        c->route = route_find(c->method, c->path, c->id, sizeof(c->id));
        if (c->route && product_hides(c))
                c->route = NULL;
        if (c->route && refuse_row(c))
                return;
        if ((c->world->strict_version || c->version) && !version_valid(c->version))
                return refuse_version(c);
        if (!c->route)
                return refuse_url(c);
        if (idempotency_replay(c))
                return;
        if (c->route->outcome >= OUTCOME_COUPON_LIST)
                coupon_call(c);
        else
                empty_call(c);
        change_code(c);
        idempotency_keep(c);
}

void judge(struct call *c)
{
        c->key = c->key_text ? world_key(c->world, c->key_text) : NULL;
        form_parse(&c->query_form, c->query ? c->query : "", c->query ? strlen(c->query) : 0);
        form_parse(&c->body_form, c->body, c->body_size);
        common_headers(c);

        struct fault *f =
                fault_pick(&c->world->faults, &(struct fault_subject){
                                                      .key = c->key_text,
                                                      .account = c->key ? c->key->realm->account : NULL,
                                                      .path = c->path,
                                                      .method = c->method,
                                                      .live = c->key && c->key->realm->live,
                                              });

        if (f && !fault_carries_out(f->kind)) {
                if (!fault_body(f, &c->answer))
                        fault_refuse(c, f->kind);
                else
                        answer_header(&c->answer, "Request-Id", "%s", "");
        } else if (c->key) {
                carry_out(c);
        } else {
                refuse_state(c);
        }
        if (f && fault_carries_out(f->kind))
                fault_spoil(c, f);
        if (f)
                fault_trim(c, f);
}

void call_clear(struct call *c)
{
        form_clear(&c->query_form);
        form_clear(&c->body_form);
}
