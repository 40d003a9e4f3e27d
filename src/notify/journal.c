#include "notify/journal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "alert/notice.h"
#include "base/log.h"

#define FIELDS_MAX 32

static void say(struct journal *journal, const struct notice *notice)
{
        _cleanup_free_ char *text = NULL;
        const char *fields[FIELDS_MAX];
        size_t n = 0;

        if (notice_fields(notice, &text) < 0)
                return;
        char *rest = text;
        for (char *line; n < FIELDS_MAX && (line = strsep(&rest, "\n"));)
                if (*line != '\0')
                        fields[n++] = line;
        int r = journal->send(journal, fields, n);
        if (r < 0)
                (void) log_warning_errno(r, "The journal could not be told: %m: %s", notice->detail);
}

void journal_failing(struct journal *journal, const char *name, const char *why, int64_t since)
{
        char detail[400];

        snprintf(detail, sizeof(detail), "%s: %s", name, why);
        const struct notice notice = {
                .kind = INCIDENT_NOTIFY_FAILING, .detail = detail, .since = since, .at = (int64_t) time(NULL)
        };

        say(journal, &notice);
}

void journal_works_again(struct journal *journal, const char *name, int64_t since)
{
        const struct notice notice = { .kind = INCIDENT_NOTIFY_FAILING,
                                       .phase = NOTICE_CLEARED,
                                       .detail = name,
                                       .since = since,
                                       .at = (int64_t) time(NULL) };

        say(journal, &notice);
}
