#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/sync.h"
#include "cli/table.h"

static uint64_t size_of(FILE *file)
{
        struct stat st;

        return fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t) st.st_size : 0;
}

static void print_errors(const json_t *errors)
{
        json_t *line;
        size_t i;

        json_array_foreach(errors, i, line)
                complain("line %lld: %s", (long long) json_integer_value(json_object_get(line, "line")),
                         text_of(line, "message"));
}

/* "50,000" */
static const char *with_commas(json_int_t n, char to[static 32])
{
        char digits[24];
        int size = snprintf(digits, sizeof(digits), "%lld", (long long) n), used = 0;

        for (int i = 0; i < size; i++) {
                if (i > 0 && (size - i) % 3 == 0)
                        to[used++] = ',';
                to[used++] = digits[i];
        }
        to[used] = '\0';
        return to;
}

/* Those with the same words together. */
static void print_notes(const json_t *notes)
{
        json_t *note;
        size_t i;

        json_array_foreach(notes, i, note)
        {
                char count[32];
                json_int_t lines = json_integer_value(json_object_get(note, "lines")),
                           first = json_integer_value(json_object_get(note, "first"));

                if (lines == 1)
                        remark("note: line %lld: %s", (long long) first, text_of(note, "message"));
                else
                        remark("note: %s lines, from line %lld on: %s", with_commas(lines, count),
                               (long long) first, text_of(note, "message"));
        }
}

static int report(const struct cli *cli, const struct answer *answer, bool dry_run)
{
        const json_t *errors = json_object_get(answer->json, "errors");
        json_int_t imported = json_integer_value(json_object_get(answer->json, "imported"));
        json_int_t refused = json_integer_value(json_object_get(answer->json, "refused"));

        if (cli->json) {
                answer_print(answer);
                return refused > 0 ? CLI_FAILED : CLI_OK;
        }
        print_errors(errors);
        if (refused > (json_int_t) json_array_size(errors))
                complain("… and %lld more bad lines",
                         (long long) (refused - (json_int_t) json_array_size(errors)));
        print_notes(json_object_get(answer->json, "notes"));
        printf("%lld key%s %s, %lld line%s refused.\n", (long long) imported, imported == 1 ? "" : "s",
               dry_run         ? "would be stored"
               : imported == 1 ? "is stored and will be checked soon"
                               : "are stored and will be checked soon",
               (long long) refused, refused == 1 ? "" : "s");
        return refused > 0 ? CLI_FAILED : CLI_OK;
}

static int send_file(const struct cli *cli, FILE *file, bool dry_run)
{
        struct progress progress;
        const struct upload upload = { .file = file, .progress = progress_bytes, .userdata = &progress };
        struct url url = url_new("/v1/import");
        struct answer answer = { 0 };

        (void) setvbuf(file, NULL, _IONBF, 0); /* a buffer would keep the keys of its last lines */
        url_flag(&url, "dry_run", dry_run);
        progress_begin(&progress, "MiB", size_of(file));
        int r = client_call(cli, "POST", url, &upload, &answer);
        progress_hide(&progress);
        int status = r < 0 ? CLI_FAILED : report(cli, &answer, dry_run);
        answer_clear(&answer);
        return status;
}

/* How a whole list is taken. */
static int take_file(const struct cli *cli, FILE *file, bool sync, const struct sync_options *options)
{
        return sync ? sync_run(cli, file, options) : send_file(cli, file, options->dry_run);
}

int command_import(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct sync_options how = { 0 };
        bool sync = false;
        const struct option options[] = {
                { "dry-run", OPTION_FLAG, &how.dry_run },
                { "sync", OPTION_FLAG, &sync },
                { "prune", OPTION_FLAG, &how.prune },
                { "scope", OPTION_TEXT, &how.scope },
                { "max-remove", OPTION_TEXT, &how.max_remove },
                { "max-replace", OPTION_TEXT, &how.max_replace },
        };
        struct texts files;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &files);

        if (r != 0)
                return options_status(r);
        if (!sync && (how.prune || how.scope || how.max_remove || how.max_replace)) {
                complain("import: --prune, --scope and the limits go with --sync only");
                return CLI_USAGE;
        }
        if (strcmp(files.list[0], "-") == 0)
                return take_file(cli, stdin, sync, &how);
        FILE *file = fopen(files.list[0], "re");
        if (!file) {
                complain_as(FAILURE_BAD_FILE, "%s: %s", files.list[0], strerror(errno));
                return CLI_FAILED;
        }
        int status = take_file(cli, file, sync, &how);
        fclose(file);
        return status;
}
