#include "prove/mend.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/number.h"

static int say(struct prove_row *row, char *text)
{
        if (!text)
                return -ENOMEM;
        free(row->mended);
        row->mended = text;
        return 0;
}

static _printf_(1, 2) char *text_of(const char *format, ...)
{
        char *text = NULL;
        va_list ap;

        va_start(ap, format);
        int r = vasprintf(&text, format, ap);
        va_end(ap);
        return r < 0 ? NULL : text;
}

/* A profile may require only what can be asked for: without that, the file would be refused. */
static const struct profile *needed_by(const struct proof *proof, const struct prove_row *row)
{
        const struct profiles *profiles = proof->conf->profiles;

        for (size_t i = 0; i < profiles->n; i++)
                if (profile_requires(profiles->list[i], row->row) == row->level)
                        return profiles->list[i];
        return NULL;
}

/* It is asked no more; the file says why. */
static int give_up(const struct proof *proof, struct probe *probe, struct prove_row *row, const char *why,
                   const char *today)
{
        const struct profile *profile = needed_by(proof, row);

        if (profile)
                return say(row, text_of("no, it stays as it is, since the profile %s requires it: %s",
                                        profile->name, why));
        char *text = text_of("%s (%s)", why, today);
        if (!text)
                return -ENOMEM;
        free(probe->path);
        free(probe->why_not);
        probe->path = NULL;
        probe->why_not = text;
        return say(row, text_of("it is not asked any more: %s", why));
}

/* Looked up before the permission: the list of the same is asked, where that was proved. */
static int ask_list(const struct proof *proof, struct probe *probe, struct prove_row *row, const char *today)
{
        if (!row->list || row->list->verdict != PROVE_RIGHT)
                return give_up(proof, probe, row,
                               "a key without the permission is answered like one that has it", today);
        char *path = strdup(row->list->asked);
        if (!path)
                return -ENOMEM;
        free(probe->path);
        probe->path = path;
        return say(row, text_of("it is asked as a list from an absent cursor, which was proved"));
}

static int add_code(const struct proof *proof, struct probe *probe, struct prove_row *row, const char *today)
{
        const char *code = row->answers[PROVE_ALL].code, *why;

        if (row->answers[PROVE_NONE].answer != ANSWER_REFUSED)
                return 0; /* both may mean anything */
        if (code[0] == '\0' || catalogue_code_allowed(code, &why) < 0 ||
            probe->n_granted_codes == PROBE_CODES_MAX)
                return give_up(proof, probe, row,
                               "the answer to a key that has the permission cannot be recognised", today);
        probe->granted_codes[probe->n_granted_codes] = strdup(code);
        if (!probe->granted_codes[probe->n_granted_codes])
                return -ENOMEM;
        probe->n_granted_codes++;
        return say(row, text_of("the code %s counts as granted", code));
}

/* The Dashboard's groups are products, but for the one that everybody has. */
static int gate(struct permission *p, struct prove_row *row)
{
        const char *said = row->answers[PROVE_ALL].text;

        if (p->gated || strcasestr(said, "testmode") || strcasestr(said, "test mode"))
                return 0; /* what test mode lacks, live mode may have */
        p->gated = strdup(strcmp(p->group, "Core") == 0 ? p->labels[0] : p->group);
        if (!p->gated)
                return -ENOMEM;
        for (char *at = p->gated; *at; at++)
                *at = isalpha((unsigned char) *at) ? (char) tolower((unsigned char) *at) : '_';
        return say(row, text_of("it is known to need the product %s", p->gated));
}

static int row_mend(struct proof *proof, struct prove_row *row, const char *today)
{
        struct permission *p = &proof->conf->catalogue->rows[row->row];
        struct probe *probe = row->level == LEVEL_WRITE ? &p->write : &p->read;

        switch (row->verdict) {
        case PROVE_FALSE_GRANTED:
                return ask_list(proof, probe, row, today);
        case PROVE_UNLISTED:
                return add_code(proof, probe, row, today);
        case PROVE_CARRIED_OUT:
                return give_up(proof, probe, row, "Stripe carries the request out", today);
        case PROVE_GONE:
                return give_up(proof, probe, row, "Stripe has no such address", today);
        case PROVE_OFF:
                return gate(p, row);
        case PROVE_RIGHT:
        case PROVE_REFUSED:
        case PROVE_ODD:
        case PROVE_UNANSWERED:
        case _PROVE_VERDICT_MAX:
                break;
        }
        return 0;
}

