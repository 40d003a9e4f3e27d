#include "world_told.h"

#include <stdlib.h>
#include <string.h>

const struct told_kind_row told_kinds[KINDS] = {
        { "key-revoked", "28d5c947cd4d45048ef999dc67e12748", 2, 4 },
        { "key-expired", "d185422420804fd691ecfddecb14353a", 2, 4 },
        { "key-invalid", "39873e277d5a435e89d12eb34684d87d", 3, 4 },
        { "key-rolled", "c4fa3685b434499b9dd984820f28b0a5", 5, 5 },
        { "key-blocked", "ad2a6cb976194b3387c0aca004238419", 3, 4 },
        { "key-account-refused", "6d6c8ba279924452bf297bfdd986050c", 3, 4 },
        { "key-permissions-missing", "88298422e90a4c0c838419a14acc9550", 3, 4 },
        { "key-unverified", "d48ab468f69643df9c57b2251217ba7e", 4, 5 },
        { "key-wrong-account", "596d723d99774899895506615cdd0690", 2, 3 },
        { "key-permissions-excess", "0280564714634c9faae93def6af5806e", 4, 5 },
};

int entry_field(const struct sim_entry *e, const char *name, const char **ret)
{
        const char *found = strstr(e->fields, name);

        *ret = found ? found + strlen(name) : "";
        return (int) strcspn(*ret, "\n");
}

long subject_named(const struct world *world, const char *name)
{
        char *end;

        if (strncmp(name, "merchant-", 9) != 0)
                return -1;
        unsigned long i = strtoul(name + 9, &end, 10);
        return *end == '\0' && i < world->n_subjects ? (long) i : -1;
}

int told_kind_of(const struct sim_entry *e, bool *ret_clears)
{
        *ret_clears = strcmp(e->message_id, ID_CLEARED) == 0;
        for (int k = 0; k < KINDS; k++)
                if (strcmp(*ret_clears ? e->kind : e->message_id,
                           *ret_clears ? told_kinds[k].name : told_kinds[k].id) == 0)
                        return k;
        return -1;
}

struct file *files_make(const struct world *world)
{
        const struct sim *sim = world->sim;
        struct file *files = calloc(world->n_subjects, sizeof(*files));

        for (int pass = 0; pass < 2; pass++) {
                for (size_t k = 0; k < sim->n_entries; k++) {
                        const struct sim_entry *e = &sim->entries[k];
                        long i = e->key[0] ? subject_named(world, e->key) : -1;
                        struct told told = { .entry = e };

                        if (i < 0)
                                continue;
                        told.kind = told_kind_of(e, &told.clears);
                        if (pass == 1)
                                files[i].list[files[i].n] = told;
                        files[i].n++;
                }
                for (size_t i = 0; pass == 0 && i < world->n_subjects; i++) {
                        files[i].list = calloc(files[i].n + 1, sizeof(*files[i].list));
                        files[i].n = 0;
                }
        }
        return files;
}

void files_free(struct world *world, struct file *files)
{
        for (size_t i = 0; i < world->n_subjects; i++)
                free(files[i].list);
        free(files);
}

bool told_is_death(int kind)
{
        return kind >= REVOKED && kind <= ROLLED;
}

/* A new secret may bring the next incident of a kind in the moment in which the last one ends; and a member's
 * entry bears its group's number. */
bool told_is_end_of(const struct sim_entry *open, const struct sim_entry *clear)
{
        return strcmp(open->incident, clear->incident) == 0 || open->at + 2 * USEC_PER_SEC < clear->at;
}

const struct sim_entry *told_open_at(const struct file *file, int first, int last, usec_t at)
{
        const struct sim_entry *open[KINDS] = { NULL }, *found = NULL;

        for (size_t i = 0; i < file->n && file->list[i].entry->at <= at; i++) {
                const struct told *t = &file->list[i];

                if (t->kind >= 0 && !t->clears)
                        open[t->kind] = t->entry;
                else if (t->kind >= 0 && open[t->kind] && told_is_end_of(open[t->kind], t->entry))
                        open[t->kind] = NULL;
        }
        for (int k = first; k <= last; k++)
                found = open[k] ? open[k] : found;
        return found;
}

bool told_touches(const struct file *file, int first, int last, usec_t from, usec_t until)
{
        for (size_t i = 0; i < file->n; i++)
                if (file->list[i].kind >= first && file->list[i].kind <= last &&
                    file->list[i].entry->at >= from && file->list[i].entry->at <= until)
                        return true;
        return told_open_at(file, first, last, from) != NULL;
}

bool told_is_flapping(const struct file *file, usec_t by)
{
        for (size_t i = 0; i < file->n; i++)
                if (strcmp(file->list[i].entry->message_id, ID_FLAPPING) == 0 &&
                    file->list[i].entry->at <= by)
                        return true;
        return false;
}

bool told_is_summarised(const struct world *world, usec_t from, usec_t until)
{
        for (size_t k = 0; k < world->sim->n_entries; k++) {
                const struct sim_entry *e = &world->sim->entries[k];

                if (strcmp(e->message_id, ID_SUMMARY) == 0 && e->at + 2 * MINUTE >= from &&
                    e->at <= until + 2 * MINUTE)
                        return true;
        }
        return false;
}

usec_t told_lag(const struct world *world, usec_t at)
{
        usec_t recent = at > 5 * MINUTE ? at - 5 * MINUTE : 0;

        return spans_touch(&world->unjournalled, recent, at) || spans_touch(&world->down, recent, at)
                       ? 4 * HOUR
                       : 2 * MINUTE;
}

bool told_lies_before(const struct world *world, usec_t at)
{
        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];
                usec_t from = world->began + act->at;

                if ((act->kind == ACT_LIE_SOME || act->kind == ACT_LIE_ALL) && from <= at &&
                    at < from + act->span + 2 * HOUR)
                        return true;
        }
        return false;
}
