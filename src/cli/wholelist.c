#include "cli/wholelist.h"

#include <errno.h>
#include <string.h>

#include "base/macros.h"

#define LIST_MAX ((size_t) 512 << 20) /* what the route takes */

/* Never moved by realloc(), which would leave a copy behind. */
static int make_room(struct wholelist *s)
{
        size_t room = s->room ? 2 * s->room : (size_t) 1 << 20;
        char *text = room <= 2 * LIST_MAX ? malloc(room) : NULL;

        if (!text)
                return -ENOMEM;
        if (s->text) {
                memcpy(text, s->text, s->size);
                explicit_bzero(s->text, s->size);
        }
        free(s->text);
        s->text = text;
        s->room = room;
        return 0;
}

static int read_all(struct wholelist *s, FILE *list)
{
        do {
                if (s->size + 1 >= s->room && make_room(s) < 0)
                        return -ENOMEM;
                s->size += fread(s->text + s->size, 1, s->room - s->size - 1, list);
        } while (!feof(list) && !ferror(list));
        s->text[s->size] = '\0';
        return ferror(list) ? -EIO : 0;
}

static size_t line_at(const struct wholelist *s, size_t at)
{
        const char *newline = memchr(s->text + at, '\n', s->size - at);

        return newline ? (size_t) (newline - s->text) - at : s->size - at;
}

int wholelist_each(const struct wholelist *s, wholelist_fn take, void *userdata)
{
        uint64_t number = 0;
        int r = 0;

        for (size_t at = 0, n; at < s->size && r >= 0; at += n + 1) {
                json_t *line;

                n = line_at(s, at);
                number++;
                if (strspn(s->text + at, " \t\r") >= n)
                        continue;
                line = json_loadb(s->text + at, n, 0, NULL);
                r = take(number, line, userdata);
                json_t *key = json_object_get(line, "key");
                if (json_is_string(key))
                        explicit_bzero((char *) json_string_value(key), json_string_length(key));
                json_decref(line);
        }
        return r;
}

/* The last line, {"end":COUNT}, is cut off. */
static void take_end(struct wholelist *s)
{
        size_t last = 0, count = 0;

        for (size_t at = 0, n; at < s->size; at += n + 1) {
                n = line_at(s, at);
                if (strspn(s->text + at, " \t\r") >= n)
                        continue;
                last = at;
                count++;
        }
        json_t *line = json_loadb(s->text + last, line_at(s, last), 0, NULL),
               *end = json_object_get(line, "end");
        s->lines = count;
        if (json_is_integer(end) && json_object_size(line) == 1) {
                s->lines = count - 1;
                s->has_end = json_integer_value(end) == (json_int_t) s->lines;
                s->size = last;
        }
        json_decref(line);
}

int wholelist_read(struct wholelist *s, FILE *list)
{
        int r = read_all(s, list);

        if (r >= 0)
                take_end(s);
        return r;
}

void wholelist_clear(struct wholelist *s)
{
        if (s->text)
                explicit_bzero(s->text, s->room);
        free(s->text);
        *s = (struct wholelist){ 0 };
}
