#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "cli/input.h"
#include "cli/options.h"
#include "prove/mend.h"
#include "prove/part.h"
#include "prove/report.h"
#include "stripe/keyshape.h"

/* Where the keys come from, and where the results go. */
struct order {
        const char *files[_PROVE_KEY_MAX]; /* NULL: a prompt, or no such key */
        char *profile;                     /* of the third; NULL: none */
        const char *write, *report;
        char *part; /* where the answers are kept until all are there; NULL: nowhere */
        struct secret *keys[_PROVE_KEY_MAX];
};

static void order_clear(struct order *order)
{
        free(order->profile);
        free(order->part);
        for (int key = 0; key < _PROVE_KEY_MAX; key++)
                secret_free(order->keys[key]);
}

/* PROFILE=FILE */
static int profile_key_split(const char *text, struct order *order)
{
        const char *equals = text ? strchr(text, '=') : NULL;

        if (!text)
                return 0;
        if (!equals || equals == text || equals[1] == '\0') {
                complain("--profile-key wants PROFILE=FILE");
                return -EINVAL;
        }
        order->profile = strndup(text, (size_t) (equals - text));
        order->files[PROVE_PROFILE] = equals + 1;
        return order->profile ? 0 : -ENOMEM;
}

/* Is it what its place wants? */
static int key_check(const struct secret *key, enum prove_key which)
{
        enum key_kind kind;
        enum key_mode mode;
        const char *why;
        bool odd;

        if (keyshape_parse(key, &kind, &mode, &odd, &why) < 0)
                complain("the key %s cannot be one: %s", prove_key_title(which), why);
        else if (mode == MODE_LIVE)
                complain("the key %s is a live one; only keys of test mode are used here",
                         prove_key_title(which));
        else if (kind != KIND_RESTRICTED && which != PROVE_ALL)
                complain("the key %s is a full secret key; make a restricted one (rk_test_...)",
                         prove_key_title(which));
        else
                return 0;
        return -EINVAL;
}

/* Modern bodies seem to begin with "51" and the letters of their account. */
#define BODY_SIZE       99
#define ACCOUNT_LETTERS 18

static bool seem_of_two_accounts(const struct secret *a, const struct secret *b)
{
        const char *one = strrchr(a->bytes, '_') + 1, *other = strrchr(b->bytes, '_') + 1;

        return strlen(one) == BODY_SIZE && strlen(other) == BODY_SIZE && strncmp(one, "51", 2) == 0 &&
               strncmp(other, "51", 2) == 0 && strncmp(one, other, ACCOUNT_LETTERS) != 0;
}

/* Do they go together? What only seems wrong is said, and tried. */
static int keys_compare(const struct order *order)
{
        for (int i = 0; i < _PROVE_KEY_MAX; i++)
                for (int k = i + 1; k < _PROVE_KEY_MAX; k++) {
                        const struct secret *a = order->keys[i], *b = order->keys[k];

                        if (!a || !b)
                                continue;
                        if (a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0) {
                                complain("the keys %s and %s are the same one",
                                         prove_key_title((enum prove_key) i),
                                         prove_key_title((enum prove_key) k));
                                return -EINVAL;
                        }
                        if (seem_of_two_accounts(a, b))
                                complain(
                                        "the keys %s and %s seem to be of different accounts; what they show "
                                        "is worth something only if they are of one",
                                        prove_key_title((enum prove_key) i),
                                        prove_key_title((enum prove_key) k));
                }
        return 0;
}

static int keys_read(struct order *order)
{
        static const char *const prompts[] = { "Test key with all rights: ", "Test key without rights: " };

        for (int key = 0; key < _PROVE_KEY_MAX; key++) {
                int r = 0;

                if (order->files[key])
                        r = input_secret_file(order->files[key], &order->keys[key]);
                else if (key != PROVE_PROFILE)
                        r = input_secret(prompts[key], &order->keys[key]);
                if (r >= 0 && order->keys[key])
                        r = key_check(order->keys[key], (enum prove_key) key);
                if (r < 0)
                        return r;
        }
        return keys_compare(order);
}

static void on_progress(size_t asked, size_t of, void *userdata)
{
        (void) userdata;
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r%zu of %zu asked%s", asked, of, asked == of ? "\n" : "");
}

static int part_begin(struct order *order, struct prove_run *run)
{
        const char *path = order->report ? order->report : order->write;

        if (!path)
                return 0;
        if (asprintf(&order->part, "%s.part", path) < 0)
                return -ENOMEM;
        int r = part_open(order->part, run, &run->part);
        if (r == -EEXIST)
                complain("%s is something else; move it away, or choose another name for the report",
                         order->part);
        else if (r < 0)
                complain("%s: %s", order->part, strerror(-r));
        else if (r > 0)
                remark("going on with what is in %s", order->part);
        return r;
}

