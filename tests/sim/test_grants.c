/* Every built-in profile against keys that have exactly what it needs, one less, one more, all, and none:
 * what is told must be exactly the difference, however Stripe words its refusals. What the profiles need is
 * written down here once more, from the guides that they come from; what comes with a permission by itself is
 * in sim.c, and what each is worth is taken from the catalogue. */
#include "check.h"
#include "engine/people/people.h"

struct guide {
        const char *profile;
        enum excess_rule excess;
        const char *required[12];
};

static const struct guide guides[] = {
        { "selgeo",
          EXCESS_REPORT,
          { "checkout_session_read", "charge_read", "balance_transaction_source_read", "customer_read",
            "invoice_read", "promotion_code_write", "coupon_write", "webhook_write" } },
        { "combidesk", /* charges and refunds are one permission */
          EXCESS_REPORT,
          { "balance_read", "balance_transaction_source_read", "charge_read", "customer_read", "invoice_read",
            "payment_intent_read", "payout_read", "product_read", "plan_read", "credit_note_read" } },
        { "stackone", EXCESS_ALLOW, { "customer_read" } },
        { "cleverops-readonly", EXCESS_WRITES, { NULL } },
        { "keybrake-refunds", EXCESS_REPORT, { "payment_intent_read", "customer_read", "charge_write" } },
        { "keybrake-reconciliation",
          EXCESS_REPORT,
          { "charge_read", "payment_intent_read", "customer_read", "invoice_read",
            "balance_transaction_source_read", "event_read", "payout_read" } },
        { "keybrake-catalog", EXCESS_REPORT, { "product_write", "plan_write" } },
};

/* "charge_read" */
static void id_split(const struct sim *sim, const char *id, unsigned *ret_row, enum level *ret_level)
{
        const char *end = strrchr(id, '_');
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int) (end - id), id);
        assert_int_equal(catalogue_find(sim->conf->catalogue, name, ret_row), 0);
        *ret_level = strcmp(end, "_write") == 0 ? LEVEL_WRITE : LEVEL_READ;
}

static enum level guide_level(const struct sim *sim, const struct guide *guide, unsigned row)
{
        enum level level = LEVEL_NONE, one;
        unsigned of;

        for (size_t i = 0; i < ELEMENTSOF(guide->required) && guide->required[i]; i++) {
                id_split(sim, guide->required[i], &of, &one);
                if (of == row)
                        level = MAX(level, one);
        }
        return level;
}

static void give(struct sim_key *key, unsigned row, enum level level, bool granted)
{
        if (granted || level == LEVEL_READ)
                key->granted[row][0] = granted;
        if (!granted || level == LEVEL_WRITE)
                key->granted[row][1] = granted && level == LEVEL_WRITE;
}

static void give_guide(const struct sim *sim, const struct guide *guide, struct sim_key *key)
{
        enum level level;
        unsigned row;

        memset(key->granted, 0, sizeof(key->granted));
        for (size_t i = 0; i < ELEMENTSOF(guide->required) && guide->required[i]; i++) {
                id_split(sim, guide->required[i], &row, &level);
                give(key, row, level, true);
        }
}

static bool is_probed(const struct sim *sim, unsigned row, enum level level)
{
        return permission_probe(&sim->conf->catalogue->rows[row], level, true) != NULL;
}

/* One request tells of the balance and of its transactions, in the name of the latter. */
static bool is_named(const struct sim *sim, unsigned row, const char *name)
{
        return strcmp(sim->conf->catalogue->rows[row].name, name) == 0;
}

/* So who has the balance is not told to lack its transactions. */
static bool is_excused(const struct sim *sim, const struct sim_key *key, unsigned row)
{
        unsigned balance;

        return is_named(sim, row, "balance_transaction_source") &&
               catalogue_find(sim->conf->catalogue, "balance", &balance) == 0 && key->granted[balance][0];
}

/* The keys: 0 has exactly what is needed, 1 all, 2 none; then one less of each (for write also only read),
 * then one more of each. Gives how many there are. */
