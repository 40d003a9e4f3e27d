#include "stripe/message.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "stripe/keyshape.h"
#include "stripe/redact.h"

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define NAME_BYTES     "abcdefghijklmnopqrstuvwxyz0123456789_"

/* Take over the `n` bytes at `from`, unless they do not fit or look like a key. */
static void take(const char *from, size_t n, char *to, size_t size)
{
        if (n == 0 || n >= size)
                return;
        memcpy(to, from, n);
        to[n] = '\0';
        if (looks_like_key(to))
                to[0] = '\0';
}

/* What follows `phrase`, wherever that is; NULL if it is nowhere. */
static const char *after(const char *text, const char *phrase)
{
        const char *found = strstr(text, phrase);

        return found ? found + strlen(phrase) : NULL;
}

/* The key's own account, not any account: another text names one that was asked for in vain. */
static void find_account(const char *message, struct hints *ret)
{
        static const char *const before[] = { " on account '", " on account ", "dashboard.stripe.com/b/" };

        for (size_t i = 0; i < ELEMENTSOF(before) && ret->account[0] == '\0'; i++) {
                const char *at = after(message, before[i]);
                if (!at || strncmp(at, "acct_", 5) != 0)
                        continue;
                take(at, 5 + strspn(at + 5, LETTERS_DIGITS), ret->account, sizeof(ret->account));
                if (!account_valid(ret->account))
                        ret->account[0] = '\0';
        }
}

static void find_key_object(const char *message, struct hints *ret)
{
        static const char *const before[] = { "apikeys%2Fmk_", "apikeys%2fmk_", "apikeys/mk_" };

        for (size_t i = 0; i < ELEMENTSOF(before); i++) {
                const char *at = after(message, before[i]);
                size_t n = at ? strspn(at, LETTERS_DIGITS) : 0;

                if (n > 0) {
                        take(at - 3, n + 3, ret->key_object, sizeof(ret->key_object));
                        return;
                }
        }
}

/* A name longer than this is none. */
#define PERMISSION_NAME_MAX 64

/* A name at `at`: "rak_coupon_write" or "coupon_write", quoted or not. Gives what follows it; NULL: there is
 * none. */
static const char *take_permission(const char *at, struct hints *ret)
{
        char name[PERMISSION_NAME_MAX] = "";
        size_t used = strlen(ret->permission);

        at += strspn(at, "'\"`");
        if (strncmp(at, "rak_", 4) == 0)
                at += 4;

        size_t n = strspn(at, NAME_BYTES);
        bool read = n > 5 && memcmp(at + n - 5, "_read", 5) == 0;
        bool write = n > 6 && memcmp(at + n - 6, "_write", 6) == 0;
        if (!read && !write)
                return NULL;
        take(at, n, name, sizeof(name));
        if (name[0] != '\0' && used + n + 1 < sizeof(ret->permission))
                snprintf(ret->permission + used, sizeof(ret->permission) - used, "%s%s", used ? " " : "",
                         name);
        return at + n;
}

/* 'NAME', or 'NAME', 'NAME' and 'NAME'. */
static void take_permissions(const char *at, struct hints *ret)
{
        while ((at = take_permission(at, ret))) {
                at += strspn(at, "'\"`, ");
                if (strncmp(at, "and ", 4) == 0 || strncmp(at, "or ", 3) == 0)
                        at += strcspn(at, " ") + 1;
        }
}

/* `LABEL ('NAME')` or `"LABEL" ('NAME')` at `at`, or several of them: the first label, and all names. A label
 * may hold parentheses of its own. */
static void take_enabling(const char *at, struct hints *ret)
{
        const char *open = strstr(at, " (");
        char label[sizeof(ret->label)];

        for (const char *next = open; next; next = strstr(next + 1, " (")) {
                bool first = ret->permission[0] == '\0';

                take_permissions(next + 2, ret);
                if (first && ret->permission[0] != '\0')
                        open = next;
        }
        if (!open)
                return;
        if (*at == '"') {
                at++;
                if (open > at && open[-1] == '"')
                        open--;
        }
        if (open <= at || (size_t) (open - at) >= sizeof(label))
                return;
        memcpy(label, at, (size_t) (open - at));
        label[open - at] = '\0';
        redact(label, ret->label, sizeof(ret->label));
}

void message_hints(const char *message, struct hints *ret)
{
        *ret = (struct hints){ .account = "" };
        find_account(message, ret);
        find_key_object(message, ret);

        const char *at = after(message, "Enabling ");
        if (at) {
                take_enabling(at, ret);
                return;
        }
        at = after(message, "Having the ");
        if (at)
                take_permissions(at, ret);
}

bool message_says_permission(const char *message)
{
        return strstr(message, "required permissions") ||
               strstr(message, "would allow this request to continue");
}

bool message_says_address(const char *message)
{
        return strcasestr(message, "does not allow requests from your IP address") ||
               strcasestr(message, "IP access policy");
}

bool message_says_slower(const char *message)
{
        return strcasestr(message, "too quickly") && strcasestr(message, "limit your requests");
}
