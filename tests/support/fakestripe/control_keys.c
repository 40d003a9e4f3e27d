#include "control_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MEMBERS                                                                                          \
        "key", "account", "state", "permissions", "grant", "revoke", "format", "quirks", "id", "after_ms",   \
                "generate", "prefix", "account_prefix", "per_account", "first", "spread_ms"

static const char *const key_members[] = { KEY_MEMBERS, NULL };

/* An array of names, or "*". */
static bool change_permissions(struct control *c, struct permission_set *s, const json_t *names, bool grant)
{
        const json_t *one = names;

        for (size_t i = 0; json_is_string(names) ? i < 1 : i < json_array_size(names); i++) {
                const char *name = json_string_value(json_is_string(names) ? one : json_array_get(names, i));
                struct permission p;

                if (name && strcmp(name, "*") == 0) {
                        *s = (struct permission_set){ 0 };
                        if (grant)
                                permission_grant_all(s);
                } else if (!name || !permission_parse(name, &p)) {
                        return control_fail(c, "there is no permission '%s'", name ? name : "(not a text)");
                } else if (grant) {
                        permission_grant(s, p);
                } else {
                        permission_revoke(s, p);
                }
        }
        return true;
}

static bool change_state(struct control *c, struct key *k, const json_t *item)
{
        const char *state = item_text(item, "state", NULL), *format = item_text(item, "format", NULL);
        unsigned i;

        if (state) {
                for (i = 0; i < _KEY_STATES && strcmp(key_state_name(i), state) != 0; i++)
                        ;
                if (i == _KEY_STATES)
                        return control_fail(c, "there is no key state '%s'", state);
                k->former = k->state;
                k->spread_from = now_monotonic();
                k->spread_until = k->spread_from + (usec_t) item_number(item, "spread_ms", 0) * USEC_PER_MSEC;
                k->state = i;
        }
        if (format) {
                for (i = 0; i < _REFUSAL_FORMATS && strcmp(refusal_format_name(i), format) != 0; i++)
                        ;
                if (i == _REFUSAL_FORMATS)
                        return control_fail(c, "there is no format '%s'", format);
                k->format = i;
        }
        return true;
}

static bool change_quirks(struct control *c, struct key *k, const json_t *quirks)
{
        if (!quirks)
                return true;
        k->unquoted = k->misnames = false;
        k->implies = true;
        for (size_t i = 0; i < json_array_size(quirks); i++) {
                const char *name = json_string_value(json_array_get(quirks, i));

                if (name && strcmp(name, "no-label-quotes") == 0)
                        k->unquoted = true;
                else if (name && strcmp(name, "wrong-name") == 0)
                        k->misnames = true;
                else if (name && strcmp(name, "no-implied") == 0)
                        k->implies = false;
                else
                        return control_fail(c, "there is no quirk '%s'", name ? name : "(not a text)");
        }
        return true;
}

static bool key_apply(struct control *c, struct key *k, const json_t *item)
{
        const json_t *permissions = json_object_get(item, "permissions");
        const char *id = item_text(item, "id", NULL);

        if (permissions)
                k->granted = (struct permission_set){ 0 };
        if (!change_state(c, k, item) || !change_quirks(c, k, json_object_get(item, "quirks")) ||
            !change_permissions(c, &k->granted, permissions, true) ||
            !change_permissions(c, &k->granted, json_object_get(item, "grant"), true) ||
            !change_permissions(c, &k->granted, json_object_get(item, "revoke"), false))
                return false;
        if (id)
                snprintf(k->id, sizeof(k->id), "%s", id);
        key_settle(k);
        return true;
}

static bool put_one(struct control *c, const char *text, const char *account, const json_t *item)
{
        struct key *k = world_add_key(c->world, text, account);

        /* A full secret key may do everything. */
        if (strncmp(text, "sk_", 3) == 0)
                permission_grant_all(&k->granted);
        return key_apply(c, k, item);
}

/* Keys PREFIX + ten digits, on accounts ACCOUNT_PREFIX + ten digits. */
static bool put_generated(struct control *c, const json_t *item)
{
        const char *prefix = item_text(item, "prefix", "rk_test_51Generated");
        const char *account_prefix = item_text(item, "account_prefix", "acct_1Generated");
        int64_t count = item_number(item, "generate", 0), per_account = item_number(item, "per_account", 1);
        int64_t first = item_number(item, "first", 0);

        if (per_account < 1)
                return control_fail(c, "per_account must be at least 1");
        for (int64_t i = first; i < first + count; i++) {
                char text[300], account[100];

                snprintf(text, sizeof(text), "%.250s%010" PRId64, prefix, i);
                snprintf(account, sizeof(account), "%.64s%010" PRId64, account_prefix, i / per_account);
                if (!put_one(c, text, account, item))
                        return false;
        }
        return true;
}

