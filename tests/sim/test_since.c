/* What is said of a trouble beside its name: since when it is so, what the key was before, where it is
 * mended, and that it is over. The same everywhere, and still after a restart. */
#include "base/datetime.h"
#include "check.h"
#include "engine/people/people.h"

static struct sim *begin(size_t keys)
{
        struct sim_options options = { .seed = first_seed(), .keys = keys };
        struct sim *sim = sim_new(&options);

        for (size_t i = 0; i < keys; i++)
                sim_grant_profile(sim, i, "selgeo");
        sim_run(sim, 2 * HOUR);
        return sim;
}

/* The value of NAME=value among the fields of an entry; "" if it is not there. */
static const char *field(const struct sim_entry *entry, const char *name, char value[static 512])
{
        size_t size = strlen(name);

        value[0] = '\0';
        for (const char *line = entry ? entry->fields : NULL; line && *line; line = strchr(line, '\n') + 1)
                if (strncmp(line, name, size) == 0 && line[size] == '=')
                        snprintf(value, 512, "%.*s", (int) strcspn(line + size + 1, "\n"), line + size + 1);
        return value;
}

struct cell {
        const char *column;
        char text[512];
};

static int take_cell(const struct column *columns, size_t n, void *userdata)
{
        struct cell *cell = userdata;

        if (cell->text[0] != '\0') /* the first row counts */
                return 0;
        for (size_t i = 0; i < n; i++)
                if (strcmp(columns[i].name, cell->column) == 0 && columns[i].type == COLUMN_TEXT)
                        snprintf(cell->text, sizeof(cell->text), "%s", columns[i].text);
        return 0;
}

/* A column of the first row that a query gives. */
static const char *stored(struct sim *sim, enum query query, const char *key, int64_t id, const char *column,
                          struct cell *cell)
{
        const struct query_filter filter = { .key = key, .id = id };

        *cell = (struct cell){ .column = column };
        (void) engine_flush(sim->engine);
        assert_int_equal(store_query(sim->store, query, &filter, take_cell, cell), 0);
        return cell->text;
}

/* When the key was first asked for it in vain, with a fault that notes it. */
static int64_t first_refusal;

static enum sim_fault note_refusal(struct sim *sim, struct sim_key *key)
{
        if (first_refusal == 0 && sim->asked && key == &sim->keys[0] &&
            !key->granted[sim->asked->row][sim->asked->level == LEVEL_WRITE] &&
            strcmp(sim->conf->catalogue->rows[sim->asked->row].name, "coupon") == 0)
                first_refusal = sim->clock.wall(&sim->clock);
        return SIM_NONE;
}

static void missing_is_so_since_the_first_refusal(void **state)
{
        struct sim *sim = begin(3);
        char since[DATETIME_MAX], value[512];
        struct cell cell;

        (void) state;
        first_refusal = 0;
        sim->fault = note_refusal;
        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, false);
        sim_run(sim, HOUR);
        const struct sim_entry *opened = sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0);

        check(sim, opened && first_refusal > 0);
        datetime_format(first_refusal, since);
        check(sim, strcmp(field(opened, "KEYVIGIL_SINCE", value), since) == 0);
        check(sim, strstr(field(opened, "MESSAGE", value), since) != NULL);
        check(sim, strcmp(field(opened, "KEYVIGIL_PREVIOUS_STATE", value), "healthy") == 0);
        check(sim, strcmp(stored(sim, QUERY_KEYS, "merchant-0", 0, "since", &cell), since) == 0);
        check(sim, strcmp(stored(sim, QUERY_INCIDENTS, "merchant-0", 0, "since", &cell), since) == 0);
        check(sim, strcmp(stored(sim, QUERY_INCIDENTS, "merchant-0", 0, "opened", &cell), since) > 0);

        sim_restart(sim, true, MINUTE);
        sim_run(sim, 30 * HOUR); /* a reminder */
        opened = sim_last(sim, INCIDENT_INCIDENT_REMINDER, 0);
        check(sim, opened && strcmp(field(opened, "KEYVIGIL_SINCE", value), since) == 0);
        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, true);
        sim_run(sim, HOUR);
        check(sim, sim_cleared(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == 1);
        check(sim, strcmp(field(sim_last(sim, INCIDENT_INCIDENT_CLEARED, 0), "KEYVIGIL_SINCE", value),
                          since) == 0);
        sim_free(sim);
}

static void on_added(const struct check_result *result, void *userdata)
{
        *(bool *) userdata = result->stored;
}

