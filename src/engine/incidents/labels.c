/* The labels of a key as fields of its events: what the operator knows it by. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/incidents.h"

/* Letters, digits and _ make a field; what begins with x_ does not leave the store. */
static bool is_told(const char *name)
{
        static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

        return name[0] >= 'a' && name[0] <= 'z' && strspn(name, characters) == strlen(name) &&
               strlen(name) <= 48 && strncmp(name, "x_", 2) != 0;
}

static int labels_take(const struct column *columns, size_t n, void *userdata)
{
        const char *name = NULL, *value = NULL;
        FILE *to = userdata;

        for (size_t i = 0; i < n; i++) {
                if (columns[i].type == COLUMN_TEXT && strcmp(columns[i].name, "name") == 0)
                        name = columns[i].text;
                else if (columns[i].type == COLUMN_TEXT)
                        value = columns[i].text;
        }
        if (!name || !value || !is_told(name) || strchr(value, '\n'))
                return 0;
        fputs("KEYVIGIL_LABEL_", to);
        for (; *name != '\0'; name++)
                fputc(toupper((unsigned char) *name), to);
        fprintf(to, "=%s\n", value);
        return 0;
}

void labels_add(struct engine *e, const struct key *key, char **fields)
{
        const struct query_filter filter = { .key = key->name, .limit = LABELS_MAX };
        char *text = NULL;
        size_t size;
        FILE *to = memory_stream(&text, &size);

        if (!to)
                return;
        fputs(*fields, to);
        (void) store_query(e->parts.store, QUERY_LABELS, &filter, labels_take,
                           to); /* what cannot be read is told without */
        if (fclose(to) != 0)
                return;
        free(*fields);
        *fields = text;
}
