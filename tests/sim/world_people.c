/* What people do in a world, through the doors that the engine has for them. */
#include <string.h>

#include "world.h"

/* Somebody waits for an answer of the engine. */
struct pending {
        struct pending *next;
        struct world *world;
        size_t subject, secret;
        enum act_kind kind;
        usec_t asked;
        bool wrong_account; /* another one is declared */
};

/* A secret as Stripe has it for this name. */
static size_t new_secret(struct world *world, size_t subject, const char *profile)
{
        size_t n = world->next_secret++;

        if (n >= world->room)
                abort();
        struct sim_key *key = &world->sim->keys[n];
        sim_grant_profile(world->sim, n, profile);
        key->account = plan_account(world->plan, subject);
        key->test = plan_is_test(world->plan, subject);
        key->wording = (enum sim_wording)(n % _SIM_WORDING_MAX);
        if (plan_oddity(world->plan, key->account) == ODD_SLOW)
                key->latency = 10 * USEC_PER_SEC;
        return n;
}

static size_t new_subject(struct world *world)
{
        size_t i = world->n_subjects++;
        struct subject *s = &world->subjects[i];

        s->profile = plan_profile(world->plan, i);
        s->test = plan_is_test(world->plan, i);
        s->secret = new_secret(world, i, s->profile);
        return i;
}

static void stored(struct world *world, size_t i)
{
        struct subject *s = &world->subjects[i];

        s->stored = true;
        s->stored_at = world->sim->now;
        s->arrived = s->arrived ? s->arrived : s->stored_at;
        truth_note(world, i);
}

/* --- adding --- */

static bool import_one(struct world *world, size_t i)
{
        _cleanup_(secret_freep) struct secret *secret = sim_secret(world->sim, world->subjects[i].secret);
        _cleanup_free_ char *warning = NULL, *why = NULL;
        char name[32];
        struct key_request q = { .name = sim_name(i, name), .profile = world->subjects[i].profile };

        return engine_import(world->sim->engine, &q, secret, false, &warning, &why) >= 0;
}

static void import_keys(struct world *world, size_t n, unsigned dead_percent)
{
        _cleanup_free_ char *why = NULL;
        struct import_lines lines = { 0 };
        size_t first = world->n_subjects;

        if (engine_import_begin(world->sim->engine, &lines, &why) < 0)
                return;
        for (size_t k = 0; k < n; k++) {
                size_t i = new_subject(world);

                if (k * 100 < n * dead_percent)
                        sim_kill(world->sim, world->subjects[i].secret,
                                 k % 2 ? SIM_KEY_EXPIRED : SIM_KEY_UNKNOWN);
                if (import_one(world, i))
                        world->subjects[i].stored = true;
        }
        engine_import_end(world->sim->engine, &lines);
        bool kept = lines.error == 0;
        for (size_t i = first; i < world->n_subjects; i++) {
                if (kept && world->subjects[i].stored)
                        stored(world, i);
                else
                        world->subjects[i].stored = false;
                truth_note(world, i);
        }
}

static bool is_anything_wrong(const struct subject *s, usec_t at)
{
        return spans_cover(&s->dead, at) || spans_cover(&s->missing, at) || spans_cover(&s->blocked, at) ||
               spans_cover(&s->refused, at) || spans_cover(&s->wrong, at);
}

static void on_added(struct world *world, struct pending *p, const struct check_result *result)
{
        struct subject *s = &world->subjects[p->subject];

        if (!result->stored)
                return;
        s->wrong_account = p->wrong_account;
        stored(world, p->subject);
        if (result->outcome == OUTCOME_WELL && is_anything_wrong(s, world->sim->now))
                breach(world, LAW_SAID, "add said of merchant-%zu that all is well", p->subject);
}

static void on_answered(const struct check_result *result, void *userdata)
{
        struct pending *p = userdata;
        struct world *world = p->world;
        struct subject *s = &world->subjects[p->subject];
        usec_t now = world->sim->now;

        switch (p->kind) {
        case ACT_ADD:
                on_added(world, p, result);
                break;
        case ACT_ROTATE:
                if (!result->stored)
                        break;
                s->secret = p->secret;
                s->stored_at = now;
                s->rotations++;
                truth_note(world, p->subject);
                break;
        case ACT_CHECK:
                if (strstr(result->message, ": ."))
                        breach(world, LAW_SAID, "check said of merchant-%zu: %s", p->subject,
                               result->message);
                if (result->outcome == OUTCOME_WELL && is_anything_wrong(s, p->asked) &&
                    is_anything_wrong(s, now) && world->sim->keys[s->secret].spread_until < p->asked &&
                    s->stored)
                        breach(world, LAW_SAID, "check said of merchant-%zu that all is well", p->subject);
                if (result->outcome == OUTCOME_WELL && record_is_troubled(world, p->subject))
                        breach(world, LAW_OPEN_SAID, "check said of merchant-%zu that all is well",
                               p->subject);
                break;
        default:
                break;
        }
}

