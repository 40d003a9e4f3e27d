/* Merchants without Issuing, Treasury, Identity, Climate, Forwarding and Connect: what they are answered is
 * no sign of a retired endpoint, no lack and no excess. */
#include "check.h"
#include "engine/watch/watch.h"

static const char *retired; /* the row whose endpoint is gone; NULL: none */
static unsigned gates_met;

static enum sim_fault without_products(struct sim *sim, struct sim_key *key)
{
        const struct permission *row = sim->asked ? &sim->conf->catalogue->rows[sim->asked->row] : NULL;

        (void) key;
        if (!row)
                return SIM_NONE;
        if (retired && strcmp(row->name, retired) == 0)
                return SIM_UNRECOGNIZED;
        if (!row->gated)
                return SIM_NONE;
        gates_met++;
        return strcmp(row->gated, "treasury") == 0 ? SIM_UNRECOGNIZED : SIM_NO_PRODUCT;
}

static struct sim *begin(size_t keys, const char *profile)
{
        struct sim_options options = { .seed = first_seed(), .keys = keys, .profile = profile };
        struct sim *sim = sim_new(&options);

        retired = NULL;
        gates_met = 0;
        sim->fault = without_products;
        return sim;
}

static void grant_all(struct sim *sim)
{
        for (size_t i = 0; i < sim->options.keys; i++)
                for (size_t row = 0; row < SLOTS_MAX; row++)
                        sim->keys[i].granted[row][0] = sim->keys[i].granted[row][1] = true;
}

static bool names(const char *list, const char *name, enum level level)
{
        char id[96];

        snprintf(id, sizeof(id), "%s_%s", name, level_name(level));
        for (const char *at = list; (at = strstr(at, id)); at++)
                if ((at[-1] == ' ' || at[-1] == '=') && strchr(" \n", at[strlen(id)]))
                        return true;
        return false;
}

/* Does the latest list of what is too much name a row of a product that nobody has? */
static bool names_gated(const struct sim *sim, size_t key)
{
        const struct sim_entry *told = sim_last(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, (long) key);

        for (size_t row = 0; told && row < sim->conf->catalogue->n; row++) {
                const struct permission *p = &sim->conf->catalogue->rows[row];

                if (p->gated &&
                    (names(told->fields, p->name, LEVEL_READ) || names(told->fields, p->name, LEVEL_WRITE)))
                        return true;
        }
        return false;
}

static void absent_products_are_no_news(void **state)
{
        size_t keys = long_form() ? 200 : 40;
        struct sim *sim = begin(keys, NULL);

        (void) state;
        grant_all(sim);
        sim_run(sim, 14 * DAY);
        check(sim, gates_met > keys * 10);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 0);
        check(sim, in_state(sim, STATE_HEALTHY) == keys);
        check(sim, sim_last(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, 0) != NULL);
        for (size_t i = 0; i < keys; i++)
                check(sim, !names_gated(sim, i));

        retired = "dispute"; /* among all that, one endpoint is really gone */
        sim_run(sim, 7 * DAY);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 1);
        check(sim, strstr(sim_last(sim, INCIDENT_CATALOGUE_STALE, -1)->fields, "dispute_") != NULL);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 0);
        sim_free(sim);
}

/* One account in three lacks something in words that no rule knows: the endpoint is there all the same. */
static enum sim_fault unknown_words(struct sim *sim, struct sim_key *key)
{
        return sim->asked && key->account % 3 == 0 &&
                               strcmp(sim->conf->catalogue->rows[sim->asked->row].name, "invoice") == 0
                       ? SIM_UNRECOGNIZED
                       : SIM_NONE;
}

static void a_third_of_the_accounts_is_no_endpoint(void **state)
{
        struct sim *sim = begin(30, NULL);

        (void) state;
        sim_run(sim, 2 * DAY);
        sim->fault = unknown_words;
        sim_run(sim, 10 * DAY);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 0);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(absent_products_are_no_news),
                cmocka_unit_test(a_third_of_the_accounts_is_no_endpoint),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
