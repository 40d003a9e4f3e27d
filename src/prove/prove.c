#include "prove/prove.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

const char *prove_key_name(enum prove_key key)
{
        static const char *const names[_PROVE_KEY_MAX] = {
                [PROVE_ALL] = "all",
                [PROVE_NONE] = "none",
                [PROVE_PROFILE] = "profile",
        };

        return names[key];
}

const char *prove_key_title(enum prove_key key)
{
        static const char *const titles[_PROVE_KEY_MAX] = {
                [PROVE_ALL] = "with all rights",
                [PROVE_NONE] = "without rights",
                [PROVE_PROFILE] = "of the profile",
        };

        return titles[key];
}

bool prove_is_told(const struct prove_answer *answer)
{
        return answer->asked && answer->answer != ANSWER_THROTTLED &&
               (answer->answer != ANSWER_UNCLEAR || answer->stale);
}

int proof_new(const struct conf *conf, const struct profile *profile, struct proof **ret)
{
        _cleanup_(proof_freep) struct proof *proof = calloc(1, sizeof(*proof));

        if (!proof)
                return -ENOMEM;
        proof->conf = conf;
        proof->profile = profile;
        proof->rows = calloc(3 * conf->catalogue->n, sizeof(*proof->rows));
        if (!proof->rows)
                return -ENOMEM;
        for (unsigned row = 0; row < conf->catalogue->n; row++)
                for (enum level level = LEVEL_READ; level <= LEVEL_WRITE; level++) {
                        const struct probe *probe =
                                permission_probe(&conf->catalogue->rows[row], level, false);

                        if (!probe)
                                continue;
                        struct prove_row *new = &proof->rows[proof->n++];
                        *new = (struct prove_row){ .row = row, .level = level, .probe = probe };
                        new->asked = strdup(probe->path);
                        if (!new->asked)
                                return -ENOMEM;
                }
        *ret = TAKE(proof);
        return 0;
}

struct proof *proof_free(struct proof *proof)
{
        if (!proof)
                return NULL;
        for (size_t i = 0; i < proof->n + proof->n_lists; i++) {
                free(proof->rows[i].asked);
                free(proof->rows[i].mended);
        }
        free(proof->rows);
        return mfree(proof);
}

/* "coupon_read" as a word of the names in a refusal. */
static bool is_named(const char *names, const char *name, enum level level)
{
        char id[80];

        snprintf(id, sizeof(id), "%s_%s", name, level_name(level));
        for (const char *at = names; (at = strstr(at, id)); at++)
                if ((at == names || at[-1] == ' ') && strchr(" ", at[strlen(id)]))
                        return true;
        return false;
}

static bool is_gone(const struct prove_answer *answer)
{
        return answer->stale && answer->code[0] == '\0' &&
               strncmp(answer->text, "Unrecognized request URL", strlen("Unrecognized request URL")) == 0;
}

/* A POST that was to be refused, and was not. */
static bool is_carried_out(const struct prove_row *row)
{
        for (int key = 0; key < _PROVE_KEY_MAX; key++) {
                const struct prove_answer *answer = &row->answers[key];

                if (row->probe->method == METHOD_POST && answer->asked && answer->answer == ANSWER_GRANTED &&
                    answer->status < 300)
                        return true;
        }
        return false;
}

static enum prove_verdict verdict_of(const struct prove_row *row)
{
        const struct prove_answer *all = &row->answers[PROVE_ALL], *none = &row->answers[PROVE_NONE];

        if (is_carried_out(row))
                return PROVE_CARRIED_OUT;
        if (none->answer == ANSWER_GRANTED)
                return PROVE_FALSE_GRANTED;
        if (answer_is_feature_off(all->answer))
                return PROVE_OFF;
        if (is_gone(all))
                return PROVE_GONE;
        if (all->answer == ANSWER_REFUSED)
                return PROVE_REFUSED;
        if (all->stale)
                return PROVE_UNLISTED;
        if (all->answer != ANSWER_GRANTED || !prove_is_told(none))
                return PROVE_UNANSWERED;
        return none->answer == ANSWER_REFUSED ? PROVE_RIGHT : PROVE_ODD;
}

static bool requires_one(const struct profile *profile, const unsigned *rows, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (profile_requires(profile, rows[i]) != LEVEL_NONE)
                        return true;
        return false;
}

