#include "control/turn.h"

#include "base/looptime.h"
#include "base/usec.h"
#include "control/import.h"
#include "control/server.h"
#include "control/visit.h"

#define TURN_MAX (15 * USEC_PER_MSEC)

int turn_arm(struct server *server)
{
        MHD_UNSIGNED_LONG_LONG milliseconds = 0;
        int r;

        if (server->n_rest == 0 && MHD_get_timeout(server->mhd, &milliseconds) == MHD_NO)
                return sd_event_source_set_enabled(server->timer, SD_EVENT_OFF);
        r = sd_event_source_set_time_relative(server->timer, milliseconds * USEC_PER_MSEC);
        return r < 0 ? r : sd_event_source_set_enabled(server->timer, SD_EVENT_ONESHOT);
}

static void rest_over(struct visit *visit)
{
        visit->rests = false;
        visit->server->n_rest--;
        MHD_resume_connection(visit->connection);
}

static void go_on(struct server *server)
{
        for (struct visit *visit = server->control->visits; visit && server->n_rest > 0; visit = visit->next)
                if (visit->server == server && visit->rests && !import_more(visit->import))
                        rest_over(visit);
}

/* A list is made block by block, and one block a turn would leave it waiting for all that goes on meanwhile:
 * while there is more to send at once, it goes on for a few milliseconds, and then all others have their
 * turn. */
int turn_run(void *userdata)
{
        struct server *server = userdata;
        usec_t until = looptime_now() + TURN_MAX;
        MHD_UNSIGNED_LONG_LONG milliseconds;

        go_on(server);
        do
                (void) MHD_run(server->mhd);
        while (MHD_get_timeout(server->mhd, &milliseconds) == MHD_YES && milliseconds == 0 &&
               looptime_now() < until);
        return turn_arm(server);
}

int turn_on_io(sd_event_source *source, int fd, uint32_t revents, void *server)
{
        (void) source;
        (void) fd;
        (void) revents;
        return turn_run(server);
}

int turn_on_time(sd_event_source *source, uint64_t usec, void *server)
{
        (void) source;
        (void) usec;
        return turn_run(server);
}

static void run_soon(struct server *server)
{
        (void) sd_event_source_set_time_relative(server->timer, 0);
        (void) sd_event_source_set_enabled(server->timer, SD_EVENT_ONESHOT);
}

void turn_wake(struct visit *visit)
{
        MHD_resume_connection(visit->connection);
        run_soon(visit->server);
}

void turn_rest(struct visit *visit)
{
        visit->rests = true;
        visit->server->n_rest++;
        MHD_suspend_connection(visit->connection);
        run_soon(visit->server);
}

void turn_last(struct server *server)
{
        server->stops = true;
        for (struct visit *visit = server->control->visits; visit && server->n_rest > 0; visit = visit->next)
                if (visit->server == server && visit->rests)
                        rest_over(visit);
}
