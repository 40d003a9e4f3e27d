#include "view/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/datetime.h"
#include "view/row.h"

void text_add(struct text *text, const char *bytes, size_t size)
{
        if (size > text->room - text->size) {
                size_t room = MAX(text->size + size, MAX(2 * text->room, (size_t) 4096));
                char *more = realloc(text->bytes, room);

                if (!more) {
                        text->failed = true;
                        return;
                }
                text->bytes = more;
                text->room = room;
        }
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
}

static void add_text(struct text *text, const char *word)
{
        text_add(text, word, strlen(word));
}

/* Nothing in it needs to be written otherwise. */
static bool is_plain(const char *value)
{
        for (; *value != '\0'; value++)
                if ((unsigned char) *value < 0x20 || (unsigned char) *value > 0x7e || *value == '"' ||
                    *value == '\\')
                        return false;
        return true;
}

static void add_json(struct text *text, json_t *json)
{
        char *dumped = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

        json_decref(json);
        if (dumped)
                add_text(text, dumped);
        else
                text->failed = true;
        free(dumped);
}

static void add_string(struct text *text, const char *value)
{
        if (is_plain(value)) {
                text_add(text, "\"", 1);
                add_text(text, value);
                text_add(text, "\"", 1);
        } else {
                add_json(text, text_json(value));
        }
}

static void add_time(struct text *text, int64_t wall)
{
        char buffer[DATETIME_MAX + 2];

        if (wall <= 0 || wall > WALL_LAST) {
                add_text(text, "null");
                return;
        }
        buffer[0] = '"';
        datetime_format(wall, buffer + 1);
        size_t n = strlen(buffer);
        buffer[n] = '"';
        text_add(text, buffer, n + 1);
}

static void add_column(struct text *text, const struct column *column)
{
        char number[24];

        if (column->type == COLUMN_NULL) {
                add_text(text, "null");
        } else if (column->type == COLUMN_TIME) {
                add_time(text, column->integer);
        } else if (column_is_typed(column)) {
                if (column->type == COLUMN_TEXT && column->text[0] == '\0')
                        add_text(text, "[]");
                else
                        add_json(text, column_json(column));
        } else if (column->type == COLUMN_INTEGER) {
                snprintf(number, sizeof(number), "%" PRId64, column->integer);
                add_text(text, number);
        } else {
                add_string(text, column->text);
        }
}

/* What memory knows better than the row. */
static bool add_newer(struct text *text, const char *name, const struct key *key)
{
        if (strncmp(name, "last_", 5) == 0) {
                const int64_t wall = strcmp(name, "last_checked") == 0   ? key->last_checked
                                     : strcmp(name, "last_healthy") == 0 ? key->last_healthy
                                     : strcmp(name, "last_full") == 0    ? key->last_full
                                                                         : -1;

                if (wall >= 0)
                        add_time(text, wall);
                return wall >= 0;
        }
        if (strcmp(name, "state") == 0)
                add_string(text, state_name(key_state(key, (int64_t) time(NULL))));
        else if (strcmp(name, "life") == 0)
                add_string(text, life_name(key->belief.life));
        else if (strcmp(name, "suspect_since") == 0)
                add_time(text, key_is_suspect(key) ? key->suspect_since : 0);
        else
                return false;
        return true;
}

void text_add_row(struct text *text, const struct column *columns, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                add_text(text, i == 0 ? "{\"" : ",\"");
                add_text(text, columns[i].name);
                add_text(text, "\":");
                add_column(text, &columns[i]);
        }
        add_text(text, "}");
}

void text_add_key(struct text *text, const struct column *columns, size_t n, const struct key *key)
{
        for (size_t i = 1; i < n; i++) {
                text_add(text, i == 1 ? "{\"" : ",\"", 2);
                add_text(text, columns[i].name);
                text_add(text, "\":", 2);
                if (!key || !add_newer(text, columns[i].name, key))
                        add_column(text, &columns[i]);
        }
        text_add(text, "}", 1);
}
