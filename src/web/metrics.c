#include "web/metrics.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"

#define OPEN_TYPE "application/openmetrics-text"

const char *metrics_type(enum metrics_form form)
{
        return form == METRICS_OPEN ? OPEN_TYPE "; version=1.0.0; charset=utf-8"
                                    : "text/plain; version=0.0.4; charset=utf-8";
}

/* The weight that an Accept header gives to `type`, in thousandths; -1 if it does not name it. */
static int weight_of(const char *accept, const char *type)
{
        const char *at = strcasestr(accept, type), *end, *q;

        if (!at)
                return -1;
        end = at + strcspn(at, ",");
        q = strcasestr(at, "q=");
        if (!q || q >= end)
                return 1000;
        int weight = q[2] == '1' ? 1000 : 0, digit = 100;
        if (q[2] == '0' && q[3] == '.')
                for (const char *c = q + 4; digit > 0 && *c >= '0' && *c <= '9'; c++, digit /= 10)
                        weight += (*c - '0') * digit;
        return weight;
}

enum metrics_form metrics_choose(const char *accept)
{
        int open = accept ? weight_of(accept, OPEN_TYPE) : -1;

        return open > 0 && open >= weight_of(accept, "text/plain") ? METRICS_OPEN : METRICS_TEXT;
}

/* --- one sample --- */

/* Never in the words of a locale: no decimal comma. */
static void put_number(FILE *to, double value)
{
        if (isnan(value))
                fputs("NaN", to);
        else if (isinf(value))
                fputs(value > 0 ? "+Inf" : "-Inf", to);
        else if (value == floor(value) && fabs(value) < 1e15)
                fprintf(to, "%.0f", value);
        else
                fprintf(to, "%.17g", value);
}

static void put_escaped(FILE *to, const char *text, const char *escaped)
{
        for (; *text != '\0'; text++)
                if (*text == '\n')
                        fputs("\\n", to);
                else if (strchr(escaped, *text))
                        fprintf(to, "\\%c", *text);
                else
                        fputc(*text, to);
}

/* `le` NULL: no bucket. */
static void put_labels(FILE *to, const json_t *labels, const char *le)
{
        const char *name, *between = "{";
        json_t *value;

        json_object_foreach((json_t *) labels, name, value)
        {
                fprintf(to, "%s%s=\"", between, name);
                put_escaped(to, json_string_value(value) ?: "", "\\\"");
                fputc('"', to);
                between = ",";
        }
        if (le) {
                fprintf(to, "%sle=\"%s\"", between, le);
                between = ",";
        }
        if (*between == ',')
                fputc('}', to);
}

static void put_line(FILE *to, const char *name, const char *suffix, const json_t *labels, const char *le,
                     double value)
{
        fprintf(to, "%s%s", name, suffix);
        put_labels(to, labels, le);
        fputc(' ', to);
        put_number(to, value);
        fputc('\n', to);
}

/* Buckets are named by numbers with a point: 0.1, 1.0. */
static void put_histogram(FILE *to, const char *name, const json_t *sample)
{
        const json_t *labels = json_object_get(sample, "labels"), *bucket;
        double count = json_number_value(json_object_get(sample, "count"));
        size_t i;

        json_array_foreach(json_object_get(sample, "buckets"), i, bucket)
        {
                double bound = json_number_value(json_array_get(bucket, 0));
                char le[32];

                snprintf(le, sizeof(le), "%.15g%s", bound, bound == floor(bound) ? ".0" : "");
                put_line(to, name, "_bucket", labels, le, json_number_value(json_array_get(bucket, 1)));
        }
        put_line(to, name, "_bucket", labels, "+Inf", count);
        put_line(to, name, "_sum", labels, NULL, json_number_value(json_object_get(sample, "sum")));
        put_line(to, name, "_count", labels, NULL, count);
}

/* --- one family --- */

static const char *unit_of(const char *name)
{
        static const char *const units[] = { "seconds", "bytes" };
        size_t size = strlen(name);

        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                size_t unit = strlen(units[i]);

                if (size > unit && name[size - unit - 1] == '_' && strcmp(name + size - unit, units[i]) == 0)
                        return units[i];
        }
        return NULL;
}

/* In the old text form the metadata of a counter or an info carry the suffix of the sample, and there is no
 * type info. */
static void put_head(FILE *to, const char *name, const char *type, const char *help, enum metrics_form form)
{
        const char *suffix = "";

        if (form != METRICS_OPEN) {
                suffix = strcmp(type, "counter") == 0 ? "_total" : strcmp(type, "info") == 0 ? "_info" : "";
                if (strcmp(type, "info") == 0)
                        type = "gauge";
        }
        fprintf(to, "# HELP %s%s ", name, suffix);
        put_escaped(to, help, form == METRICS_OPEN ? "\\\"" : "\\");
        fprintf(to, "\n# TYPE %s%s %s\n", name, suffix, type);
        if (form == METRICS_OPEN && unit_of(name))
                fprintf(to, "# UNIT %s %s\n", name, unit_of(name));
}

static int put_family(FILE *to, const json_t *family, enum metrics_form form)
{
        const char *name = json_string_value(json_object_get(family, "name")),
                   *type = json_string_value(json_object_get(family, "type")),
                   *help = json_string_value(json_object_get(family, "help"));
        const json_t *samples = json_object_get(family, "samples"), *sample;
        size_t i;

        if (!name || !type || !help || !json_is_array(samples))
                return -EINVAL;
        if (form == METRICS_TEXTFILE && strncmp(name, "process_", 8) == 0)
                return 0;
        const char *suffix = strcmp(type, "counter") == 0 ? "_total"
                             : strcmp(type, "info") == 0  ? "_info"
                                                          : "";
        put_head(to, name, type, help, form);
        json_array_foreach(samples, i, sample)
        {
                if (strcmp(type, "histogram") == 0)
                        put_histogram(to, name, sample);
                else
                        put_line(to, name, suffix, json_object_get(sample, "labels"), NULL,
                                 json_number_value(json_object_get(sample, "value")));
        }
        return 0;
}

static int put_page(FILE *to, const json_t *page, enum metrics_form form)
{
        const json_t *families = json_object_get(page, "families"), *family;
        size_t i;

        if (!json_is_array(families))
                return -EINVAL;
        json_array_foreach(families, i, family)
        {
                int r = put_family(to, family, form);
                if (r < 0)
                        return r;
        }
        if (form == METRICS_OPEN)
                fputs("# EOF\n", to);
        return 0;
}

int metrics_render(const json_t *page, enum metrics_form form, char **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *to = memory_stream(&text, &size);

        if (!to)
                return -ENOMEM;
        locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t) 0), before = uselocale(plain);
        int r = put_page(to, page, form);
        uselocale(before);
        if (plain)
                freelocale(plain);
        if (fclose(to) != 0)
                return -ENOMEM;
        if (r >= 0)
                *ret = TAKE(text);
        return r;
}
