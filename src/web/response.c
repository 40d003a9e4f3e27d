#include "web/response.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "web/page.h"

struct MHD_Response *response_new(const char *type, char *text)
{
        static const char *const headers[][2] = {
                { "Content-Security-Policy", PAGE_POLICY },
                { "X-Content-Type-Options", "nosniff" },
                { "Referrer-Policy", "no-referrer" },
                { MHD_HTTP_HEADER_CACHE_CONTROL, "no-store" },
        };
        struct MHD_Response *response =
                MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);

        if (!response) {
                free(text);
                return NULL;
        }
        (void) MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
        for (size_t i = 0; i < ELEMENTSOF(headers); i++)
                (void) MHD_add_response_header(response, headers[i][0], headers[i][1]);
        return response;
}
