#include "store/selector_sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "model/key.h"

bool selector_is_empty(const struct key_selector *s)
{
        return s->n_patterns == 0 && !s->states && !s->profile && !s->account && !s->mode && !s->label_name &&
               !s->missing && !s->excess && s->expiring == 0 && !s->not_well;
}

/* --- the text: what is not asked for costs nothing */

static void write_patterns(FILE *to, const struct key_selector *s)
{
        if (s->n_patterns == 0)
                return;
        fputs(" AND (0", to);
        for (size_t i = 0; i < s->n_patterns; i++)
                fprintf(to, " OR k.name GLOB :pattern%zu", i);
        fputs(")", to);
}

bool selector_takes_state(const char *word)
{
        enum state state;
        enum life life;

        return state_parse(word, &state) >= 0 ||
               (life_parse(word, &life) >= 0 && (life == LIFE_SUSPECT || life == LIFE_HELD));
}

/* Only words that are states come into the text. A key in doubt shows its former state, so that is asked for
 * by words of its own: one that is held is suspect, too. */
static int write_states(FILE *to, const struct key_selector *s)
{
        _cleanup_free_ char *copy = s->states ? strdup(s->states) : NULL;
        char *rest = copy;

        if (!s->states)
                return 0;
        if (!copy)
                return -ENOMEM;
        fputs(" AND (0", to);
        for (const char *word; (word = strsep(&rest, ","));) {
                if (!selector_takes_state(word))
                        return -EINVAL;
                if (strcmp(word, life_name(LIFE_SUSPECT)) == 0)
                        fputs(" OR k.life IN ('suspect', 'held')", to);
                else if (strcmp(word, life_name(LIFE_HELD)) == 0)
                        fputs(" OR k.life = 'held'", to);
                else
                        fprintf(to, " OR " STATE_NOW " = '%s'", word);
        }
        fputs(")", to);
        return 0;
}

static int write_conditions(FILE *to, const struct key_selector *s)
{
        const struct {
                bool wanted;
                const char *text;
        } conditions[] = {
                { s->profile, "p.name = :profile" },
                { s->account, "a.name = :account" },
                { s->mode, "k.mode = :mode" },
                { s->label_name, "EXISTS(SELECT 1 FROM label l WHERE l.key = k.id AND l.name = :label_name"
                                 " AND (:label_value IS NULL OR l.value = :label_value))" },
                { s->missing, "instr(' ' || k.missing || ' ', ' ' || :missing || ' ')" },
                { s->excess, "instr(' ' || k.excess || ' ', ' ' || :excess || ' ')" },
                { s->expiring != 0, "k.expires > 0 AND k.expires <= :expiring" },
                { s->not_well,
                  "(" STATE_NOW " <> 'healthy' OR EXISTS(SELECT 1 FROM incident i WHERE i.key = k.id"
                  " AND i.cleared = 0))" },
        };

        write_patterns(to, s);
        for (size_t i = 0; i < ELEMENTSOF(conditions); i++)
                if (conditions[i].wanted)
                        fprintf(to, " AND %s", conditions[i].text);
        return write_states(to, s);
}

void selector_put_now(sqlite3_stmt *statement)
{
        int i = sqlite3_bind_parameter_index(statement, ":now");

        if (i > 0)
                sqlite3_bind_int64(statement, i, (int64_t) time(NULL));
}

/* Copied: the statement outlives the selector. */
static void put(sqlite3_stmt *statement, const char *name, const char *value)
{
        int i = sqlite3_bind_parameter_index(statement, name);

        if (i > 0 && value)
                sqlite3_bind_text(statement, i, value, -1, SQLITE_TRANSIENT);
}

static void put_all(sqlite3_stmt *statement, const struct key_selector *s)
{
        int expiring = sqlite3_bind_parameter_index(statement, ":expiring");

        for (size_t i = 0; i < s->n_patterns; i++) {
                char name[24];

                snprintf(name, sizeof(name), ":pattern%zu", i);
                put(statement, name, s->patterns[i]);
        }
        put(statement, ":profile", s->profile);
        put(statement, ":account", s->account);
        put(statement, ":mode", s->mode);
        put(statement, ":label_name", s->label_name);
        put(statement, ":label_value", s->label_value);
        put(statement, ":missing", s->missing);
        put(statement, ":excess", s->excess);
        if (expiring > 0)
                sqlite3_bind_int64(statement, expiring, s->expiring);
}

int selector_prepare(struct store *store, const char *begin, const struct key_selector *s, const char *end,
                     sqlite3_stmt **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *to = memory_stream(&text, &size);
        int r, code;

        if (!to)
                return -ENOMEM;
        fputs(begin, to);
        r = write_conditions(to, s);
        fputs(end, to);
        if (fclose(to) != 0)
                return -ENOMEM;
        if (r < 0)
                return r;
        code = sqlite3_prepare_v2(store->db, text, (int) size, ret, NULL);
        if (code == SQLITE_OK)
                put_all(*ret, s);
        return code == SQLITE_ERROR ? -EINVAL : db_errno(store->db, code);
}
