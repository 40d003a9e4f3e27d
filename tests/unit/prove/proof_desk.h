/* A proof of the catalogue that ships, whose answers a test makes up. */
#ifndef TESTS_UNIT_PROVE_PROOF_DESK_H
#define TESTS_UNIT_PROVE_PROOF_DESK_H

#include "../conf/desk.h"
#include "prove/prove.h"

struct proof_desk {
        struct desk desk;
        struct proof *proof;
};

/* All as assumed: granted to the first key, refused to the second. Fails the test if it cannot be made. */
void proof_desk_open(struct proof_desk *desk);
void proof_desk_close(struct proof_desk *desk);

/* "charge", LEVEL_READ. Fails the test if it is not asked. */
struct prove_row *proof_desk_row(struct proof_desk *desk, const char *name, enum level level);

/* A 404 that no rule lists. */
struct prove_answer unlisted_answer(const char *code, const char *text);

/* What `write` writes, e.g. report_write(). The caller frees. */
char *text_written(const struct proof *proof, void (*write)(const struct proof *, const char *, FILE *));

#endif
