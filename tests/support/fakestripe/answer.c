#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *effect_name(enum effect effect)
{
        static const char *const names[] = {
#define X(id, name) [EFFECT_##id] = name,
                EFFECTS(X)
#undef X
        };

        return names[effect];
}

static void error_field(struct buf *b, const char *name, const char *value)
{
        if (!value)
                return;
        buf_printf(b, "%s    \"%s\": ", b->data[b->size - 2] == '{' ? "" : ",\n", name);
        buf_json(b, value);
}

void answer_error(struct answer *a, int status, const struct error *e)
{
        struct buf *b = &a->body;

        answer_reset(a);
        a->status = status;
        buf_puts(b, "{\n  \"error\": {\n");
        error_field(b, "code", e->code);
        error_field(b, "doc_url", e->doc);
        error_field(b, "message", e->message);
        error_field(b, "param", e->param);
        error_field(b, "request_log_url", e->log_url);
        error_field(b, "type", e->type ? e->type : "invalid_request_error");
        buf_puts(b, "\n  }\n}\n");
}

void answer_refuse(struct answer *a, int status, const char *code, const char *param, const char *format, ...)
{
        struct buf message = { 0 }, doc = { 0 };
        va_list ap;

        va_start(ap, format);
        buf_vprintf(&message, format, ap);
        va_end(ap);
        if (code) {
                buf_printf(&doc, "https://stripe.com/docs/error-codes/%s", code);
                for (char *p = strrchr(doc.data, '/'); *p; p++)
                        if (*p == '_')
                                *p = '-';
        }
        answer_error(
                a, status,
                &(struct error){ .code = code, .doc = doc.data, .param = param, .message = message.data });
        buf_clear(&message);
        buf_clear(&doc);
}

static struct answer_header *header_slot(struct answer *a, const char *name)
{
        for (unsigned i = 0; i < a->headers_count; i++)
                if (strcasecmp(a->headers[i].name, name) == 0)
                        return &a->headers[i];
        if (a->headers_count == ANSWER_HEADERS)
                return NULL;
        a->headers[a->headers_count].name = xstrdup(name);
        return &a->headers[a->headers_count++];
}

void answer_header(struct answer *a, const char *name, const char *format, ...)
{
        struct answer_header *h = header_slot(a, name);
        struct buf value = { 0 };
        va_list ap;

        if (!h)
                return;
        va_start(ap, format);
        buf_vprintf(&value, format, ap);
        va_end(ap);
        free(h->value);
        h->value = value.data;
}

void answer_reset(struct answer *a)
{
        a->status = 200;
        a->content_type = NULL;
        a->effect = EFFECT_NONE;
        a->body.size = 0;
        if (a->body.data)
                a->body.data[0] = '\0';
}

void answer_clear(struct answer *a)
{
        buf_clear(&a->body);
        for (unsigned i = 0; i < a->headers_count; i++) {
                free(a->headers[i].name);
                free(a->headers[i].value);
        }
        *a = (struct answer){ 0 };
}
