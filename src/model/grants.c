#include "model/grants.h"

#include <errno.h>
#include <string.h>

#include "base/macros.h"

static const char *const level_names[] = {
        [LEVEL_NONE] = "none",
        [LEVEL_READ] = "read",
        [LEVEL_WRITE] = "write",
};

static const char letters[] = {
#define X(name, letter) [GRANT_##name] = (letter),
        GRANTS(X)
#undef X
};

const char *level_name(enum level level)
{
        return level_names[level];
}

int grant_has(enum grant grant, enum level level)
{
        static const signed char has[_GRANT_MAX][2] = {
                /*                     read write */
                [GRANT_UNKNOWN] = { -1, -1 }, [GRANT_NONE] = { 0, 0 },         [GRANT_NOT_WRITE] = { -1, 0 },
                [GRANT_READ] = { 1, 0 },      [GRANT_READ_ONWARD] = { 1, -1 }, [GRANT_WRITE] = { 1, 1 },
                [GRANT_OFF] = { -1, -1 },
        };

        return has[grant][level == LEVEL_WRITE];
}

enum grant grant_seen(enum grant before, enum level level, bool granted)
{
        bool read_known = grant_has(before, LEVEL_READ) == 1;

        if (level == LEVEL_WRITE) {
                if (granted)
                        return GRANT_WRITE;
                if (before == GRANT_NONE)
                        return GRANT_NONE;
                return read_known ? GRANT_READ : GRANT_NOT_WRITE;
        }
        if (!granted)
                return GRANT_NONE;
        if (before == GRANT_WRITE)
                return GRANT_WRITE;
        return grant_has(before, LEVEL_WRITE) == 0 ? GRANT_READ : GRANT_READ_ONWARD;
}

enum level grant_level(enum grant grant)
{
        if (grant_has(grant, LEVEL_WRITE) == 1)
                return LEVEL_WRITE;
        return grant_has(grant, LEVEL_READ) == 1 ? LEVEL_READ : LEVEL_NONE;
}

enum grant grants_get(const struct grants *grants, unsigned slot)
{
        return (enum grant)(grants->nibbles[slot / 2] >> (slot % 2 * 4) & 0xf);
}

void grants_put(struct grants *grants, unsigned slot, enum grant grant)
{
        unsigned shift = slot % 2 * 4;
        uint8_t *pair = &grants->nibbles[slot / 2];

        *pair = (uint8_t) ((*pair & ~(0xfu << shift)) | (unsigned) grant << shift);
}

void grants_format(const struct grants *grants, size_t n, char text[static SLOTS_MAX + 1])
{
        for (size_t i = 0; i < n; i++)
                text[i] = letters[grants_get(grants, (unsigned) i)];
        text[n] = '\0';
}

void grants_parse(const char *text, struct grants *ret)
{
        *ret = (struct grants){ 0 };
        for (unsigned i = 0; i < SLOTS_MAX && text[i] != '\0'; i++) {
                const char *letter = memchr(letters, text[i], sizeof(letters));

                if (letter)
                        grants_put(ret, i, (enum grant)(letter - letters));
        }
}
