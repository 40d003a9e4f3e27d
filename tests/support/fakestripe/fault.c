#include "fault.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
#define X(id, name) [FAULT_##id] = name,
        FAULTS(X)
#undef X
};

const char *fault_kind_name(enum fault_kind kind)
{
        return kind_names[kind];
}

bool fault_kind_parse(const char *name, enum fault_kind *ret)
{
        for (unsigned i = 0; i < _FAULT_KINDS; i++)
                if (strcmp(kind_names[i], name) == 0) {
                        *ret = i;
                        return true;
                }
        return false;
}

bool fault_carries_out(enum fault_kind kind)
{
        return kind >= FAULT_LOSE_ANSWER;
}

static bool same(const char *wanted, const char *actual)
{
        return !wanted || (actual && strcmp(wanted, actual) == 0);
}

static bool fault_applies(const struct fault *f, const struct fault_subject *s)
{
        if (!same(f->key, s->key) || !same(f->account, s->account) || !same(f->method, s->method))
                return false;
        if (f->live >= 0 && (!s->key || (bool) f->live != s->live))
                return false;
        return !f->path || strncmp(f->path, s->path, strlen(f->path)) == 0;
}

static bool fault_happens(struct fault *f)
{
        if (f->probability >= 1)
                return true;
        f->random = f->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (double) (f->random >> 33) / (double) (UINT64_C(1) << 31) < f->probability;
}

struct fault *fault_pick(struct fault_list *l, const struct fault_subject *s)
{
        for (struct fault *f = l->first; f; f = f->next) {
                if (f->count == 0 || !fault_applies(f, s))
                        continue;
                if (f->skip > 0) {
                        f->skip--;
                        continue;
                }
                if (!fault_happens(f))
                        continue;
                if (f->count > 0)
                        f->count--;
                f->hits++;
                return f;
        }
        return NULL;
}

struct fault *fault_new(enum fault_kind kind)
{
        struct fault *f = xcalloc(1, sizeof(*f));

        *f = (struct fault){
                .kind = kind, .live = -1, .count = -1, .probability = 1, .seconds = -1, .bytes = -1
        };
        return f;
}

static void fault_free(struct fault *f)
{
        free(f->key);
        free(f->account);
        free(f->path);
        free(f->method);
        free(f->url);
        for (unsigned i = 0; i < FAULT_EXTRA_HEADERS; i++) {
                free(f->headers[i].name);
                free(f->headers[i].value);
        }
        free(f);
}

void fault_add(struct fault_list *l, struct fault *f)
{
        struct fault **end = &l->first;

        while (*end)
                end = &(*end)->next;
        f->number = ++l->last_number;
        *end = f;
}

bool fault_remove(struct fault_list *l, unsigned number)
{
        for (struct fault **at = &l->first; *at; at = &(*at)->next) {
                struct fault *f = *at;

                if (f->number != number)
                        continue;
                *at = f->next;
                fault_free(f);
                return true;
        }
        return false;
}

void fault_list_clear(struct fault_list *l)
{
        struct fault *f;

        while ((f = l->first)) {
                l->first = f->next;
                fault_free(f);
        }
}