static struct pending *wait_for(struct world *world, enum act_kind kind, size_t subject, size_t secret)
{
        struct pending *p = calloc(1, sizeof(*p));

        *p = (struct pending){
                .next = world->pending,
                .world = world,
                .subject = subject,
                .secret = secret,
                .kind = kind,
                .asked = world->sim->now,
        };
        world->pending = p;
        return p;
}

/* One in four is not as it should be, and stored all the same. */
static void add(struct world *world, unsigned detail)
{
        size_t i = new_subject(world);
        struct sim_key *key = &world->sim->keys[world->subjects[i].secret];
        struct pending *p = wait_for(world, ACT_ADD, i, 0);
        _cleanup_(secret_freep) struct secret *secret = sim_secret(world->sim, world->subjects[i].secret);
        _cleanup_free_ char *why = NULL;
        char name[32];
        struct key_request q = { .name = sim_name(i, name), .profile = world->subjects[i].profile };

        q.force = detail % 4 == 0;
        p->wrong_account = q.force && detail / 4 % 3 == 0;
        if (p->wrong_account)
                q.account = "acct_ANOTHER9000";
        else if (q.force && detail / 4 % 3 == 1)
                memset(key->granted, 0, sizeof(key->granted));
        else if (q.force)
                sim_kill(world->sim, world->subjects[i].secret, SIM_KEY_UNKNOWN);
        truth_note(world, i);
        engine_add(world->sim->engine, &q, secret, on_answered, p, &why);
}

/* --- what people do about a key --- */

static void rotate(struct world *world, size_t i)
{
        size_t old = world->subjects[i].secret, new = new_secret(world, i, world->subjects[i].profile);
        struct sim_key *key = &world->sim->keys[new];
        _cleanup_(secret_freep) struct secret *secret = sim_secret(world->sim, new);
        _cleanup_free_ char *why = NULL;
        char name[32];
        struct key_request q = { .name = sim_name(i, name) };

        memcpy(key->granted, world->sim->keys[old].granted, sizeof(key->granted));
        engine_rotate(world->sim->engine, &q, secret, on_answered, wait_for(world, ACT_ROTATE, i, new), &why);
}

static void set(struct world *world, size_t i, unsigned detail)
{
        static const char *const profiles[] = { "selgeo", "stackone", "combidesk", "cleverops-readonly" };
        struct subject *s = &world->subjects[i];
        _cleanup_free_ char *why = NULL;
        char name[32];
        struct key_change change = { .expires = -1 };

        if (detail % 2)
                change.profile = profiles[detail / 2 % ELEMENTSOF(profiles)];
        else
                change.account = "acct_ANOTHER9000";
        if (engine_set(world->sim->engine, sim_name(i, name), &change, &why) < 0)
                return;
        s->sets++;
        if (change.profile)
                s->profile = change.profile;
        else
                s->wrong_account = true;
        truth_note(world, i);
}

static void pause_key(struct world *world, const struct act *act)
{
        _cleanup_free_ char *why = NULL;
        char name[32];

        if (engine_pause(world->sim->engine, sim_name(act->key, name), INT64_MAX, "asked for", &why) < 0)
                return;
        spans_put(&world->subjects[act->key].paused, true, world->sim->now);
        world->seen[SILENCE_PAUSED]++;
        if (act->span)
                act_later(world, world->sim->now + act->span, act, act->key, true);
}

void people_resume(struct world *world, size_t i)
{
        _cleanup_free_ char *why = NULL;
        char name[32];

        if (engine_resume(world->sim->engine, sim_name(i, name), &why) >= 0)
                spans_put(&world->subjects[i].paused, false, world->sim->now);
}

/* By somebody, so that each is told: more than the journal takes within a minute. */
void people_label(struct world *world)
{
        struct label label = { "region", "eu" };
        struct key_change change = { .expires = -1, .labels = &label, .n_labels = 1 };
        size_t done = 0;
        char name[32];

        for (size_t i = 0; i < world->n_subjects && done < 150; i++) {
                _cleanup_free_ char *why = NULL;

                engine_acting(world->sim->engine, 1000);
                done += world->subjects[i].stored &&
                        engine_set(world->sim->engine, sim_name(i, name), &change, &why) >= 0;
        }
}

