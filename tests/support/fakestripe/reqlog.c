#include "reqlog.h"

#include <inttypes.h>
#include <stdlib.h>

static void entry_clear(struct reqlog_entry *e)
{
        free(e->path);
        free(e->user_agent);
        free(e->version);
        *e = (struct reqlog_entry){ 0 };
}

void reqlog_write(const struct reqlog_entry *e, struct buf *out)
{
        buf_printf(out,
                   "{\"n\":%" PRIu64 ",\"time\":%" PRId64 ",\"at_ms\":%" PRIu64
                   ",\"method\":\"%s\",\"path\":",
                   e->number, e->wall, e->at / USEC_PER_MSEC, e->method);
        buf_json(out, e->path);
        buf_puts(out, ",\"account\":");
        buf_json(out, e->account);
        buf_printf(out, ",\"mode\":%s", e->account ? (e->live ? "\"live\"" : "\"test\"") : "null");
        buf_printf(out, ",\"key\":\"%016" PRIx64 "\",\"status\":%d,\"bytes\":%zu", e->key, e->status,
                   e->bytes);
        buf_printf(out, ",\"connection\":%" PRIu64, e->connection);
        buf_printf(out, ",\"effect\":\"%s\",\"fault\":", effect_name(e->effect));
        buf_json(out, e->fault);
        buf_puts(out, ",\"user_agent\":");
        buf_json(out, e->user_agent);
        buf_puts(out, ",\"stripe_version\":");
        buf_json(out, e->version);
        buf_puts(out, "}\n");
}

static void entry_to_file(FILE *file, const struct reqlog_entry *e)
{
        struct buf line = { 0 };

        reqlog_write(e, &line);
        fwrite(line.data, 1, line.size, file);
        fflush(file);
        buf_clear(&line);
}

void reqlog_add(struct reqlog *l, struct reqlog_entry *e)
{
        if (!l->ring)
                l->ring = xcalloc(REQLOG_KEPT, sizeof(*l->ring));

        struct reqlog_entry *slot = &l->ring[l->next % REQLOG_KEPT];

        e->number = ++l->next;
        if (l->next - l->first > REQLOG_KEPT)
                l->first = l->next - REQLOG_KEPT;
        if (l->file)
                entry_to_file(l->file, e);
        entry_clear(slot);
        *slot = *e;
}

const struct reqlog_entry *reqlog_get(const struct reqlog *l, uint64_t number)
{
        if (number <= l->first || number > l->next)
                return NULL;
        return &l->ring[(number - 1) % REQLOG_KEPT];
}

void reqlog_forget(struct reqlog *l)
{
        for (uint64_t n = l->first; n < l->next; n++)
                entry_clear(&l->ring[n % REQLOG_KEPT]);
        l->first = l->next;
}

void reqlog_clear(struct reqlog *l)
{
        reqlog_forget(l);
        free(l->ring);
        l->ring = NULL;
        if (l->file)
                fclose(l->file);
        l->file = NULL;
}
