#include "permission.h"

#include <stdlib.h>
#include <string.h>

#include "permission_rows.h"

struct resource {
        const char *name, *label;
};

static const struct resource resources[] = {
#define X(name, label) { name, label },
        PERMISSIONS(X)
#undef X
};

enum { RESOURCES = sizeof(resources) / sizeof(resources[0]) };

_Static_assert((size_t) RESOURCES <= PERMISSION_WORDS * 64, "more resources than bits");

static const struct resource aliases[] = {
#define X(old, now) { old, now },
        PERMISSION_ALIASES(X)
#undef X
};

static const struct resource implied[] = {
#define X(have, gives) { have, gives },
        PERMISSION_IMPLIED(X)
#undef X
};

static int resource_compare(const void *name, const void *row)
{
        return strcmp(name, ((const struct resource *) row)->name);
}

static const struct resource *resource_find(const char *name)
{
        for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
                if (strcmp(aliases[i].name, name) == 0)
                        name = aliases[i].label;
        return bsearch(name, resources, RESOURCES, sizeof(resources[0]), resource_compare);
}

bool permission_parse(const char *name, struct permission *ret)
{
        char resource[64];

        if (strncmp(name, "rak_", 4) == 0)
                name += 4;

        const char *level = strrchr(name, '_');

        if (!level || (size_t) (level - name) >= sizeof(resource))
                return false;
        if (strcmp(level, "_read") != 0 && strcmp(level, "_write") != 0)
                return false;
        memcpy(resource, name, (size_t) (level - name));
        resource[level - name] = '\0';

        const struct resource *row = resource_find(resource);

        if (!row)
                return false;
        *ret = (struct permission){ .resource = (unsigned) (row - resources), .write = level[1] == 'w' };
        return true;
}

const char *permission_label(struct permission p)
{
        return resources[p.resource].label;
}

void permission_name(struct permission p, struct buf *out)
{
        buf_printf(out, "%s_%s", resources[p.resource].name, p.write ? "write" : "read");
}

void permission_grant(struct permission_set *s, struct permission p)
{
        uint64_t bit = UINT64_C(1) << (p.resource % 64);

        s->read[p.resource / 64] |= bit;
        if (p.write)
                s->write[p.resource / 64] |= bit;
}

void permission_revoke(struct permission_set *s, struct permission p)
{
        uint64_t bit = UINT64_C(1) << (p.resource % 64);

        s->write[p.resource / 64] &= ~bit;
        if (!p.write)
                s->read[p.resource / 64] &= ~bit;
}

void permission_grant_all(struct permission_set *s)
{
        memset(s, 0xff, sizeof(*s));
}

bool permission_has(const struct permission_set *s, struct permission p)
{
        const uint64_t *words = p.write ? s->write : s->read;

        return (words[p.resource / 64] >> (p.resource % 64)) & 1;
}

struct permission_set permission_effective(const struct permission_set *s)
{
        struct permission_set out = *s;

        for (size_t i = 0; i < sizeof(implied) / sizeof(implied[0]); i++) {
                const struct resource *have = resource_find(implied[i].name);
                struct permission gives;

                if (!have || !permission_parse(implied[i].label, &gives))
                        abort();
                if (permission_has(s, (struct permission){ .resource = (unsigned) (have - resources) }))
                        permission_grant(&out, gives);
        }
        return out;
}

void permission_each(const struct permission_set *s, permission_each_fn each, void *userdata)
{
        for (unsigned i = 0; i < RESOURCES; i++) {
                struct buf name = { 0 };
                struct permission p = { .resource = i, .write = true };

                p.write = permission_has(s, p);
                if (!permission_has(s, p))
                        continue;
                permission_name(p, &name);
                each(name.data, userdata);
                buf_clear(&name);
        }
}

bool permission_catalogue_sorted(void)
{
        for (size_t i = 1; i < RESOURCES; i++)
                if (strcmp(resources[i - 1].name, resources[i].name) >= 0)
                        return false;
        return true;
}
