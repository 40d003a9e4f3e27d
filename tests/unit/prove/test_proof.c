/* From the answers of two keys to what is said of the catalogue, and to a better one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "proof_desk.h"
#include "prove/mend.h"
#include "prove/report.h"

#define GONE_TEXT "Unrecognized request URL (GET: /v1/x)."

static const struct prove_answer granted = { .asked = true, .answer = ANSWER_GRANTED, .status = 404 };
static const struct prove_answer refused = { .asked = true, .answer = ANSWER_REFUSED, .status = 403 };
static const struct prove_answer made = { .asked = true, .answer = ANSWER_GRANTED, .status = 200 };
static const struct prove_answer off = { .asked = true, .answer = ANSWER_FEATURE_OFF, .status = 400 };
static const struct prove_answer unrouted = { .asked = true, .answer = ANSWER_FEATURE_UNROUTED };
static const struct prove_answer unserved = { .asked = true, .answer = ANSWER_ACCOUNT_REFUSED };
static const struct prove_answer throttled = { .asked = true, .answer = ANSWER_THROTTLED, .status = 429 };
static const struct prove_answer nothing = { .asked = true, .answer = ANSWER_UNCLEAR, .status = 500 };

static void set(struct prove_row *row, struct prove_answer all, struct prove_answer none)
{
        row->answers[PROVE_ALL] = all;
        row->answers[PROVE_NONE] = none;
}

static void every_pair_of_answers(void **state)
{
        const struct prove_answer odd = unlisted_answer("odd", "x"), gone = unlisted_answer("", GONE_TEXT),
                                  same_text = unlisted_answer("odd", GONE_TEXT);
        const struct {
                struct prove_answer all, none;
                enum prove_verdict verdict;
        } cases[] = {
                { granted, refused, PROVE_RIGHT },
                { granted, granted, PROVE_FALSE_GRANTED },
                { refused, granted, PROVE_FALSE_GRANTED },
                { refused, refused, PROVE_REFUSED },
                { off, refused, PROVE_OFF },
                { off, off, PROVE_OFF },
                { off, granted, PROVE_FALSE_GRANTED },
                { granted, off, PROVE_ODD }, /* the product is there */
                { refused, off, PROVE_REFUSED },
                { gone, granted, PROVE_FALSE_GRANTED },
                { unrouted, unrouted, PROVE_OFF },
                { gone, gone, PROVE_GONE },
                { gone, refused, PROVE_GONE },
                { same_text, refused, PROVE_UNLISTED }, /* with a code it is about something else */
                { odd, refused, PROVE_UNLISTED },
                { odd, odd, PROVE_UNLISTED },
                { odd, granted, PROVE_FALSE_GRANTED },
                { granted, odd, PROVE_ODD },
                { granted, unserved, PROVE_ODD },
                { unserved, refused, PROVE_UNANSWERED },
                { throttled, refused, PROVE_UNANSWERED },
                { granted, throttled, PROVE_UNANSWERED },
                { granted, nothing, PROVE_UNANSWERED },
                { nothing, refused, PROVE_UNANSWERED },
        };
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                set(&desk.proof->rows[0], cases[i].all, cases[i].none);
                prove_judge(desk.proof);
                if (desk.proof->rows[0].verdict != cases[i].verdict)
                        fail_msg("case %zu: %d", i, (int) desk.proof->rows[0].verdict);
                assert_int_equal(proof_has_findings(desk.proof),
                                 cases[i].verdict != PROVE_RIGHT && cases[i].verdict != PROVE_OFF &&
                                         cases[i].verdict != PROVE_UNANSWERED);
        }
        proof_desk_close(&desk);
}

