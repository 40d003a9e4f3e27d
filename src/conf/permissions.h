/* permissions.yaml: the catalogue of permissions. */
#ifndef CONF_PERMISSIONS_H
#define CONF_PERMISSIONS_H

#include "conf/problem.h"
#include "conf/yaml.h"
#include "stripe/catalogue.h"

/* Why a level that the file does not give cannot be probed (struct probe, why_not). */
#define NO_SUCH_LEVEL "there is no such level of this permission"

/* Make a catalogue of a file's tree; `slot` of the rows is their own number until the store says otherwise.
 * -EBADMSG: something is wrong with it, see `problems`; -ENOMEM. */
int permissions_read(const struct node *root, struct problems *problems, struct catalogue **ret);

#endif
