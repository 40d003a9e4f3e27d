/* A quick, well-spread, unkeyed hash (FNV-1a with a final mix). For spreading schedules and for tables, not
 * for anything that an adversary could gain from. Its values are persisted nowhere, but schedules follow from
 * them: a change moves every key's slot once. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

static inline uint64_t hash_text(const char *text)
{
        uint64_t h = UINT64_C(0xcbf29ce484222325);

        for (; *text; text++)
                h = (h ^ (unsigned char) *text) * UINT64_C(0x100000001b3);
        h ^= h >> 33;
        h *= UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 33;
        h *= UINT64_C(0xc4ceb9fe1a85ec53);
        return h ^ (h >> 33);
}

#endif