/* What was to be refused and made something is asked never again; an empty list is a list. */
static void what_is_carried_out_is_told(void **state)
{
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        struct prove_row *key = proof_desk_row(&desk, "ephemeral_key", LEVEL_WRITE),
                         *list = proof_desk_row(&desk, "connected_account", LEVEL_READ);
        set(key, made, refused);
        set(list, made, refused);
        prove_judge(desk.proof);
        assert_int_equal(key->verdict, PROVE_CARRIED_OUT);
        assert_int_equal(list->verdict, PROVE_RIGHT);
        assert_true(proof_has_findings(desk.proof));
        assert_int_equal(proof_mend(desk.proof, "2026-11-21"), 0);
        assert_null(key->probe->path);
        assert_non_null(strstr(key->probe->why_not, "carries the request out"));
        set(key, granted, refused);
        key->answers[PROVE_PROFILE] = made;
        prove_judge(desk.proof);
        assert_int_equal(key->verdict, PROVE_CARRIED_OUT);
        proof_desk_close(&desk);
}

/* Only keys of test mode are asked: what that mode lacks says nothing of an account's products. */
static void test_mode_is_no_product(void **state)
{
        struct prove_answer without = off;
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        snprintf(without.text, sizeof(without.text), "This API surface is not enabled for testmode usage");
        struct prove_row *row = proof_desk_row(&desk, "tax_rate", LEVEL_WRITE);
        set(row, without, refused);
        prove_judge(desk.proof);
        assert_int_equal(row->verdict, PROVE_OFF);
        assert_int_equal(proof_mend(desk.proof, "2026-11-21"), 0);
        assert_null(row->mended);
        assert_null(desk.desk.conf->catalogue->rows[row->row].gated);
        proof_desk_close(&desk);
}

static void what_counts_as_told(void **state)
{
        const struct prove_answer odd = unlisted_answer("odd", "x"), none = { .asked = false };

        (void) state;
        assert_true(prove_is_told(&granted) && prove_is_told(&refused) && prove_is_told(&off));
        assert_true(prove_is_told(&odd));
        assert_false(prove_is_told(&throttled) || prove_is_told(&nothing) || prove_is_told(&none));
}

/* Whoever confuses the keys must not be given a catalogue that believes it. */
static void keys_in_the_wrong_places_are_doubted(void **state)
{
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        prove_judge(desk.proof);
        assert_null(proof_doubt(desk.proof));
        for (size_t i = 0; i < desk.proof->n; i++) /* single objects first looked up: that may be so */
                if (!strchr(desk.proof->rows[i].asked, '?'))
                        set(&desk.proof->rows[i], granted, granted);
        prove_judge(desk.proof);
        assert_null(proof_doubt(desk.proof));
        for (size_t i = 0; i < desk.proof->n; i++)
                set(&desk.proof->rows[i], granted, granted);
        prove_judge(desk.proof);
        assert_non_null(strstr(proof_doubt(desk.proof), "without rights was granted"));
        assert_int_equal(proof_add_lists(desk.proof), 0); /* that is enough */
        for (size_t i = 0; i < desk.proof->n; i++)
                set(&desk.proof->rows[i], refused, refused);
        prove_judge(desk.proof);
        assert_non_null(strstr(proof_doubt(desk.proof), "with all rights was refused"));
        proof_desk_close(&desk);
}

/* Of one resource alone: the list tells a right from what is looked up first. */
static void a_list_beside_is_a_right(void **state)
{
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        set(proof_desk_row(&desk, "charge", LEVEL_READ), granted, granted);
        set(proof_desk_row(&desk, "charge", LEVEL_WRITE), granted, granted);
        assert_int_equal(proof_add_lists(desk.proof), 1);
        struct prove_row *list = &desk.proof->rows[desk.proof->n];
        assert_string_equal(list->asked, "/v1/charges?limit=1&starting_after={absent}");
        set(list, granted, refused);
        prove_judge(desk.proof);
        assert_null(proof_doubt(desk.proof));
        set(list, granted, granted);
        prove_judge(desk.proof);
        assert_non_null(strstr(proof_doubt(desk.proof), "without rights was granted"));
        proof_desk_close(&desk);
}