static size_t variants_make(struct sim *sim, const struct guide *guide, enum sim_wording wording,
                            unsigned every)
{
        const struct catalogue *catalogue = sim->conf->catalogue;
        size_t n = 3, more = 0;
        enum level level;
        unsigned row;

        for (size_t i = 0; i < sim->options.keys; i++) {
                sim->keys[i].wording = wording;
                give_guide(sim, guide, &sim->keys[i]);
        }
        for (row = 0; row < catalogue->n; row++) {
                give(&sim->keys[1], row, LEVEL_WRITE, true);
                give(&sim->keys[2], row, LEVEL_READ, false);
        }
        for (size_t i = 0; i < ELEMENTSOF(guide->required) && guide->required[i]; i++) {
                id_split(sim, guide->required[i], &row, &level);
                give(&sim->keys[n++], row, LEVEL_READ, false);
                if (level == LEVEL_WRITE)
                        give(&sim->keys[n++], row, LEVEL_WRITE, false);
                if (level == LEVEL_WRITE)
                        sim->keys[n - 1].granted[row][0] = true;
        }
        for (row = 0; row < catalogue->n; row++)
                for (level = LEVEL_READ; level <= LEVEL_WRITE; level++)
                        if (level > guide_level(sim, guide, row) && is_probed(sim, row, level) &&
                            !is_named(sim, row, "balance") && more++ % every == 0)
                                give(&sim->keys[n++], row, level, true);
        assert_true(n <= sim->options.keys);
        return n;
}

/* --- what must be told of a key --- */

struct wanted {
        char missing[512], excess[8192];
        bool writes;
        enum risk worst;
};

static void word_add(char *text, size_t size, const char *name, enum level level)
{
        size_t used = strlen(text);

        snprintf(text + used, size - used, "%s%s_%s", used ? " " : "", name, level_name(level));
}

static void want_missing(const struct sim *sim, const struct guide *guide, const struct sim_key *key,
                         struct wanted *wanted)
{
        enum level level;
        unsigned row;

        for (size_t i = 0; i < ELEMENTSOF(guide->required) && guide->required[i]; i++) {
                id_split(sim, guide->required[i], &row, &level);
                if (!sim_is_granted(sim, key, row, level) && !is_excused(sim, key, row))
                        word_add(wanted->missing, sizeof(wanted->missing),
                                 sim->conf->catalogue->rows[row].name, level);
        }
}

/* Would the key have it without its own right? Payouts and transfers count as such only if what is required
 * would bring them. */
static bool is_added(const struct sim *sim, const struct guide *guide, const struct sim_key *key,
                     unsigned row, enum level level)
{
        struct sim_key without = *key;

        if (is_named(sim, row, "payout") || is_named(sim, row, "transfer"))
                give_guide(sim, guide, &without);
        give(&without, row, LEVEL_READ, false);
        return sim_is_granted(sim, &without, row, level);
}

static enum level want_level(const struct sim *sim, const struct guide *guide, const struct sim_key *key,
                             unsigned row)
{
        enum level level = LEVEL_NONE;

        for (enum level l = LEVEL_READ; l <= LEVEL_WRITE; l++)
                if (is_probed(sim, row, l) && sim_is_granted(sim, key, row, l))
                        level = l;
        if (level <= guide_level(sim, guide, row) || is_added(sim, guide, key, row, level) ||
            guide->excess == EXCESS_ALLOW || (guide->excess == EXCESS_WRITES && level != LEVEL_WRITE))
                return LEVEL_NONE;
        return level;
}

static void want_excess(const struct sim *sim, const struct guide *guide, const struct sim_key *key,
                        struct wanted *wanted)
{
        const struct catalogue *catalogue = sim->conf->catalogue;

        wanted->worst = RISK_LOW;
        for (int risk = 0; risk < _RISK_MAX; risk++)
                for (unsigned row = 0; row < catalogue->n; row++) {
                        enum level level = want_level(sim, guide, key, row);

                        if ((int) catalogue->rows[row].risk != risk || level == LEVEL_NONE)
                                continue;
                        word_add(wanted->excess, sizeof(wanted->excess), catalogue->rows[row].name, level);
                        wanted->writes = wanted->writes || level == LEVEL_WRITE;
                        wanted->worst = MIN(wanted->worst, catalogue->rows[row].risk);
                }
}