int proof_mend(struct proof *proof, const char *today)
{
        for (size_t i = 0; i < proof->n; i++) {
                int r = row_mend(proof, &proof->rows[i], today);

                if (r < 0)
                        return r;
        }
        return 0;
}

static void text_write(FILE *to, const char *text)
{
        putc('"', to);
        for (; *text; text++) {
                if (*text == '"' || *text == '\\')
                        putc('\\', to);
                putc(*text, to);
        }
        putc('"', to);
}

static void field_write(FILE *to, const char *name, const char *text)
{
        if (!text)
                return;
        fprintf(to, "    %s: ", name);
        text_write(to, text);
        putc('\n', to);
}

static void probe_write(FILE *to, const char *name, const struct probe *probe)
{
        if (probe->no_such)
                return;
        fprintf(to, "    %s:\n", name);
        if (!probe->path) {
                fputs("      why_not: ", to);
                text_write(to, probe->why_not);
                putc('\n', to);
                return;
        }
        fprintf(to, "      request: \"%s %s\"\n", probe->method == METHOD_GET ? "GET" : "POST", probe->path);
        for (size_t i = 0; i < probe->n_granted_codes; i++)
                fprintf(to, "%s%s", i ? ", " : "      granted: [", probe->granted_codes[i]);
        if (probe->n_granted_codes)
                fputs("]\n", to);
        if (!probe->mode_live || !probe->mode_test)
                fprintf(to, "      modes: [%s]\n", probe->mode_live ? "live" : "test");
}

static void names_write(FILE *to, const char *name, const struct catalogue *catalogue, const unsigned *rows,
                        size_t n)
{
        for (size_t i = 0; i < n; i++)
                fprintf(to, "%s%s%s", i ? ", " : "    ", i ? "" : name, catalogue->rows[rows[i]].name);
        if (n > 0)
                fputs("]\n", to);
}

static void row_write(FILE *to, const struct catalogue *catalogue, const struct permission *p)
{
        fprintf(to, "\n  %s:\n", p->name);
        field_write(to, "group", p->group);
        for (size_t i = 0; i < p->n_labels; i++) {
                fputs(i ? ", " : "    labels: [", to);
                text_write(to, p->labels[i]);
        }
        fputs("]\n", to);
        probe_write(to, "read", &p->read);
        probe_write(to, "write", &p->write);
        fprintf(to, "    risk: %s\n    sure: %s\n", risk_name(p->risk), p->sure ? "seen" : "inferred");
        field_write(to, "fact", p->fact);
        field_write(to, "gated", p->gated);
        field_write(to, "since", p->since);
        names_write(to, "excused_by: [", catalogue, p->excused_by, p->n_excused_by);
        names_write(to, "implied_by: [", catalogue, p->implied_by, p->n_implied_by);
        if (p->implied_write)
                fputs("    implied_write: yes\n", to);
        if (p->implied_told)
                fputs("    implied_told: yes\n", to);
}

/* Today's, or the next of the old one's day if that is no earlier. */
static void version_write(FILE *to, const char *before, const char *today)
{
        bool later = strncmp(before, today, strlen(today)) >= 0;
        int64_t number = 0;

        if (later)
                (void) number_parse(before + strlen("YYYY-MM-DD."), 0, INT32_MAX, &number);
        fprintf(to, "version: %.10s.%" PRId64 "\n", later ? before : today, number + 1);
}

int catalogue_write(const struct proof *proof, const char *today, FILE *to)
{
        const struct catalogue *catalogue = proof->conf->catalogue;

        fprintf(to,
                "# The catalogue of permissions, as it was proved with keys of our own on %s. Beside "
                "keyvigil.yaml it\n"
                "# takes the place of the built-in one (%s); keyvigil.yaml(5) describes it.\n#\n",
                today, catalogue->version);
        for (size_t i = 0; i < proof->n; i++)
                if (proof->rows[i].mended)
                        fprintf(to, "# %s_%s: %s\n", catalogue->rows[proof->rows[i].row].name,
                                level_name(proof->rows[i].level), proof->rows[i].mended);
        version_write(to, catalogue->version, today);
        fputs("\npermissions:\n", to);
        for (size_t i = 0; i < catalogue->n; i++)
                row_write(to, catalogue, &catalogue->rows[i]);
        return ferror(to) ? -EIO : 0;
}
