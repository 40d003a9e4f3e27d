#include "model/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/macros.h"
#include "base/names.h"

static const char *const end_names[] = {
#define X(name, text) [END_##name] = (text),
        ENDS(X)
#undef X
};

static const char *const state_names[] = {
#define X(name, text) [STATE_##name] = (text),
        STATES(X)
#undef X
};

const char *key_kind_name(enum key_kind kind)
{
        return kind == KIND_SECRET ? "secret" : "restricted";
}

const char *key_mode_name(enum key_mode mode)
{
        return mode == MODE_LIVE ? "live" : "test";
}

const char *end_name(enum end end)
{
        return end_names[end];
}

const char *state_name(enum state state)
{
        return state_names[state];
}

int end_parse(const char *name, enum end *ret)
{
        int r = name_find(end_names, _END_MAX, name);

        if (r < 0)
                return r;
        *ret = (enum end) r;
        return 0;
}

int state_parse(const char *name, enum state *ret)
{
        int r = name_find(state_names, _STATE_MAX, name);

        if (r < 0)
                return r;
        *ret = (enum state) r;
        return 0;
}

struct key *key_new(const char *name)
{
        size_t size = strlen(name) + 1;
        struct key *key = calloc(1, sizeof(*key) + size);

        if (key)
                memcpy(key->name, name, size);
        return key;
}

uint32_t findings_mark(const char *missing, const char *excess)
{
        if (*missing == '\0' && *excess == '\0')
                return 0;
        return (uint32_t) (hash_text(missing) * 31 + hash_text(excess)) | 1;
}

static enum state state_of_life(const struct key *key, enum life life)
{
        static const enum state ended[] = {
                [END_NONE] = STATE_REVOKED,  [END_EXPIRED] = STATE_EXPIRED, [END_REVOKED] = STATE_REVOKED,
                [END_ROLLED] = STATE_ROLLED, [END_INVALID] = STATE_INVALID,
        };

        switch (life) {
        case LIFE_UNVERIFIED:
                return STATE_UNVERIFIED;
        case LIFE_ALIVE:
                if (key->unlisted)
                        return STATE_UNVERIFIED;
                return key->missing ? STATE_DEGRADED : STATE_HEALTHY;
        case LIFE_BLOCKED:
                return STATE_BLOCKED;
        case LIFE_DEAD:
                return ended[key->end];
        case LIFE_SUSPECT:
        case LIFE_HELD:
        case _LIFE_MAX:
                break;
        }
        return STATE_UNVERIFIED;
}

enum state key_state(const struct key *key, int64_t now_wall)
{
        if (key->paused_until > now_wall)
                return STATE_PAUSED;
        if (key->unreadable)
                return STATE_UNREADABLE;
        return state_of_life(key, (enum life)(key_is_suspect(key) ? key->belief.former : key->belief.life));
}
