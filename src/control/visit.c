#include "control/visit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/datetime.h"
#include "base/number.h"
#include "base/text.h"
#include "control/turn.h"
#include "model/incident.h"
#include "stripe/keyshape.h"

void visit_wait(struct visit *visit)
{
        visit->waits = true;
}

/* From here on the answer is known; a connection that waits for it is woken. */
static void reply(struct visit *visit, unsigned status, struct MHD_Response *response)
{
        visit->status = status;
        visit->response = response;
        visit->answered = true;
        if (visit->waits)
                turn_wake(visit);
}

static const char no_answer[] =
        "{\n  \"type\": \"urn:keyvigil:problem:internal\",\n  \"status\": 500,\n  \"code\": \"internal\",\n"
        "  \"detail\": \"The answer could not be made: out of memory\"\n}";

static void reply_body(struct visit *visit, unsigned status, const char *type, json_t *body)
{
        char *text = body ? json_dumps(body, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
        struct MHD_Response *response = NULL;

        json_decref(body);
        if (text) {
                response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
        } else { /* said in any case, rather than a connection that breaks */
                status = MHD_HTTP_INTERNAL_SERVER_ERROR;
                type = "application/problem+json";
                response = MHD_create_response_from_buffer(strlen(no_answer), (void *) no_answer,
                                                           MHD_RESPMEM_PERSISTENT);
        }
        if (response)
                MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
        reply(visit, status, response);
}

void reply_json(struct visit *visit, unsigned status, json_t *body)
{
        reply_body(visit, status, "application/json", body);
}

/* RFC 9457. There are no pages behind the types; the code is what programs look at. */
static void _printf_(5, 0) reply_details(struct visit *visit, unsigned status, const char *code,
                                         json_t *found, const char *format, va_list arguments)
{
        char detail[2048];

        vsnprintf(detail, sizeof(detail), format, arguments);
        text_scrub(detail); /* it may quote, and it may be cut within a character */
        json_t *problem = json_pack("{s:s+,s:s,s:i,s:s,s:s}", "type", "urn:keyvigil:problem:", code, "title",
                                    MHD_get_reason_phrase_for(status), "status", (int) status, "code", code,
                                    "detail", detail);
        if (problem && found && json_object_update(problem, found) < 0) {
                json_decref(problem);
                problem = NULL;
        }
        json_decref(found);
        reply_body(visit, status, "application/problem+json", problem);
}

void reply_error(struct visit *visit, unsigned status, const char *code, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        reply_details(visit, status, code, NULL, format, arguments);
        va_end(arguments);
}

void reply_problem(struct visit *visit, unsigned status, const char *code, json_t *found, const char *format,
                   ...)
{
        va_list arguments;

        va_start(arguments, format);
        reply_details(visit, status, code, found, format, arguments);
        va_end(arguments);
}

static const struct failure {
        int error;
        unsigned status;
        const char *code, *text;
} failures[] = {
        { ENOENT, MHD_HTTP_NOT_FOUND, "not-found", "There is no such thing" },
        { EEXIST, MHD_HTTP_CONFLICT, "exists", "The name is taken" },
        { EALREADY, MHD_HTTP_CONFLICT, "already-stored", "This secret is stored already" },
        { EPERM, MHD_HTTP_CONFLICT, "refused", "This is refused" },
        { EKEYREJECTED, MHD_HTTP_UNPROCESSABLE_CONTENT, "bad-key", "This is not a key that can be stored" },
        { EMEDIUMTYPE, MHD_HTTP_UNPROCESSABLE_CONTENT, "wrong-mode", "The key is of another mode" },
        { EXDEV, MHD_HTTP_CONFLICT, "wrong-account", "The key is of another account" },
        { ESTALE, MHD_HTTP_PRECONDITION_FAILED, "changed", "It was changed meanwhile" },
        { EINVAL, MHD_HTTP_UNPROCESSABLE_CONTENT, "invalid", "This is not valid" },
        { EBUSY, MHD_HTTP_SERVICE_UNAVAILABLE, "store-trouble",
          "The database is in trouble, nothing was changed" },
        { EAGAIN, MHD_HTTP_SERVICE_UNAVAILABLE, "store-trouble",
          "The database is locked, nothing was changed" },
        { ENOSPC, MHD_HTTP_SERVICE_UNAVAILABLE, "store-trouble", "The disk is full, nothing was changed" },
        { EMFILE, MHD_HTTP_SERVICE_UNAVAILABLE, "busy", "Too much is under way, try again" },
};

void reply_failure(struct visit *visit, int error, const char *why)
{
        for (size_t i = 0; i < ELEMENTSOF(failures); i++)
                if (failures[i].error == -error) {
                        reply_error(visit, failures[i].status, failures[i].code, "%s",
                                    why ? why : failures[i].text);
                        return;
                }
        reply_error(visit, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal", "%s", why ? why : strerror(-error));
}

/* Bytes that the reader is asked for at a time. */
#define STREAM_BLOCK ((size_t) 64 << 10)

void reply_stream(struct visit *visit, MHD_ContentReaderCallback reader, void *state,
                  MHD_ContentReaderFreeCallback free_state)
{
        struct MHD_Response *response =
                MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, reader, state, free_state);

        if (!response)
                free_state(state);
        else
                MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
        reply(visit, MHD_HTTP_OK, response);
}

const char *parameter(const struct visit *visit, const char *name)
{
        const char *value = NULL;
        size_t size = 0;

        if (MHD_lookup_connection_value_n(visit->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name),
                                          &value, &size) == MHD_NO)
                return NULL;
        return value ? value : "";
}

