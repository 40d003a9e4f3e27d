#include "stripe/plan_list.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"

/* An account in one mode, or a key whose account is not known. */
struct plan_owner {
        uint64_t account, id;
        bool live;
};

struct plan_entry {
        struct plan_owner owner;
        size_t profile;
};

struct plan_counted {
        struct plan_owner owner;
        uint64_t coupons;
};

struct plan_list {
        struct plan_entry *entries;
        size_t n, room;
        struct plan_counted *counted;
        size_t n_counted, counted_room;
};

int plan_list_new(struct plan_list **ret)
{
        *ret = calloc(1, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

struct plan_list *plan_list_free(struct plan_list *list)
{
        if (!list)
                return NULL;
        free(list->entries);
        free(list->counted);
        return mfree(list);
}

static struct plan_owner owner_of(uint64_t account, uint64_t id, bool live)
{
        return (struct plan_owner){ .account = account, .id = account ? 0 : id, .live = live };
}

int plan_list_add(struct plan_list *list, size_t profile, uint64_t account, uint64_t id, bool live)
{
        struct plan_entry *entries = array_room(list->entries, list->n, 1, &list->room, sizeof(*entries));

        if (!entries)
                return -ENOMEM;
        list->entries = entries;
        list->entries[list->n++] =
                (struct plan_entry){ .owner = owner_of(account, id, live), .profile = profile };
        return 0;
}

int plan_list_count(struct plan_list *list, uint64_t account, uint64_t id, bool live, uint64_t coupons)
{
        struct plan_counted *counted =
                array_room(list->counted, list->n_counted, 1, &list->counted_room, sizeof(*counted));

        if (!counted)
                return -ENOMEM;
        list->counted = counted;
        list->counted[list->n_counted++] =
                (struct plan_counted){ .owner = owner_of(account, id, live), .coupons = coupons };
        return 0;
}

static int compare(const void *left, const void *right)
{
        const struct plan_owner *a = left, *b = right; /* the first member of both lists' items */

        if (a->account != b->account)
                return a->account < b->account ? -1 : 1;
        if (a->id != b->id)
                return a->id < b->id ? -1 : 1;
        return (int) a->live - (int) b->live;
}

static uint64_t coupons_of(const struct plan_list *list, const struct plan_owner *owner)
{
        const struct plan_counted *known =
                list->n_counted == 0
                        ? NULL
                        : bsearch(owner, list->counted, list->n_counted, sizeof(*list->counted), compare);

        return known ? known->coupons : PLAN_UNCOUNTED;
}

void plan_list_give(struct plan_list *list, struct plan *plan)
{
        if (list->n > 0)
                qsort(list->entries, list->n, sizeof(*list->entries), compare);
        if (list->n_counted > 0)
                qsort(list->counted, list->n_counted, sizeof(*list->counted), compare);
        for (size_t i = 0; i < list->n; i++) {
                const struct plan_owner *owner = &list->entries[i].owner;

                if (i == 0 || compare(owner, &list->entries[i - 1].owner) != 0)
                        plan_next_account(plan, owner->live, coupons_of(list, owner));
                plan_add(plan, list->entries[i].profile);
        }
}
