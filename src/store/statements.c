#include "store/statements.h"

const char *const statement_texts[_STATEMENT_MAX] = {
#define X(name, text) [STATEMENT_##name] = (text),
        STATEMENTS(X)
#undef X
};