static void what_is_forced_was_never_healthy(void **state)
{
        struct sim *sim = begin(1);
        const struct key_request request = { .name = "forced", .force = true };
        _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, 1);
        const struct sim_entry *told = NULL;
        bool is_stored = false;
        char *why = NULL, value[512];
        struct cell cell;

        (void) state;
        sim_grant_profile(sim, 1, "selgeo");
        sim_grant(sim, 1, "Coupons", LEVEL_WRITE, false);
        assert_int_equal(engine_add(sim->engine, &request, secret, on_added, &is_stored, &why), 0);
        sim_run(sim, 5 * MINUTE);
        check(sim, is_stored);
        for (size_t i = 0; i < sim->n_entries; i++)
                if (strcmp(sim->entries[i].key, "forced") == 0 &&
                    strcmp(sim->entries[i].kind, "key-permissions-missing") == 0)
                        told = &sim->entries[i];
        check(sim, told && strcmp(field(told, "KEYVIGIL_PREVIOUS_STATE", value), "unverified") == 0);
        check(sim, strcmp(field(told, "KEYVIGIL_STATE", value), "degraded") == 0);
        const struct query_filter filter = { .key = "forced", .limit = 100 };
        cell = (struct cell){ .column = "state" };
        assert_int_equal(store_query(sim->store, QUERY_HISTORY, &filter, take_cell, &cell), 0);
        check(sim, strcmp(cell.text, "degraded") == 0); /* the newest … */
        sim_grant(sim, 1, "Coupons", LEVEL_WRITE, true);
        sim_run(sim, HOUR);
        struct cell from = { .column = "from_time" };
        assert_int_equal(store_query(sim->store, QUERY_HISTORY, &filter, take_cell, &from), 0);
        check(sim, strcmp(stored(sim, QUERY_KEYS, "forced", 0, "state", &cell), "healthy") == 0);
        check(sim, strcmp(stored(sim, QUERY_KEYS, "forced", 0, "since", &cell), from.text) == 0);
        sim_free(sim);
}

static void a_death_ends_what_was_open(void **state)
{
        struct sim *sim = begin(3);
        char value[512];
        struct cell cell;

        (void) state;
        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, false);
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == 1);
        sim_kill(sim, 0, SIM_KEY_EXPIRED);
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
        check(sim, sim_cleared(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == 1);
        const struct sim_entry *over = sim_last(sim, INCIDENT_INCIDENT_CLEARED, 0);
        check(sim, strcmp(field(over, "KEYVIGIL_REASON", value), "dead") == 0 && over->priority == 5);
        check(sim, strstr(field(over, "MESSAGE", value), "is dead") != NULL);
        check(sim, strcmp(stored(sim, QUERY_INCIDENTS, "merchant-0", 0, "kind", &cell), "key-revoked") == 0);
        sim_free(sim);
}

static bool is_edit_link(const char *url)
{
        return strncmp(url, "https://dashboard.stripe.com/b/acct_", 36) == 0 && strstr(url, "%2Fmk_SIM");
}

static void the_link_is_kept_and_the_same(void **state)
{
        struct sim *sim = begin(3);
        char told[512], later[512];
        struct cell cell;

        (void) state;
        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, false);
        sim_run(sim, HOUR);
        const struct sim_entry *entry = sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0);
        field(entry, "KEYVIGIL_REMEDY_URL", told);
        check(sim, is_edit_link(told));
        check(sim, strcmp(stored(sim, QUERY_KEYS, "merchant-0", 0, "remedy_url", &cell), told) == 0);
        check(sim, strcmp(stored(sim, QUERY_INCIDENTS, NULL, strtoll(entry->incident, NULL, 10), "remedy_url",
                                 &cell),
                          told) == 0);

        /* Refusals that name nothing any more, and a new run. */
        sim->keys[0].wording = SIM_2017;
        sim_restart(sim, true, MINUTE);
        sim_run(sim, 30 * HOUR);
        check(sim, strcmp(field(sim_last(sim, INCIDENT_INCIDENT_REMINDER, 0), "KEYVIGIL_REMEDY_URL", later),
                          told) == 0);

        /* What is dead can only be created anew. */
        sim_kill(sim, 0, SIM_KEY_EXPIRED);
        sim_run(sim, HOUR);
        field(sim_last(sim, INCIDENT_KEY_REVOKED, 0), "KEYVIGIL_REMEDY_URL", later);
        check(sim, strstr(later, "/apikeys/create") != NULL);
        check(sim, strcmp(stored(sim, QUERY_KEYS, "merchant-0", 0, "remedy_url", &cell), later) == 0);
        check(sim, strcmp(stored(sim, QUERY_INCIDENTS, NULL,
                                 strtoll(sim_last(sim, INCIDENT_KEY_REVOKED, 0)->incident, NULL, 10),
                                 "remedy_url", &cell),
                          later) == 0);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(missing_is_so_since_the_first_refusal),
                cmocka_unit_test(what_is_forced_was_never_healthy),
                cmocka_unit_test(a_death_ends_what_was_open),
                cmocka_unit_test(the_link_is_kept_and_the_same),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