/* A key that may do half of it is none with all rights. */
static void some_refusals_are_too_many(void **state)
{
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        for (size_t i = 0; i < 8; i++)
                set(&desk.proof->rows[i], refused, refused);
        prove_judge(desk.proof);
        assert_null(proof_doubt(desk.proof));
        for (size_t i = 0; i < desk.proof->n / 5; i++)
                set(&desk.proof->rows[i], refused, refused);
        prove_judge(desk.proof);
        assert_non_null(strstr(proof_doubt(desk.proof), "with all rights was refused"));
        proof_desk_close(&desk);
}

/* --- a better catalogue --- */

static struct permission *row_of(struct proof_desk *desk, const char *name)
{
        unsigned row;

        assert_int_equal(catalogue_find(desk->desk.conf->catalogue, name, &row), 0);
        return &desk->desk.conf->catalogue->rows[row];
}

static void spoil(struct proof_desk *desk)
{
        set(proof_desk_row(desk, "charge", LEVEL_READ), granted, granted);
        set(proof_desk_row(desk, "dispute", LEVEL_READ), granted, granted);
        set(proof_desk_row(desk, "event", LEVEL_READ), granted, granted);
        set(proof_desk_row(desk, "payout", LEVEL_WRITE), granted, granted);
        set(proof_desk_row(desk, "customer", LEVEL_READ), granted, granted);
        set(proof_desk_row(desk, "transfer", LEVEL_READ), granted, granted);
        set(proof_desk_row(desk, "token", LEVEL_WRITE), unlisted_answer("token_odd", "x"), refused);
        set(proof_desk_row(desk, "quote", LEVEL_READ), unlisted_answer("", "That \"cannot\\be\" done."),
            refused);
        set(proof_desk_row(desk, "product", LEVEL_READ), unlisted_answer("odd", "x"),
            unlisted_answer("odd", "x"));
        set(proof_desk_row(desk, "review", LEVEL_READ), unlisted_answer("", GONE_TEXT), refused);
        set(proof_desk_row(desk, "file", LEVEL_READ), off, refused);
        set(proof_desk_row(desk, "tax_rate", LEVEL_WRITE), off, refused);
        set(proof_desk_row(desk, "issuing_card", LEVEL_READ), off, refused);
        set(proof_desk_row(desk, "coupon", LEVEL_READ), refused, refused);
        set(proof_desk_row(desk, "coupon", LEVEL_WRITE), granted, unlisted_answer("odd", "x"));
        set(proof_desk_row(desk, "plan", LEVEL_READ), unlisted_answer("api_key_expired", "x"), refused);
        set(proof_desk_row(desk, "mandate", LEVEL_READ), unlisted_answer("[id]", "x"), refused);
}

/* Charges are listed; of disputes and events there is no list. */
static void mended(struct proof_desk *desk)
{
        const struct prove_answer gone = unlisted_answer("", GONE_TEXT);

        spoil(desk);
        assert_int_equal(proof_add_lists(desk->proof), 3);
        for (size_t i = desk->proof->n; i < desk->proof->n + 3; i++) {
                struct prove_row *list = &desk->proof->rows[i];

                if (strstr(list->asked, "/charges?"))
                        set(list, granted, refused);
                else
                        set(list, gone, gone);
        }
        prove_judge(desk->proof);
        assert_int_equal(proof_mend(desk->proof, "2026-11-21"), 0);
}

