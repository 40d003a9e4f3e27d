#include "notify/message.h"

#include <ctype.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "model/incident.h"

#define NAME_MAX_ 80

const char *event_text(const json_t *event, const char *name)
{
        return json_string_value(json_object_get(event, name)) ?: "";
}

/* --- for whom --- */

/* The kind of what was opened, cleared or told again. */
static const char *kind_of(const json_t *event)
{
        const char *about = event_text(json_object_get(event, "fields"), "KEYVIGIL_KIND");
        const char *kind = event_text(event, "kind"), *cleared = event_text(event, "cleared");

        if (*cleared != '\0')
                return cleared;
        return strcmp(kind, incident_kind_name(INCIDENT_INCIDENT_REMINDER)) == 0 && *about != '\0' ? about
                                                                                                   : kind;
}

/* As urgent as its opening was: a receiver that was told of the trouble is told of its end. */
static int urgency(const json_t *event)
{
        int priority = (int) json_integer_value(json_object_get(event, "priority"));
        enum incident_kind kind;

        if (*event_text(event, "cleared") == '\0' || incident_kind_parse(kind_of(event), &kind) < 0)
                return priority;
        return json_is_null(json_object_get(event, "parent"))
                       ? incident_kind_priority(kind, strcmp(event_text(event, "mode"), "test") != 0)
                       : priority;
}

bool message_wanted(const struct receiver *receiver, const json_t *event)
{
        const json_t *labels = json_object_get(event, "labels");
        bool among = receiver->n_kinds == 0;

        if (urgency(event) > (int) receiver->min_priority)
                return false;
        for (size_t i = 0; i < receiver->n_kinds && !among; i++)
                among = strcmp(receiver->kinds[i], kind_of(event)) == 0;
        for (size_t i = 0; i < receiver->n_labels && among; i++)
                among = strcmp(event_text(labels, receiver->labels[i].name), receiver->labels[i].value) == 0;
        return among;
}

/* --- webhook --- */

/* "key-permissions-missing" becomes "key.permissions_missing". */
static void dotted(const char *kind, char to[static NAME_MAX_])
{
        bool first = true;
        size_t n = 0;

        for (; *kind != '\0' && n < NAME_MAX_ - 1; kind++) {
                to[n++] = *kind != '-' ? *kind : first ? '.' : '_';
                first = first && *kind != '-';
        }
        to[n] = '\0';
}

static void copy(json_t *to, const json_t *from, const char *name)
{
        json_t *value = json_object_get(from, name);

        if (value && !json_is_null(value))
                (void) json_object_set(to, name, value);
}

char *message_webhook(const json_t *event)
{
        static const char *const names[] = { "id",      "seq",     "kind",   "priority", "key",
                                             "account", "mode",    "labels", "incident", "parent",
                                             "cleared", "message", "remedy" };
        static const char *const fields[] = { "KEYVIGIL_STATE", "KEYVIGIL_REASON", "KEYVIGIL_COUNT" };
        static const char *const plain[] = { "state", "reason", "count" };
        json_t *data = json_object();
        char type[NAME_MAX_];

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                copy(data, event, names[i]);
        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                json_t *value = json_object_get(json_object_get(event, "fields"), fields[i]);

                if (value)
                        (void) json_object_set(data, plain[i], value);
        }
        dotted(event_text(event, "kind"), type);
        json_t *body =
                json_pack("{s:s,s:s,s:o}", "type", type, "timestamp", event_text(event, "at"), "data", data);
        char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
        json_decref(body);
        return text;
}

/* --- Alertmanager --- */

/* "key-revoked" becomes "KeyRevoked". */
static void camel(const char *kind, char to[static NAME_MAX_])
{
        bool upper = true;
        size_t n = 0;

        for (; *kind != '\0' && n < NAME_MAX_ - 1; kind++) {
                if (*kind != '-')
                        to[n++] = upper ? (char) toupper((unsigned char) *kind) : *kind;
                upper = *kind == '-';
        }
        to[n] = '\0';
}

static const char *severity_of(int priority)
{
        return priority <= 2 ? "critical" : priority <= 4 ? "warning" : "info";
}

static void put(json_t *object, const char *name, const char *value)
{
        if (*value != '\0')
                (void) json_object_set_new(object, name, json_string(value));
}

