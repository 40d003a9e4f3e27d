/* The acts of a plan happen to Stripe's keys, and end again. */
#include <string.h>

#include "world.h"

void act_later(struct world *world, usec_t at, const struct act *act, size_t subject, bool ends)
{
        if (world->n_todo == world->todo_room) {
                world->todo_room = MAX(64, world->todo_room * 2);
                world->todo = reallocarray(world->todo, world->todo_room, sizeof(*world->todo));
        }
        world->todo[world->n_todo++] = (struct todo){ at, act, subject, ends };
}

static struct sim_key *stripes(struct world *world, size_t subject)
{
        return &world->sim->keys[world->subjects[subject].secret];
}

/* --- what becomes of Stripe's keys --- */

static void kill_many(struct world *world, const struct act *act)
{
        for (size_t i = 0; i < world->n_subjects; i++) {
                usec_t wait = act->span ? sim_random(world->sim, act->span) : 0;

                if (act_reaches(act, plan_account(world->plan, i)))
                        act_later(world, world->sim->now + wait, act, i, false);
        }
}

static void die_now(struct world *world, size_t i, unsigned detail)
{
        struct sim_key *key = stripes(world, i);

        if (key->life != SIM_KEY_EXPIRED && key->life != SIM_KEY_UNKNOWN)
                sim_kill(world->sim, world->subjects[i].secret,
                         detail % 2 ? SIM_KEY_EXPIRED : SIM_KEY_UNKNOWN);
        truth_note(world, i);
}

static void live_as(struct world *world, const struct act *act, enum sim_life life)
{
        struct sim_key *key = stripes(world, act->key);

        if (key->life != SIM_ALIVE)
                return;
        key->life = life;
        truth_note(world, act->key);
        if (act->span)
                act_later(world, world->sim->now + act->span, act, act->key, true);
}

static void permit(struct world *world, const struct act *act, bool granted)
{
        const struct profiles *profiles = world->sim->conf->profiles;
        size_t index;

        if (profiles_find(profiles, world->subjects[act->key].profile, &index) < 0 ||
            profiles->list[index]->n_required == 0)
                return;
        const struct profile *p = profiles->list[index];
        const struct requirement *r = &p->required[act->detail % p->n_required];
        const struct permission *rows = world->sim->conf->catalogue->rows;
        if (act_retires(world->plan, rows[r->row].name))
                return;
        for (unsigned row = 0; row < world->sim->conf->catalogue->n;
             row++) /* two rows may share an endpoint */
                if (row == r->row ||
                    (r->level == LEVEL_READ && rows[row].read.path && rows[r->row].read.path &&
                     strcmp(rows[row].read.path, rows[r->row].read.path) == 0))
                        stripes(world, act->key)->granted[row][r->level == LEVEL_WRITE] = granted;
        truth_note(world, act->key);
}

static void exceed(struct world *world, const struct act *act, bool granted)
{
        unsigned row = act->detail % (unsigned) world->sim->conf->catalogue->n;

        if (!sim_is_granted(world->sim, stripes(world, act->key), row, LEVEL_READ) || !granted)
                stripes(world, act->key)->granted[row][0] = granted;
}

static void refuse_all(struct world *world, const struct act *act, bool refused)
{
        static const char *const labels[] = { "Customers", "Charges", "Coupons", "Invoices" };
        unsigned row;

        if (catalogue_find_label(world->sim->conf->catalogue, labels[act->detail % ELEMENTSOF(labels)],
                                 &row) < 0)
                abort();
        world->sim->refused[row][0] = world->sim->refused[row][1] = refused;
        truth_note_all(world);
}

/* --- all of them --- */

static void perform_on_key(struct world *world, const struct act *act)
{
        switch (act->kind) {
        case ACT_REVOKE_SPREADING:
                stripes(world, act->key)->spread_until = world->sim->now + act->span;
                die_now(world, act->key, act->detail);
                break;
        case ACT_REVOKE:
                die_now(world, act->key, act->detail);
                break;
        case ACT_BLOCK:
                live_as(world, act, SIM_KEY_BLOCKED);
                break;
        case ACT_REFUSE:
                live_as(world, act, SIM_KEY_REFUSED);
                break;
        case ACT_TAKE:
        case ACT_EXCEED:
                act->kind == ACT_TAKE ? permit(world, act, false) : exceed(world, act, true);
                if (act->span)
                        act_later(world, world->sim->now + act->span, act, act->key, true);
                break;
        default:
                break;
        }
}

void act_perform(struct world *world, const struct act *act)
{
        world->seen[act->kind]++;
        switch (act->kind) {
        case ACT_REVOKE_MANY:
                kill_many(world, act);
                break;
        case ACT_TAKE_ALL:
                refuse_all(world, act, true);
                if (act->span)
                        act_later(world, world->sim->now + act->span, act, 0, true);
                break;
        case ACT_SILENCE:
                sim_silence(world->sim);
                break;
        case ACT_LABELS:
                people_label(world);
                break;
        case ACT_RETIRE: /* world_fault() sees to it */
                break;
        case ACT_JUMP:
                world->sim->wall_offset += (int64_t) act->share - 3600;
                break;
        case ACT_JOURNAL:
                world->seen[SILENCE_JOURNAL]++;
                world->sim->journal_down = true;
                spans_put(&world->unjournalled, true, world->sim->now);
                act_later(world, world->sim->now + act->span, act, 0, true);
                break;
        default:
                if (act->kind >= ACT_ADD)
                        people_perform(world, act);
                else
                        perform_on_key(world, act);
        }
}

void act_end(struct world *world, const struct todo *todo)
{
        const struct act *act = todo->act;

        if (!todo->ends) {
                die_now(world, todo->subject, act->detail + (unsigned) todo->subject);
                return;
        }
        switch (act->kind) {
        case ACT_BLOCK:
        case ACT_REFUSE:
                if (stripes(world, act->key)->life == SIM_KEY_BLOCKED ||
                    stripes(world, act->key)->life == SIM_KEY_REFUSED)
                        sim_revive(world->sim, world->subjects[act->key].secret);
                truth_note(world, act->key);
                break;
        case ACT_TAKE:
                permit(world, act, true);
                break;
        case ACT_EXCEED:
                exceed(world, act, false);
                break;
        case ACT_TAKE_ALL:
                refuse_all(world, act, false);
                break;
        case ACT_PAUSE:
                people_resume(world, act->key);
                break;
        case ACT_JOURNAL:
                world->sim->journal_down = false;
                spans_put(&world->unjournalled, false, world->sim->now);
                break;
        default:
                break;
        }
}
