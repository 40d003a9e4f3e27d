#include "sim_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void field(const char *text, const char *name, char *to, size_t size)
{
        size_t n = strlen(name);

        if (strncmp(text, name, n) == 0 && text[n] == '=')
                snprintf(to, size, "%s", text + n + 1);
}

static int journal_send(struct journal *journal, const char *const *fields, size_t n)
{
        struct sim *sim = CONTAINER_OF(journal, struct sim, journal);
        char priority[8] = "", unsaved[8] = "";
        size_t size = 1;

        if (sim->journal_down)
                return -EAGAIN;
        if (sim->n_entries == sim->entries_room) {
                sim->entries_room = MAX(256, sim->entries_room * 2);
                sim->entries = reallocarray(sim->entries, sim->entries_room, sizeof(*sim->entries));
        }
        struct sim_entry *e = &sim->entries[sim->n_entries++];
        *e = (struct sim_entry){ .at = sim->now };
        for (size_t i = 0; i < n; i++) {
                field(fields[i], "MESSAGE_ID", e->message_id, sizeof(e->message_id));
                field(fields[i], "KEYVIGIL_EVENT_ID", e->event_id, sizeof(e->event_id));
                field(fields[i], "KEYVIGIL_KEY", e->key, sizeof(e->key));
                field(fields[i], "KEYVIGIL_KIND", e->kind, sizeof(e->kind));
                field(fields[i], "KEYVIGIL_INCIDENT", e->incident, sizeof(e->incident));
                field(fields[i], "KEYVIGIL_REASON", e->reason, sizeof(e->reason));
                field(fields[i], "PRIORITY", priority, sizeof(priority));
                field(fields[i], "KEYVIGIL_UNSAVED", unsaved, sizeof(unsaved));
                size += strlen(fields[i]) + 1;
        }
        e->priority = priority[0] - '0';
        e->unsaved = unsaved[0] != '\0';
        e->fields = calloc(1, size);
        for (size_t i = 0; i < n; i++) {
                if (strncmp(fields[i], "KEYVIGIL_UNSAVED", 16) == 0)
                        continue;
                strncat(e->fields, fields[i], size - strlen(e->fields) - 1);
                strncat(e->fields, "\n", size - strlen(e->fields) - 1);
        }
        return 0;
}

static bool entry_is(const struct sim_entry *e, int kind, long key)
{
        char name[32];

        if (kind >= 0 && strcmp(e->message_id, incident_kind_message_id((enum incident_kind) kind)) != 0)
                return false;
        return key < 0 || strcmp(e->key, sim_name((size_t) key, name)) == 0;
}

size_t sim_count(const struct sim *sim, int kind, long key)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++)
                n += entry_is(&sim->entries[i], kind, key);
        return n;
}

size_t sim_cleared(const struct sim *sim, int kind, long key)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++)
                n += entry_is(&sim->entries[i], INCIDENT_INCIDENT_CLEARED, key) &&
                     (kind < 0 ||
                      strcmp(sim->entries[i].kind, incident_kind_name((enum incident_kind) kind)) == 0);
        return n;
}

const struct sim_entry *sim_first(const struct sim *sim, int kind, long key)
{
        for (size_t i = 0; i < sim->n_entries; i++)
                if (entry_is(&sim->entries[i], kind, key))
                        return &sim->entries[i];
        return NULL;
}

const struct sim_entry *sim_last(const struct sim *sim, int kind, long key)
{
        for (size_t i = sim->n_entries; i-- > 0;)
                if (entry_is(&sim->entries[i], kind, key))
                        return &sim->entries[i];
        return NULL;
}

void sim_forget_entries(struct sim *sim)
{
        for (size_t i = 0; i < sim->n_entries; i++)
                free(sim->entries[i].fields);
        sim->n_entries = 0;
}

static int compare_entries(const void *a, const void *b)
{
        return strcmp(((const struct sim_entry *) a)->event_id, ((const struct sim_entry *) b)->event_id);
}

void sim_assert_ids(const struct sim *sim)
{
        qsort(sim->entries, sim->n_entries, sizeof(*sim->entries), compare_entries);
        for (size_t i = 1; i < sim->n_entries; i++) {
                const struct sim_entry *a = &sim->entries[i - 1], *b = &sim->entries[i];

                if (a->event_id[0] && strcmp(a->event_id, b->event_id) == 0 &&
                    strcmp(a->fields, b->fields) != 0) {
                        fprintf(stderr, "seed %llu: one event id, two contents:\n%s---\n%s",
                                (unsigned long long) sim->options.seed, a->fields, b->fields);
                        abort();
                }
        }
}

void sim_journal_init(struct sim *sim)
{
        sim->journal = (struct journal){ journal_send };
}
