#include "web/strip.h"

#include "base/datetime.h"
#include "base/macros.h"
#include "web/html.h"

/* Of a drawing, in its own units. */
#define WIDTH  360
#define HEIGHT 20

static void begin(FILE *to, const char *class)
{
        fprintf(to,
                "<svg class=\"%s\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
                "aria-label=\"",
                class, WIDTH, HEIGHT);
}

static void ground(FILE *to)
{
        fprintf(to, "<path class=\"none\" d=\"M0 %dh%dv-1h-%dz\"/>", HEIGHT, WIDTH, WIDTH);
}

/* A bar that stands on the ground. */
static void bar(FILE *to, double x, double width, double height)
{
        fprintf(to, "M%.4g %dv%.4gh%.4gv%.4gz", x, HEIGHT, -height, width, height);
}

/* Few days are far above the others, or all are: one key must be seen beside a million. */
static double height_of(long long count, long long of)
{
        return count <= 0 ? 0 : MAX(1.5, (double) HEIGHT * (double) count / (double) MAX(of, 1));
}

void strip_counts(FILE *to, const char *state, const json_t *counts, long long of)
{
        size_t n = json_array_size(counts);
        long long first = n > 0 ? json_integer_value(json_array_get(counts, 0)) : 0, most = 0;
        double width = (double) WIDTH / (double) MAX(n, 1U);

        for (size_t i = 0; i < n; i++)
                most = MAX(most, (long long) json_integer_value(json_array_get(counts, i)));
        begin(to, "counts");
        fprintf(to, "%zu days ago %lld %s, at most %lld, now %lld\">", n, first, state, most,
                n > 0 ? (long long) json_integer_value(json_array_get(counts, n - 1)) : 0);
        ground(to);
        fprintf(to, "<path class=\"%s\" d=\"M0 0z", html_class(state));
        for (size_t i = 0; i < n; i++) {
                long long count = json_integer_value(json_array_get(counts, i));

                if (count > 0)
                        bar(to, (double) i * width, width * 0.75, height_of(count, of > 0 ? of : most));
        }
        fputs("\"/></svg>", to);
}

/* Where a time lies in the drawing; what was before it lies at its left end. */
static double place_of(int64_t wall, int days, int64_t now)
{
        double place = WIDTH * (1 - (double) (now - wall) / (double) ((int64_t) days * SEC_PER_DAY));

        return MIN(MAX(place, 0.0), (double) WIDTH);
}

void strip_outages(FILE *to, const json_t *outages, int days, int64_t now)
{
        const json_t *outage;
        size_t i;

        begin(to, "outages");
        fprintf(to, "%zu outages in %d days\">", json_array_size(outages), days);
        ground(to);
        fputs("<path class=\"bad\" d=\"M0 0z", to);
        json_array_foreach(outages, i, outage)
        {
                int64_t from, until;

                if (datetime_parse(html_member(outage, "opened"), &from) < 0)
                        continue;
                if (datetime_parse(html_member(outage, "cleared"), &until) < 0)
                        until = now;
                double x = MIN(place_of(from, days, now), WIDTH - 1.5);
                bar(to, x, MAX(1.5, place_of(until, days, now) - x), HEIGHT);
        }
        fputs("\"/></svg>", to);
}

static void states_of_class(FILE *to, const json_t *history, int days, int64_t now, const char *class,
                            double height)
{
        const json_t *span;
        bool newest = true; /* it lasts, whenever its key was asked */
        size_t i;

        fprintf(to, "<path class=\"%s\" d=\"M0 0z", class);
        json_array_foreach(history, i, span)
        {
                const char *state = html_member(span, "state");
                int64_t from, until = now;

                if (*state == '\0' || datetime_parse(html_member(span, "from_time"), &from) < 0)
                        continue;
                if (!newest && datetime_parse(html_member(span, "until_time"), &until) < 0)
                        continue;
                newest = false;
                if (html_class(state)[0] != class[0])
                        continue;
                if (until <= now - (int64_t) days * SEC_PER_DAY)
                        continue;
                double x = MIN(place_of(from, days, now), WIDTH - 1.0);
                bar(to, x, MAX(1.0, place_of(until, days, now) - x), height);
        }
        fputs("\"/>", to);
}

void strip_states(FILE *to, const json_t *history, int days, int64_t now)
{
        begin(to, "tall");
        fprintf(to, "States of the last %d days; the table below says the same\">", days);
        ground(to);
        states_of_class(to, history, days, now, "good", HEIGHT * 0.35);
        states_of_class(to, history, days, now, "warn", HEIGHT * 0.7);
        states_of_class(to, history, days, now, "bad", HEIGHT);
        fputs("</svg>\n", to);
}

void strip_ends(FILE *to, int days)
{
        fprintf(to, "<div class=\"ends\"><span>%d days ago</span><span>now</span></div>\n", days);
}
