#include "control_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "product.h"
#include "route.h"

#define OFFSET_MOST INT64_C(1000000000000)

bool control_clock_post(struct control *c)
{
        static const char *const known[] = { "offset", "now", "date", NULL };
        const json_t *item = json_array_get(c->items, 0);

        if (!item || !item_members_known(c, item, known))
                return item ? false : control_fail(c, "want an object");
        c->world->clock_offset = item_number(item, "offset", c->world->clock_offset);
        if (json_object_get(item, "now"))
                c->world->clock_offset = item_number(item, "now", 0) - now_wall();
        /* Thirty thousand years each way will do, and nothing overflows. */
        if (c->world->clock_offset > OFFSET_MOST || c->world->clock_offset < -OFFSET_MOST) {
                c->world->clock_offset = 0;
                return control_fail(c, "the clock is beyond all bounds");
        }
        c->world->no_date = !item_flag(item, "date", !c->world->no_date);
        return control_clock_get(c);
}

bool control_clock_get(struct control *c)
{
        buf_printf(&c->out, "{\"now\":%" PRId64 ",\"offset\":%" PRId64 ",\"date\":%s}\n", world_now(c->world),
                   c->world->clock_offset, c->world->no_date ? "false" : "true");
        return true;
}

static bool option_is(const json_t *item, const char *name, const char *value, bool otherwise)
{
        const char *text = item_text(item, name, NULL);

        return text ? strcmp(text, value) == 0 : otherwise;
}

bool control_options_post(struct control *c)
{
        static const char *const known[] = { "rate",     "strict_version", "samples", "promotion_shape",
                                             "products", "order",          "gate",    "gate_ids",
                                             NULL };
        const json_t *item = json_array_get(c->items, 0);
        const char *shape;
        unsigned i = 0;

        if (!item || !item_members_known(c, item, known))
                return item ? false : control_fail(c, "want an object");
        shape = item_text(item, "promotion_shape", promotion_shape_name(c->world->shape));
        while (i < _SHAPES && strcmp(promotion_shape_name(i), shape) != 0)
                i++;
        if (i == _SHAPES)
                return control_fail(c, "there is no promotion_shape '%s'", shape);
        if (json_object_get(item, "products") &&
            !products_parse(json_object_get(item, "products"), &c->world->products))
                return control_fail(c, "products want an array of known names, or \"*\"");
        c->world->lookup_first = option_is(item, "order", "lookup", c->world->lookup_first);
        c->world->gate_first = option_is(item, "gate", "before", c->world->gate_first);
        c->world->gate_ids = item_flag(item, "gate_ids", c->world->gate_ids);
        c->world->shape = i;
        c->world->rate = item_real(item, "rate", c->world->rate);
        c->world->strict_version = item_flag(item, "strict_version", c->world->strict_version);
        c->world->samples = item_flag(item, "samples", c->world->samples);
        return true;
}

static bool entry_wanted(const struct control *c, const struct reqlog_entry *e)
{
        const char *effect = form_get(&c->query, "effect"), *path = form_get(&c->query, "path");
        const char *account = form_get(&c->query, "account");

        if (effect && strcmp(effect, effect_name(e->effect)) != 0)
                return false;
        if (account && (!e->account || strcmp(account, e->account) != 0))
                return false;
        return !path || strncmp(e->path, path, strlen(path)) == 0;
}

bool control_log_get(struct control *c)
{
        const struct reqlog *l = &c->world->log;
        int64_t since = 0;
        uint64_t count = 0;

        if (form_get_number(&c->query, "since", &since) == -EINVAL)
                return control_fail(c, "since must be a number");
        buf_puts(&c->out, "{\"entries\":[");
        for (uint64_t n = (since > 0 && (uint64_t) since > l->first ? (uint64_t) since : l->first) + 1;
             n <= l->next; n++) {
                const struct reqlog_entry *e = reqlog_get(l, n);

                if (!entry_wanted(c, e))
                        continue;
                buf_puts(&c->out, count++ ? "," : "\n");
                reqlog_write(e, &c->out);
        }
        buf_printf(&c->out, "%s],\"count\":%" PRIu64 ",\"next\":%" PRIu64 "}\n", count ? "" : "\n", count,
                   l->next);
        return true;
}

bool control_log_delete(struct control *c)
{
        reqlog_forget(&c->world->log);
        return true;
}

bool control_stats_get(struct control *c)
{
        const struct world *w = c->world;
        const char *sep = "\n";
        struct realm *r;

        buf_printf(&c->out,
                   "{\"requests\":%" PRIu64 ",\"connections\":%" PRIu64
                   ",\"in_flight\":%u,\"max_in_flight\":%u,"
                   "\"keys\":%zu,\"accounts\":[",
                   w->requests, w->connections, w->in_flight, w->max_in_flight, w->keys.used);
        for (size_t at = 0; (r = table_next(&w->realms, &at));) {
                if (r->meter.requests == 0)
                        continue;
                buf_printf(&c->out, "%s{\"account\":", sep);
                buf_json(&c->out, r->account);
                buf_printf(&c->out,
                           ",\"mode\":\"%s\",\"requests\":%" PRIu64
                           ",\"max_in_second\":%u,\"max_in_flight\":%u}",
                           r->live ? "live" : "test", r->meter.requests, r->meter.max_in_second,
                           r->meter.max_in_flight);
                sep = ",\n";
        }
        buf_puts(&c->out, "\n]}\n");
        return true;
}

bool control_stats_delete(struct control *c)
{
        struct world *w = c->world;
        struct realm *r;

        for (size_t at = 0; (r = table_next(&w->realms, &at));)
                meter_clear(&r->meter);
        w->requests = w->connections = 0;
        w->max_in_flight = w->in_flight;
        return true;
}

static void write_route(struct buf *b, const struct route *r)
{
        buf_printf(b, "{\"method\":\"%s\",\"path\":\"%s\",\"permissions\":[", r->method, r->pattern);
        for (unsigned i = 0; i < ROUTE_PERMISSIONS && r->permission[i]; i++)
                buf_printf(b, "%s\"%s\"", i ? "," : "", r->permission[i]);
        buf_puts(b, "],\"instead\":");
        buf_json(b, r->instead);
        buf_printf(b, ",\"empty_creates\":%s}", r->outcome == OUTCOME_CREATES ? "true" : "false");
}

bool control_routes_get(struct control *c)
{
        const struct route *r;

        buf_puts(&c->out, "{\"routes\":[");
        for (size_t i = 0; (r = route_at(i)); i++) {
                buf_puts(&c->out, i ? ",\n" : "\n");
                write_route(&c->out, r);
        }
        buf_puts(&c->out, "\n]}\n");
        return true;
}
