/* One harmless event through everything that events go through. */
#include "engine/incidents/incidents.h"
#include "engine/operations.h"
#include "engine/state.h"

void engine_test_alert(struct engine *e)
{
        struct notice notice = { .kind = INCIDENT_TEST_ALERT };

        event_emit(e, NULL, &notice, engine_wall(e));
}
