/* Random input for tests. The seed is printed, and KEYVIGIL_TEST_SEED repeats a run. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct random {
        uint64_t state;
};

/* xorshift64* */
static inline uint64_t random_next(struct random *random)
{
        random->state ^= random->state >> 12;
        random->state ^= random->state << 25;
        random->state ^= random->state >> 27;
        return random->state * UINT64_C(0x2545f4914f6cdd1d);
}

/* 0 … n - 1 */
static inline size_t random_below(struct random *random, size_t n)
{
        return (size_t) ((random_next(random) >> 16) % n);
}

static inline struct random random_new(const char *who)
{
        const char *given = getenv("KEYVIGIL_TEST_SEED");
        struct random random = { .state = 1 };

        if (given)
                random.state = strtoull(given, NULL, 10);
        else if (getrandom(&random.state, sizeof(random.state), 0) != sizeof(random.state))
                abort();
        if (random.state == 0)
                random.state = 1;
        printf("%s: KEYVIGIL_TEST_SEED=%llu\n", who, (unsigned long long) random.state);
        fflush(stdout);
        return random;
}

/* `n` letters and digits and a NUL. */
static inline void random_alnum(struct random *random, char *to, size_t n)
{
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

        for (size_t i = 0; i < n; i++)
                to[i] = alphabet[random_below(random, sizeof(alphabet) - 1)];
        to[n] = '\0';
}

/* Something with a key's prefix and a random body of 24 or 99 characters, or masked; up to 127 bytes. */
static inline void random_key(struct random *random, char to[static 128])
{
        static const char *const prefixes[] = {
                "rk_live_",   "rk_test_", "sk_live_", "sk_test_", "pk_live_",
                "rkcs_test_", "ek_test_", "whsec_",   "sk_org_",
        };
        size_t n = (size_t) snprintf(to, 128, "%s", prefixes[random_below(random, 9)]);

        switch (random_below(random, 4)) {
        case 0:
                n += (size_t) snprintf(to + n, 8, "****");
                random_alnum(random, to + n, 6);
                break;
        case 1:
                n += (size_t) snprintf(to + n, 8, "...");
                random_alnum(random, to + n, 4);
                break;
        case 2:
                random_alnum(random, to + n, 24);
                break;
        default:
                random_alnum(random, to + n, 99);
        }
}

#endif
