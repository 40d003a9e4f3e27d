#include "control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_parts.h"

static const struct {
        const char *method, *path;
        control_fn handle;
} handlers[] = {
        { "PUT", "keys", control_keys_put },
        { "PATCH", "keys", control_keys_patch },
        { "DELETE", "keys", control_keys_delete },
        { "GET", "keys", control_keys_get },
        { "PUT", "accounts", control_accounts_put },
        { "PUT", "rows", control_rows_put },
        { "DELETE", "rows", control_rows_delete },
        { "POST", "schedule", control_schedule_post },
        { "PUT", "coupons", control_coupons_put },
        { "GET", "coupons", control_coupons_get },
        { "DELETE", "coupons", control_coupons_delete },
        { "PUT", "promotion_codes", control_promotions_put },
        { "POST", "faults", control_faults_post },
        { "GET", "faults", control_faults_get },
        { "DELETE", "faults", control_faults_delete },
        { "POST", "clock", control_clock_post },
        { "GET", "clock", control_clock_get },
        { "POST", "options", control_options_post },
        { "GET", "log", control_log_get },
        { "DELETE", "log", control_log_delete },
        { "GET", "stats", control_stats_get },
        { "DELETE", "stats", control_stats_delete },
        { "GET", "routes", control_routes_get },
};

bool control_fail(struct control *c, const char *format, ...)
{
        va_list ap;

        buf_clear(&c->problem);
        va_start(ap, format);
        buf_vprintf(&c->problem, format, ap);
        va_end(ap);
        return false;
}

/* One JSON value, an array, or values one after another: all become an array of objects. */
static bool control_parse(struct control *c, const char *text, size_t size)
{
        size_t at = 0;

        c->items = json_array();
        while (at < size && strspn(text + at, " \t\r\n") < size - at) {
                json_error_t error;
                json_t *value = json_loadb(text + at, size - at, JSON_DISABLE_EOF_CHECK, &error);

                if (!value)
                        return control_fail(c, "line %d of the body: %s", error.line, error.text);
                at += (size_t) error.position;
                if (json_is_array(value)) {
                        json_array_extend(c->items, value);
                        json_decref(value);
                } else {
                        json_array_append_new(c->items, value);
                }
        }
        for (size_t i = 0; i < json_array_size(c->items); i++)
                if (!json_is_object(json_array_get(c->items, i)))
                        return control_fail(c, "item %zu of the body is not an object", i + 1);
        return true;
}

static bool control_dispatch(struct control *c, const char *method, const char *name)
{
        for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
                if (strcmp(handlers[i].method, method) == 0 && strcmp(handlers[i].path, name) == 0)
                        return handlers[i].handle(c);
        return control_fail(c, "there is no %s /_fake/%s", method, name);
}

void control_answer(struct world *w, const char *method, const char *path, const char *query,
                    const struct buf *body, struct answer *a)
{
        struct control c = { .world = w };

        form_parse(&c.query, query ? query : "", query ? strlen(query) : 0);
        a->status = 200;
        if (control_parse(&c, body->data ? body->data : "", body->size) &&
            control_dispatch(&c, method, path + strlen("/_fake/"))) {
                buf_add(&a->body, c.out.data ? c.out.data : "{\"ok\":true}\n", c.out.data ? c.out.size : 12);
        } else {
                a->status = 400;
                buf_puts(&a->body, "{\"problem\":");
                buf_json(&a->body, c.problem.data);
                buf_puts(&a->body, "}\n");
        }
        buf_clear(&c.problem);
        buf_clear(&c.out);
        form_clear(&c.query);
        json_decref(c.items);
}

void control_change_key(struct world *w, json_t *change)
{
        struct control c = { .world = w, .items = json_pack("[O]", change) };

        if (!control_keys_patch(&c))
                fprintf(stderr, "fakestripe: planned change: %s\n", c.problem.data);
        buf_clear(&c.problem);
        buf_clear(&c.out);
        json_decref(c.items);
}

/* One section of a state file. */
static bool load_section(struct world *w, json_t *state, const char *section, const char *method,
                         const char *name)
{
        json_t *value = json_object_get(state, section);
        char *text = value ? json_dumps(value, 0) : NULL;
        struct control c = { .world = w };
        bool ok = !text || (control_parse(&c, text, strlen(text)) && control_dispatch(&c, method, name));

        if (!ok)
                fprintf(stderr, "fakestripe: %s of the state: %s\n", section, c.problem.data);
        free(text);
        buf_clear(&c.problem);
        buf_clear(&c.out);
        json_decref(c.items);
        return ok;
}

bool control_load(struct world *w, const char *path)
{
        json_error_t error;
        json_t *state = json_load_file(path, 0, &error);
        bool ok = state;

        if (!state)
                fprintf(stderr, "fakestripe: %s:%d: %s\n", path, error.line, error.text);
        ok = ok && load_section(w, state, "options", "POST", "options");
        ok = ok && load_section(w, state, "clock", "POST", "clock");
        ok = ok && load_section(w, state, "accounts", "PUT", "accounts");
        ok = ok && load_section(w, state, "rows", "PUT", "rows");
        ok = ok && load_section(w, state, "keys", "PUT", "keys");
        ok = ok && load_section(w, state, "coupons", "PUT", "coupons");
        ok = ok && load_section(w, state, "promotion_codes", "PUT", "promotion_codes");
        ok = ok && load_section(w, state, "faults", "POST", "faults");
        ok = ok && load_section(w, state, "schedule", "POST", "schedule");
        json_decref(state);
        return ok;
}
