/* A look at every key that no turn of the loop is long enough for. */
#include "engine/keys/keys.h"

/* Keys that are looked at before the sockets have their turn again. */
#define WALK_SLICE 500

static void walk_on_alarm(struct alarm *alarm, void *userdata)
{
        struct keys_walk *walk = CONTAINER_OF(alarm, struct keys_walk, alarm);
        struct engine *e = userdata;
        size_t next = engine_keys_after(e, walk->last_id);

        for (size_t n = 0; n < WALK_SLICE && next < e->n_keys; n++, next++) {
                walk->last_id = e->keys[next]->id;
                walk->visit(e, e->keys[next]);
        }
        if (next < e->n_keys)
                agenda_set(e->agenda, alarm, engine_now(e) + 1); /* behind what is due already */
}

void keys_walk_begin(struct engine *e, struct keys_walk *walk,
                     void (*visit)(struct engine *e, struct key *key))
{
        walk->alarm.ring = walk_on_alarm;
        walk->last_id = 0;
        walk->visit = visit;
        agenda_set(e->agenda, &walk->alarm, engine_now(e));
}

bool keys_walk_goes_on(const struct keys_walk *walk)
{
        return alarm_waits(&walk->alarm);
}
