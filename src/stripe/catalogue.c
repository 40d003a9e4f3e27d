#include "stripe/catalogue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ABSENT "{absent}"

const char *risk_name(enum risk risk)
{
        static const char *const names[_RISK_MAX] = {
                [RISK_MONEY] = "money",
                [RISK_PERSONAL] = "personal",
                [RISK_CONFIG] = "configuration",
                [RISK_LOW] = "low",
        };

        return names[risk];
}

static void probe_clear(struct probe *probe)
{
        free(probe->path);
        free(probe->why_not);
        for (size_t i = 0; i < probe->n_granted_codes; i++)
                free(probe->granted_codes[i]);
}

struct catalogue *catalogue_free(struct catalogue *catalogue)
{
        if (!catalogue)
                return NULL;
        for (size_t i = 0; i < catalogue->n; i++) {
                struct permission *row = &catalogue->rows[i];

                for (size_t k = 0; k < row->n_labels; k++)
                        free(row->labels[k]);
                free(row->labels);
                free(row->implied_by);
                free(row->excused_by);
                free(row->name);
                free(row->group);
                free(row->gated);
                free(row->since);
                free(row->fact);
                probe_clear(&row->read);
                probe_clear(&row->write);
        }
        free(catalogue->rows);
        free(catalogue->version);
        return mfree(catalogue);
}

int catalogue_find(const struct catalogue *catalogue, const char *name, unsigned *ret_row)
{
        for (size_t i = 0; i < catalogue->n; i++)
                if (strcmp(catalogue->rows[i].name, name) == 0) {
                        *ret_row = (unsigned) i;
                        return 0;
                }
        return -ENOENT;
}

static bool permission_has_label(const struct permission *row, const char *label)
{
        for (size_t i = 0; i < row->n_labels; i++)
                if (strcasecmp(row->labels[i], label) == 0)
                        return true;
        return false;
}

int catalogue_find_label(const struct catalogue *catalogue, const char *label, unsigned *ret_row)
{
        for (size_t i = 0; i < catalogue->n; i++)
                if (permission_has_label(&catalogue->rows[i], label)) {
                        *ret_row = (unsigned) i;
                        return 0;
                }
        return -ENOENT;
}

const struct probe *permission_probe(const struct permission *permission, enum level level, bool live)
{
        const struct probe *probe = level == LEVEL_WRITE ? &permission->write : &permission->read;

        if (level == LEVEL_NONE || !probe->path || probe->too_new ||
            !(live ? probe->mode_live : probe->mode_test))
                return NULL;
        return probe;
}

static int probe_put_aside(struct probe *probe, const char *since)
{
        if (!probe->path)
                return 0;
        probe->too_new = true;
        return asprintf(&probe->why_not, "it needs version %s of the API or a later one", since) < 0 ? -ENOMEM
                                                                                                     : 0;
}

int catalogue_set_version(struct catalogue *catalogue, const char *api_version)
{
        for (size_t i = 0; i < catalogue->n; i++) {
                struct permission *row = &catalogue->rows[i];

                if (!row->since || strncmp(row->since, api_version, strlen("YYYY-MM-DD")) <= 0)
                        continue;
                if (probe_put_aside(&row->read, row->since) < 0 ||
                    probe_put_aside(&row->write, row->since) < 0)
                        return -ENOMEM;
        }
        return 0;
}

bool probe_is_v2(const struct probe *probe)
{
        return probe->path && strncmp(probe->path, "/v2/", strlen("/v2/")) == 0;
}

static size_t count_absent(const char *path)
{
        size_t n = 0;

        for (const char *at = path; (at = strstr(at, ABSENT)); at += strlen(ABSENT))
                n++;
        return n;
}

int probe_path(const struct probe *probe, const char *absent, char **ret)
{
        const char *from = probe->path, *found;
        size_t n = strlen(absent);
        char *path = malloc(strlen(from) + count_absent(from) * n + 1), *to = path;

        if (!path)
                return -ENOMEM;
        while ((found = strstr(from, ABSENT))) {
                to = mempcpy(to, from, (size_t) (found - from));
                to = mempcpy(to, absent, n);
                from = found + strlen(ABSENT);
        }
        memcpy(to, from, strlen(from) + 1);
        *ret = path;
        return 0;
}
