#include "model/profile.h"

#include <errno.h>
#include <string.h>

int profiles_find(const struct profiles *profiles, const char *name, size_t *ret_index)
{
        for (size_t i = 0; i < profiles->n; i++)
                if (strcmp(profiles->list[i]->name, name) == 0) {
                        *ret_index = i;
                        return 0;
                }
        return -ENOENT;
}

enum level profile_requires(const struct profile *profile, unsigned row)
{
        enum level level = LEVEL_NONE;

        for (size_t i = 0; i < profile->n_required; i++)
                if (profile->required[i].row == row)
                        level = MAX(level, profile->required[i].level);
        return level;
}

struct profile *profile_free(struct profile *profile)
{
        if (!profile)
                return NULL;
        for (size_t i = 0; i < profile->n_required; i++)
                free(profile->required[i].label);
        free(profile->required);
        free(profile->name);
        free(profile->title);
        free(profile->name_pattern);
        free(profile->key_name);
        return mfree(profile);
}

struct profiles *profiles_free(struct profiles *profiles)
{
        if (!profiles)
                return NULL;
        for (size_t i = 0; i < profiles->n; i++)
                profile_free(profiles->list[i]);
        free(profiles->list);
        return mfree(profiles);
}
