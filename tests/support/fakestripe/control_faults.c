#include "control_parts.h"

#include <inttypes.h>
#include <string.h>

static const char *const fault_members[] = { "fault", "key",         "account", "mode",    "path",  "method",
                                             "skip",  "count",       "seed",    "seconds", "bytes", "mib",
                                             "url",   "probability", "status",  "headers", NULL };

static bool read_headers(struct control *c, struct fault *f, json_t *headers)
{
        const char *name;
        json_t *value;
        unsigned i = 0;

        json_object_foreach(headers, name, value)
        {
                if (!json_is_string(value) || i == FAULT_EXTRA_HEADERS)
                        return control_fail(c, "headers must be at most %d texts", FAULT_EXTRA_HEADERS);
                f->headers[i++] = (struct fault_header){ .name = xstrdup(name),
                                                         .value = xstrdup(json_string_value(value)) };
        }
        return true;
}

static void read_numbers(struct fault *f, const json_t *item)
{
        f->skip = item_number(item, "skip", 0);
        f->count = item_number(item, "count", -1);
        f->probability = item_real(item, "probability", 1);
        f->random = (uint64_t) item_number(item, "seed", 1);
        f->seconds = item_real(item, "seconds", -1);
        f->bytes = item_number(item, "bytes", item_number(item, "mib", -1));
        if (json_object_get(item, "mib"))
                f->bytes = item_number(item, "mib", 0) << 20;
        f->status = (int) item_number(item, "status", 0);
}

static void read_scope(struct fault *f, const json_t *item)
{
        const char *mode = item_text(item, "mode", NULL);

        f->key = xstrdup(item_text(item, "key", NULL));
        f->account = xstrdup(item_text(item, "account", NULL));
        f->path = xstrdup(item_text(item, "path", NULL));
        f->method = xstrdup(item_text(item, "method", NULL));
        f->url = xstrdup(item_text(item, "url", NULL));
        if (mode)
                f->live = strcmp(mode, "live") == 0;
}

bool control_faults_post(struct control *c)
{
        size_t i;
        json_t *item;

        buf_puts(&c->out, "{\"ids\":[");
        json_array_foreach(c->items, i, item)
        {
                const char *name = item_text(item, "fault", "");
                enum fault_kind kind;

                if (!item_members_known(c, item, fault_members))
                        return false;
                if (!fault_kind_parse(name, &kind))
                        return control_fail(c, "there is no fault '%s'", name);

                struct fault *f = fault_new(kind);

                read_numbers(f, item);
                read_scope(f, item);
                fault_add(&c->world->faults, f);
                if (!read_headers(c, f, json_object_get(item, "headers")))
                        return false;
                buf_printf(&c->out, "%s%u", i ? "," : "", f->number);
        }
        buf_puts(&c->out, "]}\n");
        return true;
}

bool control_faults_get(struct control *c)
{
        const char *sep = "\n";

        buf_puts(&c->out, "{\"faults\":[");
        for (const struct fault *f = c->world->faults.first; f; f = f->next) {
                buf_printf(&c->out,
                           "%s{\"id\":%u,\"fault\":\"%s\",\"hits\":%" PRIu64 ",\"left\":%" PRId64 "}", sep,
                           f->number, fault_kind_name(f->kind), f->hits, f->count);
                sep = ",\n";
        }
        buf_puts(&c->out, "\n]}\n");
        return true;
}

bool control_faults_delete(struct control *c)
{
        const char *text = form_get(&c->query, "id");
        int64_t id = 0;

        if (!text) {
                fault_list_clear(&c->world->faults);
                return true;
        }
        if (form_number(text, &id) < 0 || id < 1 || id > UINT32_MAX ||
            !fault_remove(&c->world->faults, (unsigned) id))
                return control_fail(c, "there is no fault %s", text);
        return true;
}
