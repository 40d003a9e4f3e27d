/* The answers of a run that was interrupted: what is taken over, and what is not. */
#include "prove/part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "proof_desk.h"

struct run_desk {
        struct proof_desk desk;
        char path[96];
        struct secret *keys[_PROVE_KEY_MAX];
        struct prove_run run;
};

static void run_desk_open(struct run_desk *place)
{
        *place = (struct run_desk){ .path = "" };
        proof_desk_open(&place->desk);
        snprintf(place->path, sizeof(place->path), "%s/part", place->desk.desk.directory);
        place->keys[PROVE_ALL] = secret_copy("sk_test_aaaaaaaaaaaa", 20);
        place->keys[PROVE_NONE] = secret_copy("rk_test_bbbbbbbbbbbb", 20);
        place->run.proof = place->desk.proof;
        memcpy(place->run.keys, place->keys, sizeof(place->keys));
}

static void run_desk_close(struct run_desk *place)
{
        for (int key = 0; key < _PROVE_KEY_MAX; key++)
                secret_free(place->keys[key]);
        proof_desk_close(&place->desk);
}

static void forget_answers(struct run_desk *place)
{
        for (size_t i = 0; i < place->desk.proof->n; i++)
                memset(place->desk.proof->rows[i].answers, 0, sizeof(place->desk.proof->rows[i].answers));
        memset(place->desk.proof->accounts, 0, sizeof(place->desk.proof->accounts));
}

static size_t count_asked(const struct run_desk *place)
{
        size_t asked = 0;

        for (size_t i = 0; i < place->desk.proof->n; i++)
                for (int key = 0; key < _PROVE_KEY_MAX; key++)
                        asked += place->desk.proof->rows[i].answers[key].asked;
        return asked;
}

static int reopen(struct run_desk *place)
{
        FILE *part;

        forget_answers(place);
        int r = part_open(place->path, &place->run, &part);
        if (r >= 0)
                fclose(part);
        return r;
}

/* A run that answered two questions and was cut in the third. */
static void leave_two(struct run_desk *place, const char *tail)
{
        struct prove_row *row = proof_desk_row(&place->desk, "charge", LEVEL_READ);
        FILE *part;

        row->answers[PROVE_NONE] = unlisted_answer("odd", "That cannot be done.");
        snprintf(row->answers[PROVE_NONE].permission, 160, "charge_read event_read");
        assert_int_equal(part_open(place->path, &place->run, &part), 0);
        place->desk.proof->accounts[PROVE_NONE] = 7;
        part_add(part, place->desk.proof, row, PROVE_ALL);
        part_add(part, place->desk.proof, row, PROVE_NONE);
        fputs(tail, part);
        fclose(part);
}

static void answers_come_back_as_they_were(void **state)
{
        struct run_desk place;

        (void) state;
        run_desk_open(&place);
        leave_two(&place, "");
        assert_int_equal(reopen(&place), 2);
        assert_int_equal(count_asked(&place), 2);
        const struct prove_row *row = proof_desk_row(&place.desk, "charge", LEVEL_READ);
        const struct prove_answer *all = &row->answers[PROVE_ALL], *none = &row->answers[PROVE_NONE];
        assert_true(all->answer == ANSWER_GRANTED && !all->stale && all->status == 404);
        assert_string_equal(all->code, "resource_missing");
        assert_true(none->answer == ANSWER_UNCLEAR && none->stale);
        assert_string_equal(none->code, "odd");
        assert_string_equal(none->permission, "charge_read event_read");
        assert_string_equal(none->text, "That cannot be done.");
        assert_true(place.desk.proof->accounts[PROVE_NONE] == 7 &&
                    place.desk.proof->accounts[PROVE_ALL] == 0);
        assert_int_equal(reopen(&place), 2); /* and it is still there */
        assert_int_equal(count_asked(&place), 2);
        run_desk_close(&place);
}

