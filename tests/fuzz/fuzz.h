/* Fuzzing with or without a fuzzer. A target defines LLVMFuzzerTestOneInput(), its seeds, and the words that
 * its language is made of. Alone it is a test: all seeds, each cut at every byte, what longer runs kept in
 * tests/fuzz/corpus, then random mutations of the seeds (KEYVIGIL_FUZZ_RUNS many; the seed is printed and
 * KEYVIGIL_TEST_SEED repeats a run), or the files that are named as arguments. With libFuzzer, from the same
 * seeds and words: ./bootstrap fuzz [TARGET] [SECONDS].
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

struct seed {
        const char *bytes;
        size_t size;
};

#define SEED(literal)                                                                                        \
        {                                                                                                    \
                (literal), sizeof(literal) - 1                                                               \
        }

/* Of the target. */
extern const struct seed fuzz_seeds[];
extern const size_t fuzz_n_seeds;
extern const char *const fuzz_words[];
extern const size_t fuzz_n_words;
extern const unsigned long fuzz_runs
        __attribute__((weak)); /* random mutations in a test; 20,000 if the target does not say */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what did not hold, and aborts: that is what fuzzers look for. */
#define HOLD(condition)                                                                                      \
        do {                                                                                                 \
                if (!(condition))                                                                            \
                        fuzz_fail(__FILE__, __LINE__, #condition);                                           \
        } while (0)
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* A copy with a NUL behind it, and nothing else that could be read without a sanitizer seeing it. The caller
 * frees. */
char *fuzz_text(const uint8_t *data, size_t size);

#endif
