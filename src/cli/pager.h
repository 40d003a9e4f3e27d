/* Long tables go through the pager on a terminal. */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include "cli/cli.h"

/* Standard output goes through $PAGER (less, if it is not set; none, if it is empty) from now on, if it is a
 * terminal. What fits on the screen is shown without it. */
void pager_begin(const struct cli *cli);

/* Wait until it was read to its end. */
void pager_end(void);

#endif
