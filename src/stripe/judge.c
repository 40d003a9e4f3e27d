#include "stripe/judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "stripe/body.h"
#include "stripe/feature.h"
#include "stripe/message.h"
#include "stripe/redact.h"

const char *answer_name(enum answer answer)
{
        static const char *const names[] = {
#define X(name, text) [ANSWER_##name] = (text),
                ANSWERS(X)
#undef X
        };

        return names[answer];
}

const char *cause_name(enum cause cause)
{
        static const char *const names[] = {
#define X(name, text) [CAUSE_##name] = (text),
                CAUSES(X)
#undef X
        };

        return names[cause];
}

/* So much of a message is compared with what is known. */
#define MESSAGE_SIZE 4096

static void unclear(struct judgement *j, enum cause cause)
{
        j->answer = ANSWER_UNCLEAR;
        j->cause = cause;
}

static void foreign(struct judgement *j)
{
        unclear(j, CAUSE_FOREIGN);
        /* Whoever answers 429 in the provider's place stands in front of all accounts. */
        j->everyone = j->status == 429;
        snprintf(j->text, sizeof(j->text), "the answer does not have the provider's form");
}

/* The leading bytes of `text` that are of `accept`; nothing if that looks like a key. */
static void copy_plain(const char *text, const char *accept, char *to, size_t size)
{
        size_t n = MIN(strspn(text, accept), size - 1);

        memcpy(to, text, n);
        to[n] = '\0';
        if (looks_like_key(to))
                to[0] = '\0';
}

#define SMALL_NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789_"
#define NAME_BYTES       "ABCDEFGHIJKLMNOPQRSTUVWXYZ" SMALL_NAME_BYTES

static void judge_silence(const struct reply *reply, struct judgement *j)
{
        static const enum cause causes[_TRANSPORT_ERROR_MAX] = {
                [TRANSPORT_NONE] = CAUSE_LOCAL,      [TRANSPORT_RESOLVE] = CAUSE_RESOLVE,
                [TRANSPORT_CONNECT] = CAUSE_CONNECT, [TRANSPORT_TLS] = CAUSE_TLS,
                [TRANSPORT_CERTIFICATE] = CAUSE_TLS, [TRANSPORT_TIMEOUT] = CAUSE_TIMEOUT,
                [TRANSPORT_BROKEN] = CAUSE_BROKEN,   [TRANSPORT_TOO_LARGE] = CAUSE_FOREIGN,
                [TRANSPORT_LOCAL] = CAUSE_LOCAL,
        };
        const char *what = transport_error_text(reply->error);
        char detail[200];

        unclear(j, causes[reply->error]);
        redact(reply->detail, detail, sizeof(detail));
        snprintf(j->text, sizeof(j->text), "%s%s%s", what, detail[0] != '\0' ? ": " : "", detail);
}

/* -EBADMSG: there is no `error` object, or a member of it has a type that the provider never gave it. */
static int fault_parse(const json_t *body, struct fault *ret)
{
        const json_t *error = json_object_get(body, "error");
        struct fault fault = { "", "", "" };

        if (!json_is_object(error) || body_string(error, "type", &fault.type) == -EBADMSG ||
            body_string(error, "code", &fault.code) == -EBADMSG ||
            body_string(error, "message", &fault.message) == -EBADMSG)
                return -EBADMSG;
        *ret = fault;
        return 0;
}

static bool fault_has_code(const struct fault *fault, const char *code)
{
        return strcmp(fault->code, code) == 0;
}

/* 401. Nothing of the message is kept: it echoes the key, and whatever was sent in its place unmasked. */
static void judge_key(const struct fault *fault, struct judgement *j)
{
        if (fault_has_code(fault, "api_key_expired"))
                j->answer = ANSWER_DEAD_EXPIRED;
        else if (strncmp(fault->message, "Invalid API Key provided", strlen("Invalid API Key provided")) == 0)
                j->answer = ANSWER_DEAD_INVALID;
        else if (message_says_address(fault->message))
                j->answer = ANSWER_BLOCKED;
        else
                unclear(j, CAUSE_UNLISTED);
}

static void copy_hints(const char *message, struct judgement *j)
{
        struct hints hints;

        message_hints(message, &hints);
        memcpy(j->account, hints.account, sizeof(j->account));
        memcpy(j->key_object, hints.key_object, sizeof(j->key_object));
        memcpy(j->permission, hints.permission, sizeof(j->permission));
        memcpy(j->label, hints.label, sizeof(j->label));
}

_Static_assert(sizeof(((struct judgement *) 0)->account) == sizeof(((struct hints *) 0)->account) &&
                       sizeof(((struct judgement *) 0)->key_object) ==
                               sizeof(((struct hints *) 0)->key_object) &&
                       sizeof(((struct judgement *) 0)->permission) ==
                               sizeof(((struct hints *) 0)->permission) &&
                       sizeof(((struct judgement *) 0)->label) == sizeof(((struct hints *) 0)->label),
               "hints are copied whole");