static int refuse_parameter(struct visit *visit, const char *name, const char *wanted)
{
        reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'%s' must be %s", name, wanted);
        return -EINVAL;
}

int parameter_flag(struct visit *visit, const char *name, bool *ret)
{
        const char *value = parameter(visit, name);

        if (!value || strcmp(value, "0") == 0 || strcmp(value, "false") == 0 || strcmp(value, "no") == 0)
                *ret = false;
        else if (*value == '\0' || strcmp(value, "1") == 0 || strcmp(value, "true") == 0 ||
                 strcmp(value, "yes") == 0)
                *ret = true;
        else
                return refuse_parameter(visit, name, "true or false");
        return 0;
}

int parameter_date(struct visit *visit, const char *name, int64_t otherwise, int64_t *ret)
{
        const char *value = parameter(visit, name);

        if (!value)
                *ret = otherwise;
        else if (datetime_parse(value, ret) < 0)
                return refuse_parameter(visit, name, "a date like 2026-11-21 or 2026-11-21T03:00:00Z");
        return 0;
}

int parameter_number(struct visit *visit, const char *name, int64_t min, int64_t max, int64_t otherwise,
                     int64_t *ret)
{
        const char *value = parameter(visit, name);
        char wanted[80];

        if (!value) {
                *ret = otherwise;
                return 0;
        }
        if (number_parse(value, min, max, ret) >= 0)
                return 0;
        snprintf(wanted, sizeof(wanted), "a number from %" PRId64 " to %" PRId64, min, max);
        return refuse_parameter(visit, name, wanted);
}

int parameter_kinds(struct visit *visit, uint64_t *ret)
{
        if (incident_kinds_parse(parameter(visit, "kind"), ret) >= 0)
                return 0;
        return refuse_parameter(visit, "kind",
                                "one or several of those in keyvigil.journal(7), with commas between");
}

const struct key *visit_key(struct visit *visit)
{
        const struct key *key;

        if (!key_name_valid(visit->argument)) { /* not repeated: it may be a key */
                reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found", "There is no key of such a name");
                return NULL;
        }
        key = engine_key_named(visit->parts->engine, visit->argument);
        if (!key)
                reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found", "There is no key named '%s'",
                            visit->argument);
        return key;
}

const char **visit_words(struct visit *visit, size_t *ret_n)
{
        static const char blanks[] = " \t\r\n";
        char *text = visit->body->bytes, *state = NULL;
        const char **words = calloc(visit->body_size / 2 + 2, sizeof(*words));
        size_t n = 0;

        text[visit->body_size] = '\0';
        for (char *word = strtok_r(text, blanks, &state); words && word;
             word = strtok_r(NULL, blanks, &state))
                words[n++] = word;
        *ret_n = n;
        return words;
}

struct secret *visit_secret(struct visit *visit)
{
        static const char blank[] = " \t\r\n";
        const char *bytes = visit->body->bytes;
        size_t size = visit->body_size;
        struct secret *secret;

        while (size > 0 && memchr(blank, bytes[size - 1], sizeof(blank) - 1))
                size--;
        while (size > 0 && memchr(blank, *bytes, sizeof(blank) - 1)) {
                bytes++;
                size--;
        }
        if (size == 0) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "no-secret",
                            "The body must be the secret, and it is empty");
                return NULL;
        }
        secret = secret_copy(bytes, size);
        if (!secret)
                reply_failure(visit, -ENOMEM, NULL);
        return secret;
}
