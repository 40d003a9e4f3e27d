#include "meter.h"

#include <stdlib.h>

#include "buf.h"

static void meter_grow(struct meter *m)
{
        size_t room = m->room ? m->room * 2 : 4;
        usec_t *stamps = xcalloc(room, sizeof(*stamps));

        for (size_t i = 0; i < m->count; i++)
                stamps[i] = m->stamps[(m->first + i) % m->room];
        free(m->stamps);
        m->stamps = stamps;
        m->first = 0;
        m->room = room;
}

void meter_begin(struct meter *m, usec_t now)
{
        while (m->count > 0 && m->stamps[m->first] + USEC_PER_SEC <= now) {
                m->first = (m->first + 1) % m->room;
                m->count--;
        }
        if (m->count == m->room)
                meter_grow(m);
        m->stamps[(m->first + m->count++) % m->room] = now;
        m->requests++;
        if (m->count > m->max_in_second)
                m->max_in_second = (unsigned) m->count;
        if (++m->in_flight > m->max_in_flight)
                m->max_in_flight = m->in_flight;
}

void meter_end(struct meter *m)
{
        if (m->in_flight > 0)
                m->in_flight--;
}

bool meter_admits(struct meter *m, usec_t now, double rate)
{
        if (rate <= 0)
                return true;

        double room = rate < 1 ? 1 : rate;

        m->tokens = m->filled == 0 ? room : m->tokens + rate * (double) (now - m->filled) / USEC_PER_SEC;
        if (m->tokens > room)
                m->tokens = room;
        m->filled = now;
        if (m->tokens < 1)
                return false;
        m->tokens -= 1;
        return true;
}

void meter_clear(struct meter *m)
{
        unsigned in_flight = m->in_flight;

        free(m->stamps);
        *m = (struct meter){ .in_flight = in_flight };
}
