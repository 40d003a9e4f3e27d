#include "proof_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

void proof_desk_open(struct proof_desk *desk)
{
        desk_open(&desk->desk);
        desk_write(&desk->desk, "keyvigil.yaml", "{}\n");
        assert_int_equal(desk_load(&desk->desk), 0);
        assert_int_equal(proof_new(desk->desk.conf, NULL, &desk->proof), 0);
        for (size_t i = 0; i < desk->proof->n; i++) {
                struct prove_answer *answers = desk->proof->rows[i].answers;

                answers[PROVE_ALL] = (struct prove_answer){
                        .asked = true, .answer = ANSWER_GRANTED, .status = 404, .code = "resource_missing"
                };
                answers[PROVE_NONE] =
                        (struct prove_answer){ .asked = true, .answer = ANSWER_REFUSED, .status = 403 };
        }
}

void proof_desk_close(struct proof_desk *desk)
{
        desk->proof = proof_free(desk->proof);
        desk_close(&desk->desk);
}

struct prove_row *proof_desk_row(struct proof_desk *desk, const char *name, enum level level)
{
        for (size_t i = 0; i < desk->proof->n; i++) {
                struct prove_row *row = &desk->proof->rows[i];

                if (row->level == level && strcmp(desk->desk.conf->catalogue->rows[row->row].name, name) == 0)
                        return row;
        }
        fail_msg("%s is not asked", name);
        return NULL;
}

struct prove_answer unlisted_answer(const char *code, const char *text)
{
        struct prove_answer answer = {
                .asked = true, .answer = ANSWER_UNCLEAR, .stale = true, .status = 404
        };

        snprintf(answer.code, sizeof(answer.code), "%s", code);
        snprintf(answer.text, sizeof(answer.text), "%s", text);
        return answer;
}

char *text_written(const struct proof *proof, void (*write)(const struct proof *, const char *, FILE *))
{
        char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);

        assert_non_null(to);
        write(proof, "2026-11-21", to);
        fclose(to);
        return text;
}
