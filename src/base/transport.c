#include "base/transport.h"

const char *transport_error_text(enum transport_error error)
{
        static const char *const texts[] = {
#define X(name, text) [TRANSPORT_##name] = (text),
                TRANSPORT_ERRORS(X)
#undef X
        };

        return texts[error];
}
