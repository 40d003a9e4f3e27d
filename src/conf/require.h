/* The `require` of a profile: Dashboard labels and levels. */
#ifndef CONF_REQUIRE_H
#define CONF_REQUIRE_H

#include "conf/problem.h"
#include "conf/yaml.h"
#include "model/profile.h"
#include "stripe/catalogue.h"

/* Fill `required` of the profile, whose modes are known. `node` NULL or no mapping: nothing is done. -ENOMEM.
 */
int require_read(const struct node *node, const struct catalogue *catalogue, struct profile *profile,
                 struct problems *problems);

#endif