static json_t *alert_labels(const json_t *event)
{
        json_t *labels = json_pack("{s:s,s:s}", "service", "keyvigil", "severity",
                                   severity_of((int) json_integer_value(json_object_get(event, "priority"))));
        char name[NAME_MAX_], incident[24];
        const char *label;
        json_t *value;

        camel(kind_of(event), name);
        put(labels, "alertname", name);
        snprintf(incident, sizeof(incident), "%lld",
                 (long long) json_integer_value(json_object_get(event, "incident")));
        put(labels, "incident",
            json_is_integer(json_object_get(event, "incident")) ? incident : event_text(event, "id"));
        put(labels, "mode", event_text(event, "mode"));
        put(labels, "key", event_text(event, "key"));
        json_object_foreach(json_object_get(event, "labels"), label, value)
        {
                snprintf(name, sizeof(name), "label_%s", label);
                put(labels, name, json_string_value(value) ?: "");
        }
        return labels;
}

json_t *message_alert(const json_t *event)
{
        json_t *annotations = json_object();

        put(annotations, "summary", event_text(event, "message"));
        put(annotations, "remedy", event_text(event, "remedy"));
        put(annotations, "account", event_text(event, "account"));
        return json_pack("{s:o,s:o,s:s}", "labels", alert_labels(event), "annotations", annotations,
                         "startsAt", event_text(event, "at"));
}

/* --- mail --- */

/* A line of a header, without what would end it. */
static void put_line(FILE *to, const char *text, size_t max)
{
        for (size_t n = 0; *text != '\0' && n < max; text++, n++)
                fputc(iscntrl((unsigned char) *text) ? ' ' : *text, to);
}

static const char *worst_sentence(const json_t *events)
{
        const json_t *event, *worst = NULL;
        size_t i;

        json_array_foreach(events, i, event)
        {
                if (!worst || json_integer_value(json_object_get(event, "priority")) <
                                      json_integer_value(json_object_get(worst, "priority")))
                        worst = event;
        }
        return event_text(worst, "message");
}

/* Bytes beyond ASCII make a subject that must be encoded; ours have quotes of that kind now and then. */
static void put_subject(FILE *to, const char *text)
{
        fputs("Subject: keyvigil: ", to);
        for (size_t n = 0; *text != '\0' && n < 120; text++, n++)
                fputc((unsigned char) *text < 0x80 && !iscntrl((unsigned char) *text) ? *text : ' ', to);
        fputc('\n', to);
}

static void put_event(FILE *to, const json_t *event)
{
        put_line(to, event_text(event, "at"), 64);
        fputs("  ", to);
        put_line(to, event_text(event, "kind"), 64);
        fputc('\n', to);
        put_line(to, event_text(event, "message"), 900);
        fputc('\n', to);
        if (*event_text(event, "remedy") != '\0') {
                fputs("Remedy: ", to);
                put_line(to, event_text(event, "remedy"), 900);
                fputc('\n', to);
        }
        if (json_is_integer(json_object_get(event, "incident")))
                fprintf(to, "See: keyvigil incidents %lld\n",
                        (long long) json_integer_value(json_object_get(event, "incident")));
        fputc('\n', to);
}

void message_mail(FILE *to, const char *address, const json_t *events)
{
        size_t n = json_array_size(events), i;
        const json_t *event;

        fprintf(to, "To: %s\n", address);
        put_subject(to, worst_sentence(events));
        fprintf(to,
                "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
                "8bit\n"
                "Auto-Submitted: auto-generated\nMessage-ID: <%s.%zu@keyvigil.invalid>\n\n",
                event_text(json_array_get(events, 0), "id"), n);
        if (n > 1)
                fprintf(to, "%zu events, oldest first.\n\n", n);
        json_array_foreach(events, i, event)
        {
                put_event(to, event);
        }
}

json_t *message_event(const char *id, const char *kind, const char *cleared, int priority, int64_t at,
                      const char *sentence)
{
        char when[DATETIME_MAX];

        return json_pack("{s:s,s:s,s:i,s:s,s:s,s:s?,s:n}", "id", id, "kind", kind, "priority", priority, "at",
                         datetime_format(at, when), "message", sentence, "cleared", cleared, "incident");
}
