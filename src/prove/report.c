#include "prove/report.h"

#include <string.h>

#include "base/macros.h"
#include "prove/blank.h"

static const struct {
        const char *title, *meaning;
        bool list; /* each with its answers; else the names alone */
} verdicts[_PROVE_VERDICT_MAX] = {
        [PROVE_RIGHT] = { "Proved", "granted to the one key and refused to the other", false },
        [PROVE_OFF] = { "Not shown by this account", "it, or test mode, lacks the product", false },
        [PROVE_FALSE_GRANTED] = { "Granted to a key without rights",
                                  "looked up before the permission, or the key is not without it", true },
        [PROVE_UNLISTED] = { "Granted in words that no rule lists", "the code is not known to the catalogue",
                             true },
        [PROVE_CARRIED_OUT] = { "Carried out", "it was to be refused, but made or changed something", true },
        [PROVE_GONE] = { "No such address", "gone, or of another version of the API", true },
        [PROVE_REFUSED] = { "Refused to the key with all rights", "it lacks this one, or nobody may have it",
                            true },
        [PROVE_ODD] = { "Refused in words that no rule lists", "the key without rights got another answer",
                        true },
        [PROVE_UNANSWERED] = { "Not told", "no answer that could be judged", true },
};

static void id_write(const struct proof *proof, const struct prove_row *row, FILE *to)
{
        fprintf(to, "%s_%s", proof->conf->catalogue->rows[row->row].name, level_name(row->level));
}

static void answer_write(const struct prove_row *row, enum prove_key key, FILE *to)
{
        const struct prove_answer *a = &row->answers[key];

        if (!a->asked)
                return;
        fprintf(to, "      %-15s  %s: %ld%s%s", prove_key_title(key), answer_name(a->answer), a->status,
                a->code[0] ? " " : "", a->code);
        if (a->text[0])
                fprintf(to, "  “%s”", a->text);
        putc('\n', to);
}

static void row_write(const struct proof *proof, const struct prove_row *row, FILE *to)
{
        fputs("  ", to);
        id_write(proof, row, to);
        fprintf(to, "  %s %s\n", row->probe->method == METHOD_GET ? "GET" : "POST", row->asked);
        for (int key = 0; key < _PROVE_KEY_MAX; key++)
                answer_write(row, (enum prove_key) key, to);
        if (row->mended)
                fprintf(to, "      mended: %s\n", row->mended);
}

static void verdict_write(const struct proof *proof, enum prove_verdict verdict, FILE *to)
{
        size_t width = 0;

        if (proof->counts[verdict] == 0)
                return;
        fprintf(to, "\n%s: %zu (%s)\n", verdicts[verdict].title, proof->counts[verdict],
                verdicts[verdict].meaning);
        for (size_t i = 0; i < proof->n; i++) {
                const struct prove_row *row = &proof->rows[i];

                if (row->verdict != verdict)
                        continue;
                if (verdicts[verdict].list) {
                        row_write(proof, row, to);
                        continue;
                }
                size_t n = strlen(proof->conf->catalogue->rows[row->row].name) + strlen("_write ");
                fputs(width == 0 ? "  " : width + n > 100 ? "\n  " : " ", to);
                width = width == 0 || width + n > 100 ? n : width + n;
                id_write(proof, row, to);
        }
        if (width > 0)
                putc('\n', to);
}

static void names_write(const struct proof *proof, FILE *to)
{
        bool first = true;

        for (size_t i = 0; i < proof->n; i++) {
                const struct prove_row *row = &proof->rows[i];

                if (!row->other_name)
                        continue;
                if (first)
                        fputs("\nRefusals that name another permission (a hint, no proof)\n", to);
                first = false;
                fputs("  ", to);
                id_write(proof, row, to);
                fprintf(to, ": %s\n", row->answers[PROVE_NONE].permission);
        }
}

static void profile_write(const struct proof *proof, FILE *to)
{
        bool first = true;

        for (size_t i = 0; i < proof->n; i++) {
                const struct prove_row *row = &proof->rows[i];

                if (!row->profile_wrong)
                        continue;
                if (first)
                        fprintf(to,
                                "\nThe key of the profile %s was answered otherwise than the profile says\n",
                                proof->profile->name);
                first = false;
                fputs("  ", to);
                id_write(proof, row, to);
                fprintf(to, ": %s\n", answer_name(row->answers[PROVE_PROFILE].answer));
        }
}

bool proof_has_findings(const struct proof *proof)
{
        for (size_t i = 0; i < proof->n; i++)
                if (proof->rows[i].profile_wrong)
                        return true;
        return proof->counts[PROVE_RIGHT] + proof->counts[PROVE_OFF] + proof->counts[PROVE_UNANSWERED] <
               proof->n;
}

void report_write(const struct proof *proof, const char *today, FILE *to)
{
        const size_t *counts = proof->counts;
        size_t otherwise = proof->n - counts[PROVE_RIGHT] - counts[PROVE_OFF] - counts[PROVE_UNANSWERED];

        fprintf(to, "keyvigil prove, %s: keyvigil %s, catalogue %s, version %s of the API, test mode\n",
                today, PACKAGE_VERSION, proof->conf->catalogue->version,
                proof->conf->settings.stripe.api_version);
        fprintf(to,
                "%zu requests of the catalogue: %zu proved, %zu otherwise than assumed, %zu not shown by "
                "this account, %zu not told\n",
                proof->n, counts[PROVE_RIGHT], otherwise, counts[PROVE_OFF], counts[PROVE_UNANSWERED]);
        if (!proof_tells_account(proof))
                fputs("Not checked: that the key with all rights is of the same account; no answer names its "
                      "account\n",
                      to);
        for (int verdict = _PROVE_VERDICT_MAX - 1; verdict > PROVE_RIGHT; verdict--)
                verdict_write(proof, (enum prove_verdict) verdict, to);
        names_write(proof, to);
        profile_write(proof, to);
        verdict_write(proof, PROVE_RIGHT, to);
}