static void each_is_mended_in_its_way(void **state)
{
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        mended(&desk);
        assert_string_equal(row_of(&desk, "charge")->read.path,
                            "/v1/charges?limit=1&starting_after={absent}");
        assert_null(row_of(&desk, "dispute")->read.path);
        assert_string_equal(row_of(&desk, "event")->read.path,
                            "/v1/events/{absent}");       /* a profile wants it */
        assert_null(row_of(&desk, "mandate")->read.path); /* no code to know it by */
        assert_int_equal(row_of(&desk, "plan")->read.n_granted_codes, 0);
        assert_null(row_of(&desk, "payout")->write.path);
        assert_string_equal(row_of(&desk, "payout")->write.why_not,
                            "a key without the permission is answered like one that has it (2026-11-21)");
        assert_null(row_of(&desk, "transfer")->read.path); /* it is asked as a list already */
        /* This one, too; but profiles require it. */
        assert_non_null(row_of(&desk, "customer")->read.path);
        assert_non_null(strstr(proof_desk_row(&desk, "customer", LEVEL_READ)->mended, "requires it"));
        assert_int_equal(row_of(&desk, "token")->write.n_granted_codes, 1);
        assert_string_equal(row_of(&desk, "token")->write.granted_codes[0], "token_odd");
        assert_null(row_of(&desk, "quote")->read.path); /* there is no code to know it by */
        assert_string_equal(row_of(&desk, "product")->read.path,
                            "/v1/products/{absent}"); /* may mean anything */
        assert_null(row_of(&desk, "review")->read.path);
        assert_string_equal(row_of(&desk, "file")->gated, "files");
        assert_string_equal(row_of(&desk, "tax_rate")->gated, "billing");
        assert_string_equal(row_of(&desk, "issuing_card")->gated, "issuing");
        assert_null(proof_desk_row(&desk, "issuing_card", LEVEL_READ)->mended);
        assert_null(proof_desk_row(&desk, "coupon", LEVEL_READ)->mended);
        assert_null(proof_desk_row(&desk, "coupon", LEVEL_WRITE)->mended);
        proof_desk_close(&desk);
}

static void one_code_too_many(void **state)
{
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        struct probe *probe = &row_of(&desk, "token")->write;
        while (probe->n_granted_codes < PROBE_CODES_MAX)
                probe->granted_codes[probe->n_granted_codes++] = strdup("x");
        mended(&desk);
        assert_null(probe->path);
        proof_desk_close(&desk);
}

static void write_catalogue(const struct proof *proof, const char *today, FILE *to)
{
        assert_int_equal(catalogue_write(proof, today, to), 0);
}

static bool same_text(const char *a, const char *b)
{
        return a == b || (a && b && strcmp(a, b) == 0);
}

static void assert_same_probe(const struct probe *a, const struct probe *b)
{
        assert_true(same_text(a->path, b->path) && same_text(a->why_not, b->why_not));
        assert_true(a->method == b->method || !a->path);
        assert_int_equal(a->n_granted_codes, b->n_granted_codes);
        for (size_t i = 0; i < a->n_granted_codes; i++)
                assert_string_equal(a->granted_codes[i], b->granted_codes[i]);
        assert_true(a->no_such == b->no_such);
        assert_true(!a->path || (a->mode_live == b->mode_live && a->mode_test == b->mode_test));
}

/* What is written is read again as it was, all of it. */
static void the_file_is_a_catalogue(void **state)
{
        struct proof_desk desk = { .proof = NULL }, other;

        (void) state;
        proof_desk_open(&desk);
        mended(&desk);
        char *text = text_written(desk.proof, write_catalogue);
        assert_non_null(strstr(text, "# charge_read: it is asked as a list from an absent cursor"));
        desk_open(&other.desk);
        desk_write(&other.desk, "keyvigil.yaml", "{}\n");
        desk_write(&other.desk, "permissions.yaml", text);
        if (desk_load(&other.desk) < 0)
                fail_msg("%s", other.desk.said);
        assert_string_equal(other.desk.said, "");
        const struct catalogue *a = desk.desk.conf->catalogue, *b = other.desk.conf->catalogue;
        assert_int_equal(a->n, b->n);
        for (size_t i = 0; i < a->n; i++) {
                const struct permission *p = &a->rows[i], *q = &b->rows[i];

                assert_string_equal(p->name, q->name);
                assert_string_equal(p->group, q->group);
                assert_int_equal(p->n_labels, q->n_labels);
                for (size_t k = 0; k < p->n_labels; k++)
                        assert_string_equal(p->labels[k], q->labels[k]);
                assert_same_probe(&p->read, &q->read);
                assert_same_probe(&p->write, &q->write);
                assert_true(same_text(p->gated, q->gated) && same_text(p->since, q->since) &&
                            same_text(p->fact, q->fact));
                assert_true(p->risk == q->risk && p->sure == q->sure &&
                            p->implied_write == q->implied_write && p->implied_told == q->implied_told);
                assert_true(p->n_implied_by == q->n_implied_by && p->n_excused_by == q->n_excused_by);
        }
        free(text);
        desk_close(&other.desk);
        proof_desk_close(&desk);
}