/* --- what was told --- */

static void check_value(const struct sim *sim, size_t i, const struct sim_entry *entry, const char *name,
                        const char *value)
{
        const char *at = entry ? strstr(entry->fields, name) : NULL;
        size_t n = strlen(value);

        if ((!entry && n == 0) ||
            (at && strncmp(at + strlen(name), value, n) == 0 && at[strlen(name) + n] == '\n'))
                return;
        fprintf(stderr, "profile %s, key %zu: wanted %s%s, told\n%s\n", sim->options.profile, i, name, value,
                entry ? entry->fields : "nothing");
        fail();
}

/* All entries of this kind about the key are about one incident. */
static void check_one(const struct sim *sim, size_t i, enum incident_kind kind)
{
        const struct sim_entry *last = sim_last(sim, kind, (long) i);
        char name[32];

        sim_name(i, name);
        for (size_t k = 0; k < sim->n_entries; k++)
                if (strcmp(sim->entries[k].message_id, incident_kind_message_id(kind)) == 0 &&
                    strcmp(sim->entries[k].key, name) == 0)
                        check(sim, strcmp(sim->entries[k].incident, last->incident) == 0);
}

static void check_key(const struct sim *sim, const struct guide *guide, size_t i)
{
        const struct sim_entry *missing = sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, (long) i);
        const struct sim_entry *excess = sim_last(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, (long) i);
        struct wanted wanted = { .writes = false };
        bool reads_only = true;

        want_missing(sim, guide, &sim->keys[i], &wanted);
        want_excess(sim, guide, &sim->keys[i], &wanted);
        for (size_t k = 0; k < ELEMENTSOF(guide->required) && guide->required[k]; k++)
                reads_only = reads_only && !strstr(guide->required[k], "_write");
        check_value(sim, i, missing, "\nKEYVIGIL_MISSING=", wanted.missing);
        check_value(sim, i, excess, "\nKEYVIGIL_EXCESS=", wanted.excess);
        check_one(sim, i, INCIDENT_KEY_PERMISSIONS_MISSING);
        check_one(sim, i, INCIDENT_KEY_PERMISSIONS_EXCESS);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, (long) i) == (missing ? 1 : 0));
        if (!excess)
                return;
        bool serious = wanted.worst <= RISK_PERSONAL || (reads_only && wanted.writes);
        check(sim, excess->priority == (serious ? 4 : 5));
        check_value(sim, i, excess, "\nKEYVIGIL_REASON=", risk_name(wanted.worst));
}

static void try_guide(const struct guide *guide, enum sim_wording wording, unsigned every)
{
        struct sim_options options = { .seed = first_seed(),
                                       .keys = every > 1 ? 32 : 128,
                                       .profile = guide->profile };
        struct sim *sim = sim_new(&options);
        size_t n = variants_make(sim, guide, wording, every), degraded = 0;

        sim_run(sim,
                HOUR + 110 * key_pulse(sim->engine, sim->engine->keys[0])); /* everything was asked once */
        for (size_t i = 0; i < n; i++) {
                check_key(sim, guide, i);
                degraded += sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, (long) i) != NULL;
        }
        check(sim, in_state(sim, STATE_DEGRADED) == degraded);
        check(sim, in_state(sim, STATE_HEALTHY) == options.keys - degraded);
        check(sim, told_of_keys(sim) == sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) +
                                                sim_count(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, -1));
        check(sim, sim_cleared(sim, -1, -1) == 0);
        printf("# %s, wording %d: %zu keys, %zu lack something, %llu requests\n", guide->profile,
               (int) wording, n, degraded, (unsigned long long) sim->requests);
        sim_free(sim);
}

static void profiles_against_keys(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(guides); i++)
                try_guide(&guides[i], SIM_2026, 1);
}

static void whatever_the_wording(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(guides); i++)
                for (int wording = SIM_2026 + 1; wording < _SIM_WORDING_MAX; wording++)
                        try_guide(&guides[i], (enum sim_wording) wording, long_form() ? 1 : 7);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(profiles_against_keys),
                cmocka_unit_test(whatever_the_wording),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
