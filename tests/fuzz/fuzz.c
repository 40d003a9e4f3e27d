#include "fuzz.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/random.h"
#include "base/macros.h"

/* Long runs are what a fuzzer is for; this many take a second or so. */
#define RUNS 20000

#define SIZE_MAX_INPUT 8192

/* The input that is being tried, for fuzz_fail(). */
static const uint8_t *trying;
static size_t trying_size;

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
        fprintf(stderr, "%s:%d: does not hold: %s\ninput:", file, line, what);
        for (size_t i = 0; i < trying_size; i++)
                fprintf(stderr, " %02x", trying[i]);
        fputc('\n', stderr);
        abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);

        if (!text)
                abort();
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        return text;
}

#ifdef WITH_LIBFUZZER

/* The seeds and the words for libFuzzer, whose corpus is a folder and whose dictionary is a file. */
static void write_all(const char *folder)
{
        char path[512];
        FILE *file;

        for (size_t i = 0; i < fuzz_n_seeds; i++) {
                snprintf(path, sizeof(path), "%s/seed-%zu", folder, i);
                file = fopen(path, "we");
                if (!file || fwrite(fuzz_seeds[i].bytes, 1, fuzz_seeds[i].size, file) != fuzz_seeds[i].size)
                        abort();
                fclose(file);
        }
        snprintf(path, sizeof(path), "%s.dict", folder);
        file = fopen(path, "we");
        if (!file)
                abort();
        for (size_t i = 0; i < fuzz_n_words; i++) {
                fputc('"', file);
                for (const char *at = fuzz_words[i]; *at != '\0'; at++)
                        fprintf(file, "\\x%02x", (unsigned char) *at);
                fputs("\"\n", file);
        }
        fclose(file);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        const char *folder = getenv("KEYVIGIL_FUZZ_SEEDS");

        (void) argc;
        (void) argv;
        if (folder) {
                write_all(folder);
                _Exit(EXIT_SUCCESS);
        }
        return 0;
}

#else

struct input {
        uint8_t bytes[SIZE_MAX_INPUT];
        size_t size;
};

static void try(const void *bytes, size_t size)
{
        uint8_t *exact = malloc(MAX(size, (size_t) 1));

        if (!exact)
                abort();
        if (size > 0)
                memcpy(exact, bytes, size);
        trying = exact;
        trying_size = size;
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
}

/* Replace up to `gone` bytes at `at` by `n` others, if there is room. */
static void splice(struct input *input, size_t at, size_t gone, const void *bytes, size_t n)
{
        gone = MIN(gone, input->size - at);
        size_t tail = input->size - at - gone;

        if (at + n + tail > SIZE_MAX_INPUT)
                return;
        memmove(input->bytes + at + n, input->bytes + at + gone, tail);
        if (n > 0)
                memcpy(input->bytes + at, bytes, n);
        input->size = at + n + tail;
}

static void mutate(struct input *input, struct random *random)
{
        size_t at = random_below(random, input->size + 1);
        const struct seed *seed = &fuzz_seeds[random_below(random, fuzz_n_seeds)];
        const char *word = fuzz_n_words > 0 ? fuzz_words[random_below(random, fuzz_n_words)] : "";
        uint8_t byte = (uint8_t) random_next(random);
        char key[128];
        size_t from, n;

        switch (random_below(random, 8)) {
        case 0: /* another byte */
                splice(input, at, 1, &byte, 1);
                break;
        case 1: /* one more */
                splice(input, at, 0, &byte, 1);
                break;
        case 2: /* some fewer */
                splice(input, at, 1 + random_below(random, 16), NULL, 0);
                break;
        case 3: /* one bit */
                if (at < input->size)
                        input->bytes[at] ^= (uint8_t) (1u << random_below(random, 8));
                break;
        case 4:
                splice(input, at, random_below(random, 8), word, strlen(word));
                break;
        case 5: /* a piece of another seed */
                from = random_below(random, seed->size + 1);
                n = random_below(random, seed->size - from + 1);
                splice(input, at, 0, seed->bytes + from, n);
                break;
        case 6: /* the end is missing */
                input->size = at;
                break;
        default:
                random_key(random, key);
                splice(input, at, random_below(random, 4), key, strlen(key));
        }
}

static void run_mutations(struct random *random, unsigned long runs)
{
        struct input input;

        for (unsigned long i = 0; i < runs; i++) {
                const struct seed *seed = &fuzz_seeds[random_below(random, fuzz_n_seeds)];

                input.size = MIN(seed->size, sizeof(input.bytes));
                memcpy(input.bytes, seed->bytes, input.size);
                for (size_t n = 1 + random_below(random, 6); n > 0; n--)
                        mutate(&input, random);
                try(input.bytes, input.size);
        }
}

static int run_file(const char *path)
{
        struct input input;
        FILE *file = fopen(path, "re");

        if (!file) {
                perror(path);
                return EXIT_FAILURE;
        }
        input.size = fread(input.bytes, 1, sizeof(input.bytes), file);
        fclose(file);
        try(input.bytes, input.size);
        return EXIT_SUCCESS;
}

/* What longer runs kept: "fuzz_judge" has it in tests/fuzz/corpus/judge. */
static int run_corpus(const char *program)
{
        const char *source = getenv("srcdir"), *name = strrchr(program, '_');
        int result = EXIT_SUCCESS;
        char pattern[4096];
        glob_t files;

        if (!name)
                return result;
        snprintf(pattern, sizeof(pattern), "%s/tests/fuzz/corpus/%s/*", source ? source : ".", name + 1);
        if (glob(pattern, 0, NULL, &files) != 0)
                return result;
        for (size_t i = 0; i < files.gl_pathc; i++)
                result = run_file(files.gl_pathv[i]) == EXIT_SUCCESS ? result : EXIT_FAILURE;
        globfree(&files);
        return result;
}

int main(int argc, char *argv[])
{
        const char *runs = getenv("KEYVIGIL_FUZZ_RUNS");
        int result = EXIT_SUCCESS;

        for (int i = 1; i < argc; i++)
                result = run_file(argv[i]) == EXIT_SUCCESS ? result : EXIT_FAILURE;
        if (argc > 1)
                return result;

        /* Where a run is dear, not at every byte. */
        unsigned long most = &fuzz_runs ? fuzz_runs : RUNS;
        size_t step = most < RUNS ? 32 : 1;

        for (size_t i = 0; i < fuzz_n_seeds; i++)
                for (size_t n = fuzz_seeds[i].size % step; n <= fuzz_seeds[i].size; n += step)
                        try(fuzz_seeds[i].bytes, n);

        result = run_corpus(argv[0]);
        struct random random = random_new(argv[0]);
        run_mutations(&random, runs ? strtoul(runs, NULL, 10) : most);
        return result;
}

#endif