static void complain_of_end(const struct order *order, int error, const char *why)
{
        bool passes = error == -EINTR || error == -ENETUNREACH || error == -EBUSY;

        if (error == -EINTR)
                why = "interrupted";
        complain("%s%s%s", why ? why : strerror(-error),
                 !passes       ? ""
                 : order->part ? "; the same command goes on from there, with what is in "
                               : "; with --report FILE it could go on from there",
                 passes && order->part ? order->part : "");
}

/* CLI_OK: everything was asked. */
static int ask(struct proof *proof, struct order *order)
{
        struct prove_run run = { .proof = proof, .progress = on_progress };
        _cleanup_free_ char *why = NULL;

        memcpy(run.keys, order->keys, sizeof(run.keys));
        if (part_begin(order, &run) < 0)
                return CLI_FAILED;
        int r = prove_ask(&run, &why);
        if (run.part)
                fclose(run.part);
        if (r >= 0)
                return CLI_OK;
        complain_of_end(order, r, why);
        return CLI_UNKNOWN;
}

typedef int (*write_fn)(const struct proof *proof, const char *today, FILE *to);

static int report_to(const struct proof *proof, const char *today, FILE *to)
{
        report_write(proof, today, to);
        return ferror(to) ? -EIO : 0;
}

static int write_file(const char *path, const struct proof *proof, const char *today, write_fn write)
{
        FILE *to = fopen(path, "we");
        int r = to ? write(proof, today, to) : -errno;

        if (to && fclose(to) != 0 && r >= 0)
                r = -errno;
        if (r < 0)
                complain("%s cannot be written: %s", path, strerror(-r));
        return r;
}

/* What was not told may be asked once more, and only that. */
static void part_end(const struct proof *proof, const struct order *order)
{
        size_t untold = 0;

        for (size_t i = 0; i < proof->n; i++)
                for (int key = 0; key < _PROVE_KEY_MAX; key++)
                        untold += proof->rows[i].answers[key].asked &&
                                  !prove_is_told(&proof->rows[i].answers[key]);
        if (untold > 0)
                complain("%zu requests got no answer that says something%s", untold,
                         order->part ? "; the same command asks just these again" : "");
        else if (order->part)
                (void) unlink(order->part);
}

static int tell(struct proof *proof, const struct order *order)
{
        char today[sizeof("YYYY-MM-DD")];
        time_t now = time(NULL);
        struct tm tm;

        if (strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &tm)) == 0)
                return CLI_FAILED;
        prove_judge(proof);
        const char *doubt = proof_doubt(proof);

        failure_is_answered(); /* the report */
        if (doubt) {
                report_write(proof, today, stdout);
                complain("%s Nothing was written", doubt);
                return CLI_FAILED;
        }
        if (order->write && proof_mend(proof, today) < 0)
                return CLI_FAILED;
        if ((order->write && write_file(order->write, proof, today, catalogue_write) < 0) ||
            (order->report && write_file(order->report, proof, today, report_to) < 0))
                return CLI_FAILED;
        report_write(proof, today, stdout);
        if (order->write)
                printf("\n%s takes the place of the built-in catalogue when it lies beside keyvigil.yaml as "
                       "permissions.yaml.\n",
                       order->write);
        part_end(proof, order);
        if (proof_has_findings(proof))
                return CLI_FAILED;
        return proof->counts[PROVE_UNANSWERED] > 0 ? CLI_UNKNOWN : CLI_OK;
}

static int prove(const struct cli *cli, struct order *order)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        _cleanup_(proof_freep) struct proof *proof = NULL;
        const struct profile *profile = NULL;
        size_t index;

        if (configuration_load(cli, &conf) < 0)
                return CLI_FAILED;
        if (order->profile && profiles_find(conf->profiles, order->profile, &index) < 0) {
                complain("there is no profile '%s'; 'keyvigil profiles' lists them", order->profile);
                return CLI_FAILED;
        }
        if (order->profile)
                profile = conf->profiles->list[index];
        if (keys_read(order) < 0 || proof_new(conf, profile, &proof) < 0)
                return CLI_FAILED;
        int r = ask(proof, order);
        return r == CLI_OK ? tell(proof, order) : r;
}

int command_prove(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct order order = { .profile = NULL };
        const char *profile_key = NULL;
        const struct option options[] = {
                { "all-key", OPTION_TEXT, &order.files[PROVE_ALL] },
                { "none-key", OPTION_TEXT, &order.files[PROVE_NONE] },
                { "profile-key", OPTION_TEXT, &profile_key },
                { "write", OPTION_TEXT, &order.write },
                { "report", OPTION_TEXT, &order.report },
        };
        struct texts rest;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, &rest);

        if (r != 0)
                return options_status(r);
        if (profile_key_split(profile_key, &order) < 0)
                return CLI_USAGE;
        r = prove(cli, &order);
        order_clear(&order);
        return r;
}
