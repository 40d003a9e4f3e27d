#include "cli/findings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"

/* Does the sentence name all of them? */
static bool is_said(const char *message, const json_t *labels)
{
        const json_t *label;
        size_t i;

        json_array_foreach(labels, i, label) if (!strstr(message, json_string_value(label))) return false;
        return true;
}

void findings_print(const json_t *result)
{
        const char *name = text_of(result, "name"), *message = text_of(result, "message");

        if (*name == '\0')
                return;
        bool refused = json_object_get(result, "detail") != NULL;

        if (!refused && *message != '\0')
                printf("%s: %s\n", name, message);
        else if (!refused && strcmp(text_of(result, "outcome"), "well") == 0)
                printf("%s is as it should be.\n", name);
        line_print(result, "account:", "account");
        if (!is_said(message, json_object_get(result, "missing_labels")))
                line_print(result, "missing:", "missing_labels");
        if (!is_said(message, json_object_get(result, "excess_labels")))
                line_print(result, "too much:", "excess_labels");
        line_print(result, "not told:", "unprobed");
        line_print(result, "note:", "warning");
        line_print(result, "mend it:", "remedy_url");
}
