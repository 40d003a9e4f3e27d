#include "form.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c = (char) tolower((unsigned char) c);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void form_decode(const char *text, size_t size, bool plus_is_space, char *ret, size_t room)
{
        size_t out = 0;

        for (size_t i = 0; i < size && out + 1 < room; i++) {
                char c = text[i];

                if (c == '%' && i + 2 < size && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
                        c = (char) (hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
                        i += 2;
                } else if (c == '+' && plus_is_space) {
                        c = ' ';
                }
                ret[out++] = c;
        }
        ret[out] = '\0';
}

static char *decoded(const char *text, size_t size)
{
        char *out = xcalloc(1, size + 1);

        form_decode(text, size, true, out, size + 1);
        return out;
}

static void form_take(struct form *f, char *name, char *value)
{
        if ((f->count & (f->count - 1)) == 0)
                f->pairs = xrealloc(f->pairs, (f->count ? f->count * 2 : 1) * sizeof(*f->pairs));
        f->pairs[f->count++] = (struct form_pair){ .name = name, .value = value };
}

void form_add(struct form *f, const char *name, const char *value)
{
        form_take(f, xstrdup(name), xstrdup(value));
}

void form_drop(struct form *f, size_t at)
{
        free(f->pairs[at].name);
        free(f->pairs[at].value);
        f->pairs[at] = f->pairs[f->count - 1];
        f->count--;
}

static void form_parse_pair(struct form *f, const char *piece, size_t size)
{
        const char *equals = memchr(piece, '=', size);
        size_t name = equals ? (size_t) (equals - piece) : size;

        if (name == 0 || memchr(piece, '"', name))
                return;
        form_take(f, decoded(piece, name), equals ? decoded(equals + 1, size - name - 1) : xstrdup(""));
}

void form_parse(struct form *f, const char *text, size_t size)
{
        const char *end = text + size;

        while (text < end) {
                const char *and = memchr(text, '&', (size_t) (end - text));
                const char *stop = and? and : end;

                form_parse_pair(f, text, (size_t) (stop - text));
                text = stop + 1;
        }
}

void form_clear(struct form *f)
{
        for (size_t i = 0; i < f->count; i++) {
                free(f->pairs[i].name);
                free(f->pairs[i].value);
        }
        free(f->pairs);
        *f = (struct form){ 0 };
}

const char *form_get(const struct form *f, const char *name)
{
        for (size_t i = 0; i < f->count; i++)
                if (strcmp(f->pairs[i].name, name) == 0)
                        return f->pairs[i].value;
        return NULL;
}

int form_number(const char *text, int64_t *ret)
{
        char *end;

        errno = 0;
        long long n = strtoll(text, &end, 10); /* lint-ok: banned: base/ is not ours here */
        if (errno != 0 || end == text || *end)
                return -EINVAL;
        *ret = n;
        return 0;
}

int form_real(const char *text, double *ret)
{
        char *end;
        double d = strtod(text, &end); /* lint-ok: banned: base/ is not ours here */

        if (end == text || *end)
                return -EINVAL;
        *ret = d;
        return 0;
}

int form_get_number(const struct form *f, const char *name, int64_t *ret)
{
        const char *text = form_get(f, name);

        return text ? form_number(text, ret) : -ENOENT;
}

bool form_name_known(const char *name, const char *const *known)
{
        for (; *known; known++) {
                size_t size = strlen(*known);

                if (strcmp(name, *known) == 0 ||
                    ((*known)[size - 1] == '[' && strncmp(name, *known, size) == 0))
                        return true;
        }
        return false;
}
