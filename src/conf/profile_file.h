/* One file of a profile. */
#ifndef CONF_PROFILE_FILE_H
#define CONF_PROFILE_FILE_H

#include "conf/problem.h"
#include "conf/yaml.h"
#include "model/profile.h"
#include "stripe/catalogue.h"

/* Make a profile of the tree of the file NAME.yaml; the profile must be of that name. The labels of `require`
 * are looked up in `catalogue`; each level must be one that can be probed in the modes of the profile.
 * -EBADMSG: something is wrong with it, see `problems`; -ENOMEM. */
int profile_read(const struct node *root, const char *name, const struct catalogue *catalogue,
                 struct problems *problems, struct profile **ret);

/* A pattern that can be compiled, and cheaply: bounded in length and repetitions, without back references.
 * -EINVAL with the reason for people. */
int name_pattern_check(const char *pattern, const char **ret_why);

#endif