/* It lacks what it requires, or may do what nothing explains. What is implied may be there or not. */
static bool profile_is_wrong(const struct proof *proof, const struct prove_row *row)
{
        const struct permission *p = &proof->conf->catalogue->rows[row->row];
        enum answer answer = row->answers[PROVE_PROFILE].answer;

        if (!proof->profile || row->verdict != PROVE_RIGHT)
                return false;
        if (profile_requires(proof->profile, row->row) >= row->level)
                return answer == ANSWER_REFUSED;
        return answer == ANSWER_GRANTED && !requires_one(proof->profile, p->implied_by, p->n_implied_by) &&
               !requires_one(proof->profile, p->excused_by, p->n_excused_by);
}

/* Does the refusal name another permission than the row's, or those that cannot be told from it? */
static bool names_another(const struct proof *proof, const struct prove_row *row)
{
        const struct catalogue *catalogue = proof->conf->catalogue;
        const struct permission *p = &catalogue->rows[row->row];
        const char *named = row->answers[PROVE_NONE].permission;

        if (named[0] == '\0' || is_named(named, p->name, row->level))
                return false;
        for (size_t i = 0; i < p->n_excused_by; i++)
                if (is_named(named, catalogue->rows[p->excused_by[i]].name, row->level))
                        return false;
        return true;
}

void prove_judge(struct proof *proof)
{
        memset(proof->counts, 0, sizeof(proof->counts));
        for (size_t i = 0; i < proof->n + proof->n_lists; i++) {
                struct prove_row *row = &proof->rows[i];

                row->verdict = verdict_of(row);
                row->other_name = names_another(proof, row);
                row->profile_wrong = profile_is_wrong(proof, row);
                if (i < proof->n)
                        proof->counts[row->verdict]++;
        }
}

/* GET /v1/things/{absent}: the list of things, from an absent cursor. */
static int add_list(struct proof *proof, struct prove_row *row)
{
        static const char end[] = "/{absent}";
        struct prove_row *list = &proof->rows[proof->n + proof->n_lists];
        const char *found = strstr(row->asked, end), *why;
        char *path = NULL;

        if (row->probe->method != METHOD_GET || !found || found[strlen(end)] != '\0')
                return 0;
        if (asprintf(&path, "%.*s?limit=1&starting_after={absent}", (int) (found - row->asked), row->asked) <
            0)
                return -ENOMEM;
        if (catalogue_probe_allowed(METHOD_GET, path, &why) < 0) {
                free(path);
                return 0;
        }
        *list = (struct prove_row){
                .row = row->row, .level = row->level, .asked = path, .listing = *row->probe
        };
        list->listing.path = path;
        list->probe = &list->listing;
        row->list = list;
        proof->n_lists++;
        return 0;
}

int proof_add_lists(struct proof *proof)
{
        int r = 0;

        prove_judge(proof);
        if (proof_doubt(proof))
                return 0;
        for (size_t i = 0; i < proof->n && r >= 0; i++)
                if (proof->rows[i].verdict == PROVE_FALSE_GRANTED)
                        r = add_list(proof, &proof->rows[i]);
        return r < 0 ? r : (int) proof->n_lists;
}

bool proof_tells_account(const struct proof *proof)
{
        return proof->begin_alike || proof->accounts[PROVE_ALL] != 0;
}

/* So many lists may be looked up before the permission, but none beside what is asked for singly. */
#define LISTS_MAX 2

/* One row in so many may be refused to everybody. */
#define REFUSED_SHARE 10

const char *proof_doubt(const struct proof *proof)
{
        size_t lists = 0, beside = 0;

        for (size_t i = 0; i < proof->n + proof->n_lists; i++)
                if (proof->rows[i].verdict == PROVE_FALSE_GRANTED && strchr(proof->rows[i].asked, '?')) {
                        lists++;
                        beside += i >= proof->n;
                }
        if (beside > 0 || lists > LISTS_MAX)
                return "the key without rights was granted whole lists: it has rights, or is in the wrong "
                       "file.";
        if (REFUSED_SHARE * proof->counts[PROVE_REFUSED] > proof->n)
                return "the key with all rights was refused much of it: it lacks rights, or is in the wrong "
                       "file.";
        return NULL;
}
