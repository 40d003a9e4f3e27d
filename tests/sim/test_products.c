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

/* --- what is really too much, worked out anew --- */

static enum level asked_level(const struct permission *p)
{
        if (p->gated)
                return LEVEL_NONE;
        return permission_probe(p, LEVEL_WRITE, true)  ? LEVEL_WRITE
               : permission_probe(p, LEVEL_READ, true) ? LEVEL_READ
                                                       : LEVEL_NONE;
}

/* Does a permission that the key is seen to have bring this one with it, or make it none that can be told? */
static bool is_explained(const struct conf *conf, const struct profile *profile, const struct permission *p,
                         enum level level)
{
        /* These two are told with what brings them, unless that is wanted. */
        bool moves_out = strcmp(p->name, "payout") == 0 || strcmp(p->name, "transfer") == 0;

        for (size_t i = 0; i < p->n_implied_by; i++)
                if (asked_level(&conf->catalogue->rows[p->implied_by[i]]) >= level &&
                    (level == LEVEL_READ || p->implied_write) &&
                    (!moves_out || profile_requires(profile, p->implied_by[i]) >= level))
                        return true;
        for (size_t i = 0; i < p->n_excused_by; i++)
                if (profile_requires(profile, p->excused_by[i]) >= level)
                        return true;
        return false;
}

static int text_compare(const void *a, const void *b)
{
        return strcmp(a, b);
}

/* All the names of a list, in order; " coupon_read invoice_read". */
static char *in_order(const char *list)
{
        static char ordered[16384];
        char names[256][80], *copy = strdup(list), *rest = copy, *name;
        size_t n = 0, used = 0;

        while ((name = strsep(&rest, " \n")) && n < ELEMENTSOF(names))
                if (*name)
                        snprintf(names[n++], sizeof(names[0]), "%s", name);
        qsort(names, n, sizeof(names[0]), text_compare);
        ordered[0] = '\0';
        for (size_t i = 0; i < n; i++)
                used += (size_t) snprintf(ordered + used, sizeof(ordered) - used, " %s", names[i]);
        free(copy);
        return ordered;
}

static char *true_excess(const struct sim *sim, const char *name)
{
        const struct conf *conf = sim->conf;
        char list[16384] = "";
        size_t index, used = 0;

        check(sim, profiles_find(conf->profiles, name, &index) == 0);
        const struct profile *profile = conf->profiles->list[index];
        for (unsigned row = 0; row < conf->catalogue->n; row++) {
                const struct permission *p = &conf->catalogue->rows[row];
                enum level level = asked_level(p);

                if (level > profile_requires(profile, row) && !is_explained(conf, profile, p, level))
                        used += (size_t) snprintf(list + used, sizeof(list) - used, " %s_%s", p->name,
                                                  level_name(level));
        }
        return strdup(in_order(list));
}

static char *field_of(const struct sim *sim, const struct sim_entry *entry, const char *field)
{
        const char *at = entry ? strstr(entry->fields, field) : NULL;

        check(sim, at != NULL);
        at += strlen(field);
        return strndup(at, strcspn(at, "\n"));
}

/* Row by row: each that is too much is in the list, and nothing else. */
static void check_excess(const struct sim *sim, size_t key, const char *wanted)
{
        char *told =
                field_of(sim, sim_last(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, (long) key), "KEYVIGIL_EXCESS=");
        const char *ordered = in_order(told);

        if (strcmp(ordered, wanted) != 0)
                fail_msg("key %zu\n told:%s\n true:%s", key, ordered, wanted);
        free(told);
}

static void check_calm(const struct sim *sim)
{
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 0);
        check(sim, in_state(sim, STATE_HEALTHY) == sim->options.keys);
}

static void absent_products_are_no_news(void **state)
{
        size_t keys = 200;
        struct sim *sim = begin(keys, NULL);
        char *wanted = true_excess(sim, "selgeo");

        (void) state;
        grant_all(sim);
        sim_run(sim, 20 * DAY);
        check(sim, gates_met > keys * 10);
        check_calm(sim);
        for (size_t i = 0; i < keys; i++)
                check_excess(sim, i, wanted);

        sim_run(sim, DAY);
        check_calm(sim);
        retired = "dispute"; /* among all that, one endpoint is really gone */
        sim_run(sim, 7 * DAY);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 1);
        check(sim, strstr(sim_last(sim, INCIDENT_CATALOGUE_STALE, -1)->fields, "dispute_") != NULL);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 0);
        for (size_t i = 0; i < keys; i++)
                check_excess(sim, i, wanted);
        free(wanted);
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
