#include "stripe/link.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "stripe/keyshape.h"
#include "stripe/url.h"

/* Is this row named by an earlier line of the profile already? */
static bool is_repeated(const struct profile *profile, size_t line)
{
        for (size_t i = 0; i < line; i++)
                if (profile->required[i].row == profile->required[line].row)
                        return true;
        return false;
}

int link_create(const struct catalogue *catalogue, const struct profile *profile, bool live, char **ret)
{
        struct url url;
        const char *separator = "?";
        int r = url_open(&url);

        if (r < 0)
                return r;
        fprintf(url.stream, "https://dashboard.stripe.com%s/apikeys/create", live ? "" : "/test");
        if (profile->key_name[0] != '\0') {
                fputs("?name=", url.stream);
                url_put(&url, profile->key_name);
                separator = "&";
        }
        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned row = profile->required[i].row;
                enum level level = profile_requires(profile, row);

                if (level == LEVEL_NONE || is_repeated(profile, i))
                        continue;
                /* The Dashboard takes its list of permissions as permissions[]=rak_NAME_LEVEL. */
                fprintf(url.stream, "%spermissions%%5B%%5D=rak_", separator);
                url_put(&url, catalogue->rows[row].name);
                fprintf(url.stream, "_%s", level_name(level));
                separator = "&";
        }
        return url_done(&url, ret);
}

int link_edit(const char *account, const char *mk, char **ret)
{
        static const char letters_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        char *link;

        if (!account_valid(account) || strncmp(mk, "mk_", 3) != 0 || mk[3] == '\0' ||
            mk[3 + strspn(mk + 3, letters_digits)] != '\0')
                return -EINVAL;
        if (asprintf(&link, "https://dashboard.stripe.com/b/%s?destination=%%2Fapikeys%%2F%s%%2Fedit",
                     account, mk) < 0)
                return -ENOMEM;
        *ret = link;
        return 0;
}
