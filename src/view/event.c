#include "view/event.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "view/row.h"

#define LABEL_FIELD    "KEYVIGIL_LABEL_"
#define FIELD_NAME_MAX 64 /* of a field: what journald takes */

const char *cursor_format(uint32_t epoch, int64_t seq, char text[static CURSOR_MAX])
{
        snprintf(text, CURSOR_MAX, "%08" PRIx32 "-%" PRId64, epoch, seq);
        return text;
}

int cursor_parse(const char *text, uint32_t *ret_epoch, int64_t *ret_seq)
{
        uint32_t epoch;
        int64_t seq;

        if (strspn(text, "0123456789abcdef") != 8 || text[8] != '-' ||
            sscanf(text, "%8" SCNx32, &epoch) != 1 || number_parse(text + 9, 0, INT64_MAX, &seq) < 0)
                return -EINVAL;
        *ret_epoch = epoch;
        *ret_seq = seq;
        return 0;
}

/* "NAME=value\n" … as an object. */
static json_t *fields_json(const char *text)
{
        json_t *fields = json_object();

        while (fields && *text != '\0') {
                size_t size = strcspn(text, "\n"), name_size = strcspn(text, "=");
                char name[FIELD_NAME_MAX + 1];

                if (name_size < size && name_size <= FIELD_NAME_MAX) {
                        snprintf(name, sizeof(name), "%.*s", (int) name_size, text);
                        if (json_object_set_new(fields, name,
                                                json_stringn(text + name_size + 1, size - name_size - 1)) <
                            0) {
                                json_decref(fields);
                                return NULL;
                        }
                }
                text += size + (text[size] == '\n');
        }
        return fields;
}

/* The key's labels, as they were then. */
static json_t *labels_of(const json_t *fields)
{
        json_t *labels = json_object(), *value;
        const char *field;

        json_object_foreach((json_t *) fields, field, value)
        {
                char name[FIELD_NAME_MAX + 1];
                size_t n = 0;

                if (strncmp(field, LABEL_FIELD, strlen(LABEL_FIELD)) != 0)
                        continue;
                for (const char *c = field + strlen(LABEL_FIELD); *c != '\0' && n < FIELD_NAME_MAX; c++)
                        name[n++] = (char) tolower((unsigned char) *c);
                name[n] = '\0';
                if (json_object_set(labels, name, value) < 0) {
                        json_decref(labels);
                        return NULL;
                }
        }
        return labels;
}

static json_t *field_json(const json_t *fields, const char *name)
{
        json_t *value = json_object_get(fields, name);

        return value ? json_incref(value) : json_null();
}

static json_t *id_json(int64_t id)
{
        return id > 0 ? json_integer(id) : json_null();
}

json_t *event_json(const struct event *event, uint32_t epoch, int64_t parent)
{
        json_t *fields = fields_json(event->fields), *json;
        bool cleared = event->kind == INCIDENT_INCIDENT_CLEARED;
        char cursor[CURSOR_MAX];

        if (!fields)
                return NULL;
        json = json_pack("{s:I,s:s,s:s,s:s,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "seq",
                         (json_int_t) event->seq, "cursor", cursor_format(epoch, event->seq, cursor), "id",
                         event->id, "kind", incident_kind_name(event->kind), "priority", event->priority,
                         "at", time_json(event->at_wall), "key", field_json(fields, "KEYVIGIL_KEY"),
                         "account", field_json(fields, "KEYVIGIL_ACCOUNT"), "mode",
                         field_json(fields, "KEYVIGIL_MODE"), "labels", labels_of(fields), "incident",
                         id_json(event->incident), "parent", id_json(parent), "cleared",
                         cleared ? field_json(fields, "KEYVIGIL_KIND") : json_null(), "message",
                         field_json(fields, "MESSAGE"), "remedy", field_json(fields, "KEYVIGIL_REMEDY_URL"));
        if (json_object_set_new(json, "fields", fields) < 0) {
                json_decref(json);
                return NULL;
        }
        return json;
}
