#include "prove/part.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/macros.h"
#include "base/number.h"

#define BEGINNING "keyvigil prove "

/* Enough to tell two keys apart, and too little to tell anything of one. */
static unsigned key_trace(const struct secret *key)
{
        return key ? (unsigned) (hash_text(key->bytes) & 0xffff) : 0;
}

static void head_write(const struct prove_run *run, char *to, size_t size)
{
        const struct conf *conf = run->proof->conf;

        snprintf(to, size, BEGINNING "%s %s %s %04x%04x%04x\n", PACKAGE_VERSION,
                 conf->settings.stripe.api_version, conf->catalogue->version, key_trace(run->keys[PROVE_ALL]),
                 key_trace(run->keys[PROVE_NONE]), key_trace(run->keys[PROVE_PROFILE]));
}

static struct prove_answer *answer_find(struct proof *proof, const char *name, const char *level,
                                        const char *key)
{
        for (size_t i = 0; i < proof->n; i++) {
                struct prove_row *row = &proof->rows[i];

                if (strcmp(proof->conf->catalogue->rows[row->row].name, name) != 0 ||
                    strcmp(level_name(row->level), level) != 0)
                        continue;
                for (int k = 0; k < _PROVE_KEY_MAX; k++)
                        if (strcmp(prove_key_name((enum prove_key) k), key) == 0)
                                return &row->answers[k];
        }
        return NULL;
}

/* NAME LEVEL KEY ANSWER STALE STATUS CODE PERMISSION TEXT, with tabs between. A line that was cut is none. */
static bool line_read(struct proof *proof, char *line)
{
        char *fields[9];
        int64_t answer, stale, status;
        size_t n = 0;

        if (line[0] == '\0' || line[strlen(line) - 1] != '\n')
                return false;
        line[strlen(line) - 1] = '\0';
        while (n < ELEMENTSOF(fields) && (fields[n] = strsep(&line, "\t")))
                n++;
        if (n != ELEMENTSOF(fields) || number_parse(fields[3], 0, _ANSWER_MAX - 1, &answer) < 0 ||
            number_parse(fields[4], 0, 1, &stale) < 0 || number_parse(fields[5], 0, 599, &status) < 0)
                return false;
        struct prove_answer *a = answer_find(proof, fields[0], fields[1], fields[2]);
        if (!a)
                return false;
        *a = (struct prove_answer){
                .asked = true, .answer = (enum answer) answer, .stale = stale, .status = (long) status
        };
        snprintf(a->code, sizeof(a->code), "%s", fields[6]);
        snprintf(a->permission, sizeof(a->permission), "%s", fields[7]);
        snprintf(a->text, sizeof(a->text), "%s", fields[8]);
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
        head_write(run, head, sizeof(head));
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

        fprintf(part, "%s\t%s\t%s\t%d\t%d\t%ld\t%s\t%s\t%s\n", proof->conf->catalogue->rows[row->row].name,
                level_name(row->level), prove_key_name(key), (int) a->answer, a->stale, a->status, a->code,
                a->permission, a->text);
        fflush(part);
}