static void check_key(struct world *world, size_t i, unsigned detail)
{
        _cleanup_free_ char *why = NULL;
        char name[32];

        engine_check(world->sim->engine, sim_name(i, name), detail % 2 ? CHECK_FULL : CHECK_PULSE,
                     on_answered, wait_for(world, detail % 2 ? ACT_CHECK : _ACT_MAX, i, 0), &why);
}

static void remove_key(struct world *world, size_t i)
{
        _cleanup_free_ char *why = NULL;
        char name[32];

        if (engine_remove(world->sim->engine, sim_name(i, name), true, &why) < 0)
                return;
        world->subjects[i].stored = false;
        truth_note(world, i);
}

/* --- what people do about the daemon --- */

static void restart(struct world *world, const struct act *act)
{
        spans_put(&world->down, true, world->sim->now);
        sim_restart(world->sim, act->kind == ACT_KILL, act->span);
        spans_put(&world->down, false, world->sim->now);
        world->round_since = world->sim->now;
}

static void require(struct conf *conf, const char *profile, const char *label)
{
        size_t i;
        unsigned row;

        if (profiles_find(conf->profiles, profile, &i) < 0 ||
            catalogue_find_label(conf->catalogue, label, &row) < 0)
                abort();
        struct profile *p = conf->profiles->list[i];
        p->required = reallocarray(p->required, p->n_required + 1, sizeof(*p->required));
        p->required[p->n_required++] = (struct requirement){ row, LEVEL_READ, strdup(label) };
}

static void reload(struct world *world, unsigned detail)
{
        struct sim *sim = world->sim;
        _cleanup_(problems_clearp) struct problems problems = { 0 };
        _cleanup_(conf_freep) struct conf *conf = NULL;
        _cleanup_free_ char *why = NULL;

        if (conf_load(NULL, &conf, &problems) < 0)
                abort();
        for (size_t i = 0; i < conf->profiles->n; i++) {
                struct profile *p = conf->profiles->list[i];

                p->pulse = sim->conf->profiles->list[i]->pulse;
                if (detail % 3 == 0 && p->pulse < 30 * MINUTE)
                        p->pulse *= 2;
                world->longest_pulse = MAX(world->longest_pulse, p->pulse);
        }
        if (detail % 3 == 1)
                require(conf, "stackone", "Invoices");
        if (detail % 3 == 2) {
                free(conf->settings.stripe.api_base);
                conf->settings.stripe.api_base = strdup("https://api.example.com");
        }
        if (engine_reconfigure(sim->engine, &conf->settings, conf->catalogue, conf->profiles, &why) < 0)
                return;
        struct conf *old = sim->conf;
        sim->conf = TAKE(conf);
        conf = old;
        truth_note_all(world);
}

static void acknowledge(struct world *world, unsigned detail)
{
        _cleanup_free_ char *why = NULL;
        int64_t id = record_open_incident(world, detail);

        if (id > 0 &&
            engine_acknowledge(world->sim->engine, id, "seen",
                               world->sim->clock.wall(&world->sim->clock) + SEC_PER_DAY, 0, &why) >= 0)
                world->seen[SILENCE_ACKNOWLEDGED]++;
}

void people_perform(struct world *world, const struct act *act)
{
        switch (act->kind) {
        case ACT_ADD:
                add(world, act->detail);
                break;
        case ACT_IMPORT:
                import_keys(world, act->share, act->detail % 3 ? 0 : 30);
                break;
        case ACT_PAUSE:
                pause_key(world, act);
                break;
        case ACT_RESUME:
                people_resume(world, act->key);
                break;
        case ACT_CHECK:
                check_key(world, act->key, act->detail);
                break;
        case ACT_PLUGIN:
                said_judge(world);
                break;
        case ACT_ACK:
                acknowledge(world, act->detail);
                break;
        case ACT_ROTATE:
                rotate(world, act->key);
                break;
        case ACT_SET:
                set(world, act->key, act->detail);
                break;
        case ACT_REMOVE:
                remove_key(world, act->key);
                break;
        case ACT_RELOAD:
                reload(world, act->detail);
                break;
        default:
                restart(world, act);
        }
}

void world_settle(struct world *world)
{
        import_keys(world, world->plan->keys, 0);
        sim_run(world->sim, HOUR + world->longest_pulse);
}

void people_free(struct world *world)
{
        for (struct pending *p = world->pending, *next; p; p = next) {
                next = p->next;
                free(p);
        }
}