/* 403. `account-refused` proves that the key lives, so a gateway's own JSON must not pass for it: the
 * provider always says a type. */
static void judge_right(const struct fault *fault, struct judgement *j)
{
        bool account = fault_has_code(fault, "account_invalid");

        if (!account && message_says_address(fault->message)) { /* whatever its code says */
                j->answer = ANSWER_BLOCKED;
        } else if (fault_has_code(fault, "more_permissions_required") ||
                   (!account && message_says_permission(fault->message))) {
                j->answer = ANSWER_REFUSED;
                copy_hints(fault->message, j);
        } else if (feature_is_off(fault)) {
                j->answer = ANSWER_FEATURE_OFF;
        } else if (account || fault->type[0] != '\0' ||
                   strstr(fault->message, "unable to serve your request")) {
                j->answer = ANSWER_ACCOUNT_REFUSED;
        } else {
                foreign(j);
        }
}

/* 400 and 404: was the request understood, looked up and refused only for what it asked for? */
static bool proves_grant(const struct fault *fault, long status, const struct probe *probe)
{
        if (fault_has_code(fault, "resource_missing"))
                return true;
        if (status == 400 && fault_has_code(fault, "parameter_missing"))
                return true;
        if (fault->code[0] == '\0')
                return false;
        if (status == 404 && probe && probe_is_v2(probe) && fault_has_code(fault, "not_found"))
                return true;
        for (size_t i = 0; probe && i < probe->n_granted_codes; i++)
                if (fault_has_code(fault, probe->granted_codes[i]))
                        return true;
        return false;
}

static void judge_lookup(const struct fault *fault, const struct probe *probe, struct judgement *j)
{
        if (j->status == 400 &&
            (fault_has_code(fault, "rate_limit") || message_says_slower(fault->message))) {
                j->answer = ANSWER_THROTTLED;
        } else if (proves_grant(fault, j->status, probe)) {
                j->answer = ANSWER_GRANTED;
        } else if (feature_is_off(fault)) {
                j->answer = ANSWER_FEATURE_OFF;
        } else if (feature_is_unrouted(fault, probe)) {
                j->answer = ANSWER_FEATURE_UNROUTED;
        } else {
                unclear(j, CAUSE_UNLISTED);
                j->stale_probe = true;
        }
}

static void judge_fault(const struct fault *said, const struct probe *probe, struct judgement *j)
{
        char message[MESSAGE_SIZE];
        const struct fault fault = { said->type, said->code, message };

        text_straighten(said->message, message, sizeof(message));
        if (strspn(said->code, SMALL_NAME_BYTES) == strlen(said->code) && strlen(said->code) < CODE_SIZE)
                copy_plain(said->code, SMALL_NAME_BYTES, j->code, sizeof(j->code));
        if (j->status != 401)
                redact(said->message, j->text, sizeof(j->text));

        switch (j->status) {
        case 400:
        case 404:
                judge_lookup(&fault, probe, j);
                break;
        case 401:
                judge_key(&fault, j);
                break;
        case 403:
                judge_right(&fault, j);
                break;
        case 409:
        case 429:
                j->answer = ANSWER_THROTTLED;
                break;
        default:
                unclear(j, CAUSE_UNLISTED);
        }
}

/* Lists of API v2 do not say what they are. */
static bool is_object(const json_t *body, const struct probe *probe)
{
        const char *type;

        return body_string(body, "object", &type) >= 0 ||
               (probe && probe_is_v2(probe) && json_is_array(json_object_get(body, "data")));
}

static void judge_body(const struct reply *reply, const struct probe *probe, struct judgement *j)
{
        _cleanup_(body_freep) json_t *body = NULL;
        struct fault fault;

        if (body_load(reply->body, reply->size, &body) < 0)
                foreign(j);
        else if (j->status < 300 && is_object(body, probe))
                j->answer = ANSWER_GRANTED;
        else if (j->status >= 400 && fault_parse(body, &fault) >= 0)
                judge_fault(&fault, probe, j);
        else
                foreign(j);
}

void judge(const struct reply *reply, const struct probe *probe, struct judgement *ret)
{
        struct judgement j = {
                .answer = ANSWER_UNCLEAR,
                .status = reply->error == TRANSPORT_NONE ? reply->status : 0,
                .retry_after = MAX(reply->retry_after, -1),
                .should_retry = reply->should_retry,
                .date_wall = MAX(reply->date_wall, -1),
        };

        copy_plain(reply->request_id, NAME_BYTES, j.request_id, sizeof(j.request_id));
        if (reply->error != TRANSPORT_NONE)
                judge_silence(reply, &j);
        else if (j.status < 200 || j.status > 599)
                foreign(&j);
        else if (j.status >= 300 && j.status < 400)
                unclear(&j, CAUSE_REDIRECT);
        else
                judge_body(reply, probe, &j);

        if (j.status >= 500 && j.status < 600) { /* whatever the body says */
                unclear(&j, CAUSE_SERVER_ERROR);
                j.everyone = true;
        }
        *ret = j;
}
