#include "http/wiping.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

static void wiping_free(void *memory)
{
        if (!memory)
                return;
        explicit_bzero(memory, malloc_usable_size(memory));
        free(memory);
}

static void *wiping_realloc(void *memory, size_t size)
{
        void *new;

        if (memory && size > 0 && size <= malloc_usable_size(memory))
                return memory;
        new = malloc(size);
        if (!new || !memory)
                return new;
        memcpy(new, memory, MIN(size, malloc_usable_size(memory)));
        wiping_free(memory);
        return new;
}

int wiping_init(void)
{
        CURLcode code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
                                             calloc);

        return code == CURLE_OK ? 0 : -ENOMEM;
}
