#include "cli/findings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"

static void line(const json_t *result, const char *title, const char *name)
{
        const char *text = text_of(result, name);

        if (*text != '\0')
                printf("  %s %s\n", title, text);
}

void findings_print(const json_t *result)
{
        const char *name = text_of(result, "name"), *message = text_of(result, "message");

        if (*name == '\0')
                return;
        bool refused = json_object_get(result, "error") != NULL;

        if (!refused && *message != '\0')
                printf("%s: %s\n", name, message);
        else if (!refused && strcmp(text_of(result, "outcome"), "well") == 0)
                printf("%s is as it should be.\n", name);
        line(result, "account:", "account");
        if (!strstr(message, text_of(result, "missing_labels")))
                line(result, "missing:", "missing_labels");
        if (!strstr(message, text_of(result, "excess_labels")))
                line(result, "too much:", "excess_labels");
        line(result, "not told:", "unprobed");
        line(result, "note:", "warning");
        line(result, "mend it:", "remedy_url");
}
