#include "model/reason.h"

#include <string.h>

static const char *const words[] = {
#define X(name, word) [REASON_##name] = (word),
        REASONS(X)
#undef X
};

const char *reason_name(enum reason reason)
{
        return words[reason];
}

unsigned reasons_parse(const char *text)
{
        unsigned found = 0;

        while (text && *text != '\0') {
                size_t n = strcspn(text, " ");

                for (unsigned i = 0; i < _REASON_MAX; i++)
                        if (strlen(words[i]) == n && strncmp(text, words[i], n) == 0)
                                found |= 1u << i;
                text += n;
                text += strspn(text, " ");
        }
        return found;
}
