#include <stdio.h>
#include <string.h>

#include "control_parts.h"
#include "product.h"
#include "route.h"

bool control_accounts_put(struct control *c)
{
        static const char *const known[] = { "account", "products", NULL };
        size_t i;
        json_t *item;

        json_array_foreach(c->items, i, item)
        {
                const char *account = item_text(item, "account", NULL);
                unsigned products;

                if (!item_members_known(c, item, known))
                        return false;
                if (!account || !products_parse(json_object_get(item, "products"), &products))
                        return control_fail(c, "item %zu needs an account, and products that are known",
                                            i + 1);
                for (unsigned live = 0; live < 2; live++) {
                        struct realm *realm = world_realm(c->world, account, live);

                        realm->products = products;
                        realm->products_set = true;
                }
        }
        return true;
}

static bool read_change(struct control *c, const json_t *item, struct row_change *ret)
{
        static const char *const known[] = { "method", "path", "order", "gate", "off",
                                             "gone",   "code", "says",  NULL };
        const char *method = item_text(item, "method", ""), *path = item_text(item, "path", "");
        const struct route *r;

        if (!item_members_known(c, item, known))
                return false;
        *ret = (struct row_change){
                .lookup = strcmp(item_text(item, "order", ""), "lookup") == 0,
                .gate = strcmp(item_text(item, "gate", ""), "before") == 0,
                .off = item_flag(item, "off", false),
                .gone = item_flag(item, "gone", false),
        };
        snprintf(ret->code, sizeof(ret->code), "%s", item_text(item, "code", ""));
        snprintf(ret->says, sizeof(ret->says), "%s", item_text(item, "says", ""));
        for (size_t i = 0; (r = route_at(i)) && !ret->route; i++)
                if (strcmp(r->method, method) == 0 && strcmp(r->pattern, path) == 0)
                        ret->route = r;
        return ret->route ? true : control_fail(c, "there is no row '%s %s'", method, path);
}

bool control_rows_put(struct control *c)
{
        size_t i;
        json_t *item;

        json_array_foreach(c->items, i, item)
        {
                struct row_change change;

                if (!read_change(c, item, &change))
                        return false;
                if (!row_change_add(c->world, &change))
                        return control_fail(c, "no more than %d rows can be changed", ROW_CHANGES);
        }
        return true;
}

bool control_rows_delete(struct control *c)
{
        c->world->row_changes_count = 0;
        return true;
}
