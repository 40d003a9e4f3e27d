#include "stripe/url.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int url_open(struct url *ret)
{
        ret->stream = memory_stream(&ret->text, &ret->size);
        return ret->stream ? 0 : -ENOMEM;
}

void url_put(struct url *url, const char *text)
{
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

        for (; *text != '\0'; text++)
                if (strchr(plain, *text))
                        fputc(*text, url->stream);
                else
                        fprintf(url->stream, "%%%02X", (unsigned) (unsigned char) *text);
}

int url_done(struct url *url, char **ret)
{
        if (fclose(url->stream) != 0)
                return -ENOMEM;
        *ret = url->text;
        return 0;
}
