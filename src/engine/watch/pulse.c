/* Which one question tells whether a key is alive. */
#include <string.h>

#include "engine/watch/watch.h"

/* Questions that a search leaves out. */
struct wish {
        const struct item *except; /* may be NULL */
        bool despite_told;         /* not even those that are known to get no verdict, or may get none */
};

static bool may_be(const struct engine *e, const struct key *key, const struct wish *wish, struct item item)
{
        const struct probe *probe = permission_probe(&e->parts.catalogue->rows[item.row],
                                                     (enum level) item.level, key_is_live_mode(key));

        /* A gated route may answer before Stripe looks at the key. */
        return probe &&
               (wish->despite_told ||
                (!probe->gated && !stale_is_told(e, item.row, (enum level) item.level))) &&
               !(wish->except && item_same(item, *wish->except));
}

/* Lists the rows that the profile requires at this level. Gives how many. */
static size_t find_required(const struct engine *e, const struct key *key, enum level level,
                            const struct wish *wish, struct item ret[static SLOTS_MAX])
{
        const struct profile *profile = key_profile(e, key);
        size_t n = 0;

        for (size_t i = 0; i < profile->n_required && n < SLOTS_MAX; i++) {
                struct item item = { .row = (uint16_t) profile->required[i].row, .level = (uint8_t) level };

                if (profile->required[i].level == level && may_be(e, key, wish, item))
                        ret[n++] = item;
        }
        return n;
}

/* A POST costs no read, so all write permissions have their turn, one with each pulse: one that is lost is
 * noticed within as many pulses. */
static bool find_write(const struct engine *e, const struct key *key, const struct wish *wish,
                       struct item *ret)
{
        struct item items[SLOTS_MAX];
        size_t n = find_required(e, key, LEVEL_WRITE, wish, items);

        if (n > 0)
                *ret = items[turn_of(e, key, key_pulse(e, key)) % n];
        return n > 0;
}

/* Rather an object that cannot exist than a list. */
static bool find_read(const struct engine *e, const struct key *key, const struct wish *wish,
                      struct item *ret)
{
        struct item items[SLOTS_MAX];
        size_t n = find_required(e, key, LEVEL_READ, wish, items), i = 0;

        while (i < n && !strstr(e->parts.catalogue->rows[items[i].row].read.path, "{absent}"))
                i++;
        if (n > 0)
                *ret = items[i < n ? i : 0];
        return n > 0;
}

/* Nothing that the profile requires: something that everybody could ask for. */
static bool find_common(const struct engine *e, const struct key *key, const struct wish *wish,
                        struct item *ret)
{
        static const char *const names[] = { "customer", "charge", "product" };
        unsigned row;

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                if (catalogue_find(e->parts.catalogue, names[i], &row) < 0)
                        continue;
                *ret = (struct item){ .row = (uint16_t) row, .level = LEVEL_READ };
                if (may_be(e, key, wish, *ret))
                        return true;
        }
        return false;
}

static struct item pulse_find(const struct engine *e, const struct key *key, const struct item *except)
{
        struct wish wish = { .except = except };
        struct item item;

        for (unsigned round = 0; round < 2; round++) {
                if (find_write(e, key, &wish, &item) || find_read(e, key, &wish, &item) ||
                    find_common(e, key, &wish, &item))
                        return item;
                wish.despite_told = true;
        }
        return (struct item){ .row = ROW_NONE, .level = LEVEL_READ };
}

struct item pulse_item(const struct engine *e, const struct key *key)
{
        return pulse_find(e, key, NULL);
}

struct item pulse_other(const struct engine *e, const struct key *key, struct item than)
{
        return pulse_find(e, key, &than);
}

struct ask *ask_item(struct engine *e, struct key *key, struct item item)
{
        if (item.row != ROW_NONE)
                return ask_about(e, key, item.row, (enum level) item.level);
        struct ask *ask = ask_path(e, key, METHOD_GET, strdup("/v1/customers/keyvigil_absent"));
        if (ask)
                ask->row = ROW_NONE;
        return ask;
}