bool control_keys_put(struct control *c)
{
        size_t i;
        json_t *item;

        json_array_foreach(c->items, i, item)
        {
                const char *text = item_text(item, "key", NULL);

                if (!item_members_known(c, item, key_members))
                        return false;
                if (json_object_get(item, "generate")) {
                        if (!put_generated(c, item))
                                return false;
                        continue;
                }
                if (!text || !*text)
                        return control_fail(c, "item %zu has no key", i + 1);
                if (!put_one(c, text, item_text(item, "account", "acct_1FakeStripe"), item))
                        return false;
        }
        return true;
}

static bool patch_one(struct control *c, struct key *k, const json_t *item)
{
        const char *account = item_text(item, "account", NULL);

        if (account)
                k->realm = world_realm(c->world, account, k->realm->live);
        return key_apply(c, k, item);
}

/* All keys that begin so, or `generate` of them as PUT made them. */
static bool patch_many(struct control *c, const json_t *item, const char *prefix)
{
        int64_t first = item_number(item, "first", 0), count = item_number(item, "generate", 0);
        struct key *k;
        char text[300];

        for (int64_t i = first; i < first + count; i++) {
                snprintf(text, sizeof(text), "%.250s%010" PRId64, prefix, i);
                k = world_key(c->world, text);
                if (!k)
                        return control_fail(c, "key %" PRId64 " is not known here", i);
                if (!patch_one(c, k, item))
                        return false;
        }
        for (size_t at = 0; count == 0 && (k = table_next(&c->world->keys, &at));)
                if (strncmp(k->text, prefix, strlen(prefix)) == 0 && !patch_one(c, k, item))
                        return false;
        return true;
}

bool control_keys_patch(struct control *c)
{
        size_t i;
        json_t *item;

        json_array_foreach(c->items, i, item)
        {
                const char *text = item_text(item, "key", NULL), *prefix = item_text(item, "prefix", NULL);
                struct key *k = text ? world_key(c->world, text) : NULL;

                if (!item_members_known(c, item, key_members))
                        return false;
                if (!k && (text || !prefix))
                        return control_fail(c, "item %zu names no key that is known here", i + 1);
                if (k ? !patch_one(c, k, item) : !patch_many(c, item, prefix))
                        return false;
        }
        return true;
}

bool control_keys_delete(struct control *c)
{
        size_t i;
        json_t *item;

        if (json_array_size(c->items) == 0)
                world_drop_keys(c->world);
        json_array_foreach(c->items, i, item)
        {
                const char *text = item_text(item, "key", NULL);

                if (!text || !world_key(c->world, text))
                        return control_fail(c, "item %zu names no key that is known here", i + 1);
                world_drop_key(c->world, text);
        }
        return true;
}

static void write_name(const char *name, void *userdata)
{
        struct buf *b = userdata;

        if (b->data[b->size - 1] != '[')
                buf_puts(b, ",");
        buf_json(b, name);
}

static void write_key(struct buf *b, const struct key *k)
{
        buf_printf(b, "{\"key\":\"%016" PRIx64 "\",\"account\":", text_hash(k->text));
        buf_json(b, k->realm->account);
        buf_printf(b, ",\"mode\":\"%s\",\"id\":\"%s\",\"state\":\"%s\",\"format\":\"%s\",\"permissions\":[",
                   k->realm->live ? "live" : "test", k->id, key_state_name(k->state),
                   refusal_format_name(k->format));
        permission_each(&k->granted, write_name, b);
        buf_puts(b, "],\"effective\":[");
        permission_each(&k->effective, write_name, b);
        buf_puts(b, "]}");
}

bool control_keys_get(struct control *c)
{
        const char *account = form_get(&c->query, "account");
        const char *sep = "\n";
        struct key *k;

        buf_printf(&c->out, "{\"count\":%zu,\"keys\":[", c->world->keys.used);
        for (size_t at = 0; (k = table_next(&c->world->keys, &at));) {
                if (account && strcmp(account, k->realm->account) != 0)
                        continue;
                buf_puts(&c->out, sep);
                write_key(&c->out, k);
                sep = ",\n";
        }
        buf_puts(&c->out, "\n]}\n");
        return true;
}

bool control_schedule_post(struct control *c)
{
        size_t i;
        json_t *item;

        json_array_foreach(c->items, i, item)
        {
                int64_t after = item_number(item, "after_ms", -1);

                if (!item_members_known(c, item, key_members))
                        return false;
                if (after < 0 || (!item_text(item, "key", NULL) && !item_text(item, "prefix", NULL)))
                        return control_fail(c, "item %zu needs a key, or a prefix, and after_ms", i + 1);
                schedule_add(&c->world->schedule, now_monotonic() + (usec_t) after * USEC_PER_MSEC, item);
        }
        return true;
}
