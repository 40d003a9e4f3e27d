#include <errno.h>
#include <stdio.h>

#include "base/memory.h"
#include "daemon/manager.h"

static void add_states(FILE *to, const struct engine_status *status)
{
        const char *before = ": ";

        for (int i = 0; i < _STATE_MAX; i++)
                if (status->by_state[i] > 0) {
                        fprintf(to, "%s%zu %s", before, status->by_state[i], state_name((enum state) i));
                        before = ", ";
                }
}

int status_line(const struct engine_status *status, char **ret)
{
        char *line = NULL;
        size_t size;
        FILE *to = memory_stream(&line, &size);

        if (!to)
                return -ENOMEM;
        fprintf(to, "Watching %zu key%s", status->keys, status->keys == 1 ? "" : "s");
        add_states(to, status);
        fprintf(to, "; %zu overdue, %zu in flight", status->overdue, status->in_flight);
        if (status->suspects > 0)
                fprintf(to, "; %zu in doubt", status->suspects);
        if (status->outage)
                fprintf(to, "; Stripe cannot be reached");
        if (status->store_trouble)
                fprintf(to, "; the database cannot be written");
        if (status->unsent > 0)
                fprintf(to, "; %zu events wait for the journal", status->unsent);
        if (status->master_beside_store)
                fprintf(to, "; master key beside the database");
        if (fclose(to) != 0)
                return -ENOMEM;
        *ret = line;
        return 0;
}
