#include "coupon_calls.h"

#include <inttypes.h>
#include <string.h>

static void begin_line(struct buf *b, unsigned indent, const char *name)
{
        buf_printf(b, ",\n%*s\"%s\": ", (int) indent, "", name);
}

static void write_number(struct buf *b, unsigned indent, const char *name, int64_t n, bool null)
{
        begin_line(b, indent, name);
        if (null)
                buf_puts(b, "null");
        else
                buf_printf(b, "%" PRId64, n);
}

static void write_text(struct buf *b, unsigned indent, const char *name, const char *text)
{
        begin_line(b, indent, name);
        buf_json(b, text);
}

static void write_flag(struct buf *b, unsigned indent, const char *name, bool on)
{
        begin_line(b, indent, name);
        buf_puts(b, on ? "true" : "false");
}

static void write_percent(struct buf *b, unsigned indent, double percent)
{
        begin_line(b, indent, "percent_off");
        if (percent == 0)
                buf_puts(b, "null");
        else
                buf_printf(b, percent == (double) (int64_t) percent ? "%.1f" : "%g", percent);
}

static void write_metadata(struct buf *b, unsigned indent, const struct form *f)
{
        begin_line(b, indent, "metadata");
        buf_puts(b, "{");
        for (size_t i = 0; i < f->count; i++) {
                buf_printf(b, "%s\n%*s", i ? "," : "", (int) indent + 2, "");
                buf_json(b, f->pairs[i].name);
                buf_puts(b, ": ");
                buf_json(b, f->pairs[i].value);
        }
        if (f->count > 0)
                buf_printf(b, "\n%*s", (int) indent, "");
        buf_puts(b, "}");
}

void coupon_write(struct buf *b, const struct coupon *k, bool live, int64_t now, unsigned indent)
{
        unsigned in = indent + 2;

        buf_printf(b, "{\n%*s\"id\": ", (int) in, "");
        buf_json(b, k->id);
        write_text(b, in, "object", "coupon");
        write_number(b, in, "amount_off", k->amount_off, k->amount_off == 0);
        write_number(b, in, "created", k->stamp.created, false);
        write_text(b, in, "currency", *k->currency ? k->currency : NULL);
        write_text(b, in, "duration", k->duration);
        write_number(b, in, "duration_in_months", k->duration_in_months, k->duration_in_months == 0);
        write_flag(b, in, "livemode", live);
        write_number(b, in, "max_redemptions", k->max_redemptions, k->max_redemptions == 0);
        write_metadata(b, in, &k->metadata);
        write_text(b, in, "name", k->name);
        write_percent(b, in, k->percent_off);
        write_number(b, in, "redeem_by", k->redeem_by, k->redeem_by == 0);
        write_number(b, in, "times_redeemed", k->times_redeemed, false);
        write_flag(b, in, "valid", coupon_valid(k, now));
        buf_printf(b, "\n%*s}", (int) indent, "");
}