static void versions_go_forward(void **state)
{
        static const struct {
                const char *before, *line;
        } cases[] = {
                { "2026-01-01.7", "\nversion: 2026-11-21.1\n" },
                { "2026-11-21.1", "\nversion: 2026-11-21.2\n" },
                { "2027-05-05.9", "\nversion: 2027-05-05.10\n" },
        };
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                free(desk.desk.conf->catalogue->version);
                desk.desk.conf->catalogue->version = strdup(cases[i].before);
                char *text = text_written(desk.proof, write_catalogue);
                assert_non_null(strstr(text, cases[i].line));
                free(text);
        }
        proof_desk_close(&desk);
}

/* --- the report --- */

static void the_report_names_each(void **state)
{
        static const char *const lines[] = {
                " otherwise than assumed, 3 not shown by this account, 1 not told\nNot checked: that the key",
                "\nNot told: 1 ",
                "Granted to a key without rights: 6 ",
                "  charge_read  GET /v1/charges/{absent}\n",
                "      mended: it is asked as a list from an absent cursor",
                "Granted in words that no rule lists: 5 ",
                "unclear: 404 token_odd  \xe2\x80\x9cx\xe2\x80\x9d",
                "No such address: 1 ",
                "Not shown by this account: 3 ",
                "Refused to the key with all rights: 1 ",
                "Refused in words that no rule lists: 1 ",
                "  top_up_read: brand_new_read\n",
                "\nProved: ",
        };
        struct proof_desk desk = { .proof = NULL };

        (void) state;
        proof_desk_open(&desk);
        snprintf(proof_desk_row(&desk, "top_up", LEVEL_READ)->answers[PROVE_NONE].permission, 160,
                 "brand_new_read");
        snprintf(proof_desk_row(&desk, "balance_transaction_source", LEVEL_READ)
                         ->answers[PROVE_NONE]
                         .permission,
                 160, "balance_read"); /* cannot be told from it */
        set(proof_desk_row(&desk, "top_up", LEVEL_WRITE), throttled, refused);
        mended(&desk);
        char *text = text_written(desk.proof, report_write);
        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                if (!strstr(text, lines[i]))
                        fail_msg("no '%s' in\n%s", lines[i], text);
        assert_null(strstr(text, "balance_transaction_source_read: "));
        free(text);
        desk.proof->accounts[PROVE_ALL] = 1;
        text = text_written(desk.proof, report_write);
        assert_null(strstr(text, "Not checked"));
        free(text);
        proof_desk_close(&desk);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_pair_of_answers),
                cmocka_unit_test(what_counts_as_told),
                cmocka_unit_test(what_is_carried_out_is_told),
                cmocka_unit_test(test_mode_is_no_product),
                cmocka_unit_test(keys_in_the_wrong_places_are_doubted),
                cmocka_unit_test(a_list_beside_is_a_right),
                cmocka_unit_test(some_refusals_are_too_many),
                cmocka_unit_test(each_is_mended_in_its_way),
                cmocka_unit_test(one_code_too_many),
                cmocka_unit_test(the_file_is_a_catalogue),
                cmocka_unit_test(versions_go_forward),
                cmocka_unit_test(the_report_names_each),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
