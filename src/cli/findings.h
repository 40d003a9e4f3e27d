/* What a check found, in plain words. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <jansson.h>

/* `result`: an object as POST /v1/keys and …/check give it; NULL or another object: nothing is printed. A
 * refusal's sentence was complained of already, so only the rest is printed. */
void findings_print(const json_t *result);

#endif
