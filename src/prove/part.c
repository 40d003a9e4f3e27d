#include "prove/part.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/macros.h"
#include "base/memory.h"
#include "base/number.h"
#include "prove/mend.h"

#define BEGINNING "keyvigil prove "

/* Enough to tell two keys apart, and too little to tell anything of one. */
static unsigned key_trace(const struct secret *key)
{
        return key ? (unsigned) (hash_text(key->bytes) & 0xffff) : 0;
}

/* Whom and what was asked: answers to anything else are none of this run's. */
static int head_write(const struct prove_run *run, char *to, size_t size)
{
        const struct settings *settings = &run->proof->conf->settings;
        _cleanup_free_ char *all = NULL;
        size_t all_size;
        FILE *stream = memory_stream(&all, &all_size);

        if (!stream)
                return -ENOMEM;
        fprintf(stream, "%s %s\n", settings->stripe.api_base, settings->stripe.api_version);
        (void) catalogue_write(run->proof, "", stream);
        if (fclose(stream) != 0)
                return -ENOMEM;
        snprintf(to, size, BEGINNING "%s %016" PRIx64 " %04x%04x%04x\n", PACKAGE_VERSION, hash_text(all),
                 key_trace(run->keys[PROVE_ALL]), key_trace(run->keys[PROVE_NONE]),
                 key_trace(run->keys[PROVE_PROFILE]));
        return 0;
}

static const char *level_of(const struct proof *proof, const struct prove_row *row)
{
        return row < proof->rows + proof->n ? level_name(row->level) : "list";
}

static struct prove_answer *answer_find(struct proof *proof, char *const fields[], int *ret_key)
{
        for (size_t i = 0; i < proof->n + proof->n_lists; i++) {
                struct prove_row *row = &proof->rows[i];

                if (strcmp(proof->conf->catalogue->rows[row->row].name, fields[0]) != 0 ||
                    strcmp(level_of(proof, row), fields[1]) != 0)
                        continue;
                for (*ret_key = 0; *ret_key < _PROVE_KEY_MAX; ++*ret_key)
                        if (strcmp(prove_key_name((enum prove_key) * ret_key), fields[2]) == 0)
                                return &row->answers[*ret_key];
        }
        return NULL;
}

/* NAME LEVEL KEY ANSWER STALE STATUS ACCOUNT CODE PERMISSION TEXT, with tabs between. A line that was cut is
 * none. */
static bool line_read(struct proof *proof, char *line)
{
        char *fields[10];
        int64_t answer, stale, status;
        uint64_t account;
        size_t n = 0;
        int key;

        if (line[0] == '\0' || line[strlen(line) - 1] != '\n')
                return false;
        line[strlen(line) - 1] = '\0';
        while (n < ELEMENTSOF(fields) && (fields[n] = strsep(&line, "\t")))
                n++;
        if (n != ELEMENTSOF(fields) || number_parse(fields[3], 0, _ANSWER_MAX - 1, &answer) < 0 ||
            number_parse(fields[4], 0, 1, &stale) < 0 || number_parse(fields[5], 0, 599, &status) < 0 ||
            sscanf(fields[6], "%16" SCNx64, &account) != 1)
                return false;
        struct prove_answer *a = answer_find(proof, fields, &key);
        if (!a)
                return false;
        *a = (struct prove_answer){
                .asked = true, .answer = (enum answer) answer, .stale = stale, .status = (long) status
        };
        snprintf(a->code, sizeof(a->code), "%s", fields[7]);
        snprintf(a->permission, sizeof(a->permission), "%s", fields[8]);
        snprintf(a->text, sizeof(a->text), "%s", fields[9]);
        proof->accounts[key] = account ? account : proof->accounts[key];
        return true;
}

int part_open(const char *path, const struct prove_run *run, FILE **ret)
{
        FILE *part = fopen(path, "a+e");
        char head[256];
        _cleanup_free_ char *line = NULL;
        size_t room = 0;
        int taken = 0;

        if (!part)
                return -errno;
        if (head_write(run, head, sizeof(head)) < 0) {
                fclose(part);
                return -ENOMEM;
        }
        rewind(part);
        bool empty = getline(&line, &room, part) < 0, same = !empty && strcmp(line, head) == 0;
        if (!empty && strncmp(line, BEGINNING, strlen(BEGINNING)) != 0) {
                fclose(part);
                return -EEXIST;
        }
        while (same && getline(&line, &room, part) >= 0)
                taken += line_read(run->proof, line);
        if (!same) {
                part = freopen(path, "we", part);
                if (!part)
                        return -errno;
                fputs(head, part);
        }
        *ret = part;
        return taken;
}

void part_add(FILE *part, const struct proof *proof, const struct prove_row *row, enum prove_key key)
{
        const struct prove_answer *a = &row->answers[key];

        fprintf(part, "%s\t%s\t%s\t%d\t%d\t%ld\t%016" PRIx64 "\t%s\t%s\t%s\n",
                proof->conf->catalogue->rows[row->row].name, level_of(proof, row), prove_key_name(key),
                (int) a->answer, a->stale, a->status, proof->accounts[key], a->code, a->permission, a->text);
        fflush(part);
}
