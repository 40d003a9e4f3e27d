#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* A file that takes a result: tried at the start, and written at the end. */
struct output {
        const char *path; /* NULL: not wanted */
        FILE *file;
        bool made; /* there was none */
};

/* Where the keys come from, and where the results go. */
struct order {
        const char *files[_PROVE_KEY_MAX]; /* NULL: a prompt, or no such key */
        char *profile;                     /* of the third; NULL: none */
        struct output write, report;
        char *part; /* where the answers are kept until all are there; NULL: nowhere */
        struct secret *keys[_PROVE_KEY_MAX];
};

/* What was not written is as it was. */
static void output_clear(struct output *output)
{
        if (!output->file)
                return;
        fclose(output->file);
        if (output->made)
                (void) unlink(output->path);
}

static void order_clear(struct order *order)
{
        output_clear(&order->write);
        output_clear(&order->report);
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

/* 1: they begin alike, 0: not, -1: they are of a kind that does not tell. */
static int begin_alike(const struct secret *a, const struct secret *b)
{
        const char *one = strrchr(a->bytes, '_') + 1, *other = strrchr(b->bytes, '_') + 1;

        if (strlen(one) != BODY_SIZE || strlen(other) != BODY_SIZE || strncmp(one, "51", 2) != 0 ||
            strncmp(other, "51", 2) != 0)
                return -1;
        return strncmp(one, other, ACCOUNT_LETTERS) == 0;
}

/* Do they go together? Gives whether they begin like keys of one account. */
static int keys_compare(const struct order *order)
{
        int alike = 0;

        for (int i = 0; i < _PROVE_KEY_MAX; i++)
                for (int k = i + 1; k < _PROVE_KEY_MAX; k++) {
                        const struct secret *a = order->keys[i], *b = order->keys[k];
                        const char *wrong = NULL;

                        if (!a || !b)
                                continue;
                        if (a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0)
                                wrong = "the same one";
                        else if (begin_alike(a, b) == 0)
                                wrong = "of different accounts; make all of them in one";
                        if (wrong) {
                                complain("the keys %s and %s are %s", prove_key_title((enum prove_key) i),
                                         prove_key_title((enum prove_key) k), wrong);
                                return -EINVAL;
                        }
                        alike = alike || (i == PROVE_ALL && begin_alike(a, b) > 0);
                }
        return alike;
}

static int output_open(struct output *output)
{
        if (!output->path)
                return 0;
        int fd = open(output->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        output->made = fd >= 0;
        if (fd < 0 && errno == EEXIST)
                fd = open(output->path, O_WRONLY | O_CLOEXEC);
        output->file = fd >= 0 ? fdopen(fd, "w") : NULL;
        if (output->file)
                return 0;
        complain("%s cannot be written: %s", output->path, strerror(errno));
        return -EINVAL;
}

static bool is_same_file(const char *a, const char *b)
{
        struct stat one, other;

        return a && b && stat(a, &one) == 0 && stat(b, &other) == 0 && S_ISREG(one.st_mode) &&
               one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Until there is a result nothing lies in its place: a daemon would not start with an empty catalogue. */
static void output_leave(struct output *output)
{
        if (!output->made)
                return;
        output_clear(output);
        *output = (struct output){ .path = output->path };
}

/* Before anybody is asked: can the results be written, and over nothing that is needed? */
static int outputs_open(struct order *order)
{
        const char *path = order->report.path ? order->report.path : order->write.path;

        if (output_open(&order->write) < 0 || output_open(&order->report) < 0)
                return -EINVAL;
        if (path && asprintf(&order->part, "%s.part", path) < 0)
                return -ENOMEM;
        const char *paths[] = { order->files[PROVE_ALL],     order->files[PROVE_NONE],
                                order->files[PROVE_PROFILE], order->part,
                                order->write.path,           order->report.path };
        for (size_t k = _PROVE_KEY_MAX; k < ELEMENTSOF(paths); k++)
                for (size_t i = 0; i < k; i++)
                        if (is_same_file(paths[i], paths[k])) {
                                complain("%s and %s are one file; each key and each result wants its own",
                                         paths[i], paths[k]);
                                return -EINVAL;
                        }
        output_leave(&order->write);
        output_leave(&order->report);
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

static int part_begin(const struct order *order, struct prove_run *run)
{
        if (!order->part)
                return 0;
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
        if (r >= 0)
                r = proof_add_lists(proof);
        if (r > 0)
                r = prove_ask(&run, &why);
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

static int output_write(struct output *output, const struct proof *proof, const char *today, write_fn write)
{
        if (!output->path)
                return 0;
        if (!output->file && output_open(output) < 0)
                return -EINVAL;
        bool kept = ftruncate(fileno(output->file), 0) < 0 && errno != EINVAL; /* a device has no length */
        int r = kept ? -errno : write(proof, today, output->file);
        if (fclose(output->file) != 0 && r >= 0)
                r = -errno;
        output->file = NULL;
        if (r < 0)
                complain("%s cannot be written: %s", output->path, strerror(-r));
        return r;
}

/* What was not told may be asked once more, and only that. */
static void part_end(const struct proof *proof, const struct order *order)
{
        size_t untold = 0;

        for (size_t i = 0; i < proof->n + proof->n_lists; i++)
                for (int key = 0; key < _PROVE_KEY_MAX; key++)
                        untold += proof->rows[i].answers[key].asked &&
                                  !prove_is_told(&proof->rows[i].answers[key]);
        if (untold > 0)
                complain("%zu requests got no answer that says something%s", untold,
                         order->part ? "; the same command asks just these again" : "");
        else if (order->part)
                (void) unlink(order->part);
}

static int tell(struct proof *proof, struct order *order)
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
        if ((order->write.path && proof_mend(proof, today) < 0) ||
            output_write(&order->write, proof, today, catalogue_write) < 0 ||
            output_write(&order->report, proof, today, report_to) < 0)
                return CLI_FAILED;
        report_write(proof, today, stdout);
        if (order->write.path)
                printf("\n%s takes the place of the built-in catalogue when it lies beside keyvigil.yaml as "
                       "permissions.yaml.\n",
                       order->write.path);
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
        int r = outputs_open(order);
        if (r >= 0)
                r = keys_read(order);
        if (r < 0 || proof_new(conf, profile, &proof) < 0)
                return CLI_FAILED;
        proof->begin_alike = r > 0;
        r = ask(proof, order);
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
                { "write", OPTION_TEXT, &order.write.path },
                { "report", OPTION_TEXT, &order.report.path },
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