static void lines_that_are_none(void **state)
{
        static const char *const tails[] = {
                "event\tread\tall\t0\t0\t404\t0\tresource_mis",
                "event\tread\tall\t0\t0\t404\t0\tx\ty\n",
                "event\tread\tall\t99\t0\t404\t0\tx\ty\tz\n",
                "event\tread\tall\t0\t2\t404\t0\tx\ty\tz\n",
                "event\tread\tall\t0\t0\t-4\t0\tx\ty\tz\n",
                "event\tread\tall\t0\t0\t99999999999999999999\t0\tx\ty\tz\n",
                "nothing\tread\tall\t0\t0\t404\t0\tx\ty\tz\n",
                "event\twrite\tall\t0\t0\t404\t0\tx\ty\tz\n",
                "event\tread\tnobody\t0\t0\t404\t0\tx\ty\tz\n",
                "event\tread\tall\t0\t0\t404\tnobody\tx\ty\tz\n",
                "\n",
                "\t\t\t\t\t\t\t\t\t\n",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(tails); i++) {
                struct run_desk place;

                run_desk_open(&place);
                leave_two(&place, tails[i]);
                assert_int_equal(reopen(&place), 2);
                if (count_asked(&place) != 2)
                        fail_msg("line %zu counts", i);
                run_desk_close(&place);
        }
}

/* A list that was asked stands beside what it is the list of. */
static void lists_are_answers_of_their_own(void **state)
{
        struct run_desk place;
        FILE *part;

        (void) state;
        run_desk_open(&place);
        struct prove_row *row = proof_desk_row(&place.desk, "charge", LEVEL_READ);
        row->answers[PROVE_NONE] = row->answers[PROVE_ALL];
        assert_int_equal(proof_add_lists(place.desk.proof), 1);
        const struct prove_row *list = row->list;
        ((struct prove_row *) list)->answers[PROVE_ALL] = unlisted_answer("odd", "x");
        assert_int_equal(part_open(place.path, &place.run, &part), 0);
        part_add(part, place.desk.proof, list, PROVE_ALL);
        fclose(part);
        ((struct prove_row *) list)->answers[PROVE_ALL].asked = false;
        assert_int_equal(reopen(&place), 1);
        assert_int_equal(count_asked(&place), 0);
        assert_string_equal(list->answers[PROVE_ALL].code, "odd");
        run_desk_close(&place);
}

/* Another key, another version of the API, another catalogue or server: all of it is asked anew. */
static void another_run_is_replaced(void **state)
{
        struct run_desk place;

        (void) state;
        run_desk_open(&place);
        leave_two(&place, "");
        secret_free(place.keys[PROVE_NONE]);
        place.run.keys[PROVE_NONE] = place.keys[PROVE_NONE] = secret_copy("rk_test_cccccccccccc", 20);
        assert_int_equal(reopen(&place), 0);
        assert_int_equal(count_asked(&place), 0);
        free(place.desk.desk.conf->catalogue->version);
        place.desk.desk.conf->catalogue->version = strdup("2030-01-01.1");
        assert_int_equal(reopen(&place), 0);
        leave_two(&place, "");
        free(place.desk.desk.conf->settings.stripe.api_base);
        place.desk.desk.conf->settings.stripe.api_base = strdup("http://127.0.0.1:1");
        assert_int_equal(reopen(&place), 0);
        leave_two(&place, "");
        struct probe *probe = (struct probe *) proof_desk_row(&place.desk, "charge", LEVEL_READ)->probe;
        probe->granted_codes[probe->n_granted_codes++] = strdup("odd"); /* the same version, but edited */
        assert_int_equal(reopen(&place), 0);
        run_desk_close(&place);
}

static void another_file_is_left_alone(void **state)
{
        char text[32] = "";
        struct run_desk place;

        (void) state;
        run_desk_open(&place);
        desk_write(&place.desk.desk, "part", "my own words\n");
        assert_int_equal(reopen(&place), -EEXIST);
        FILE *file = fopen(place.path, "re");
        assert_non_null(file);
        assert_non_null(fgets(text, sizeof(text), file));
        fclose(file);
        assert_string_equal(text, "my own words\n");
        snprintf(place.path, sizeof(place.path), "%s/nowhere/part", place.desk.desk.directory);
        assert_int_equal(reopen(&place), -ENOENT);
        run_desk_close(&place);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(answers_come_back_as_they_were), cmocka_unit_test(lines_that_are_none),
                cmocka_unit_test(lists_are_answers_of_their_own), cmocka_unit_test(another_run_is_replaced),
                cmocka_unit_test(another_file_is_left_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
