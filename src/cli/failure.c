#include "cli/failure.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#define LINE_MAX_SIZE 8192
#define KEPT          100 /* lines in a problem */

/* Of the one command that this process runs. */
static struct {
        enum failure kind;
        json_t *lines; /* what was said; NULL: nothing */
        bool answered;
} told;

static const char *const codes[] = {
#define X(name, code, title) [FAILURE_##name] = (code),
        FAILURES(X)
#undef X
};

static const char *const titles[] = {
#define X(name, code, title) [FAILURE_##name] = (title),
        FAILURES(X)
#undef X
};

static void keep(enum failure kind, const char *line)
{
        if (!told.lines)
                told.lines = json_array();
        if (told.kind == FAILURE_FAILED)
                told.kind = kind;
        if (json_array_size(told.lines) < KEPT)
                (void) json_array_append_new(told.lines, json_string(line));
}

static void _printf_(2, 0) say(char line[static LINE_MAX_SIZE], const char *format, va_list arguments)
{
        fflush(stdout);
        vsnprintf(line, LINE_MAX_SIZE, format, arguments);
        fprintf(stderr, "keyvigil: %s\n", text_scrub(line));
}

static void _printf_(2, 0) say_and_keep(enum failure kind, const char *format, va_list arguments)
{
        char line[LINE_MAX_SIZE];

        say(line, format, arguments);
        keep(kind, line);
}

void complain(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        say_and_keep(FAILURE_FAILED, format, arguments);
        va_end(arguments);
}

void complain_as(enum failure kind, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        say_and_keep(kind, format, arguments);
        va_end(arguments);
}

void complain_at(enum failure kind, const char *line)
{
        fflush(stdout);
        fprintf(stderr, "%s\n", line);
        keep(kind, line);
}

void remark(const char *format, ...)
{
        char line[LINE_MAX_SIZE];
        va_list arguments;

        va_start(arguments, format);
        say(line, format, arguments);
        va_end(arguments);
}

void failure_is_answered(void)
{
        told.answered = true;
}

static void print(int status)
{
        enum failure kind = status == CLI_USAGE ? FAILURE_USAGE : told.kind;
        const char *first = json_string_value(json_array_get(told.lines, 0));
        json_t *problem =
                json_pack("{s:s+,s:s,s:s,s:s}", "type", "urn:keyvigil:problem:", codes[kind], "title",
                          titles[kind], "code", codes[kind], "detail", first ? first : titles[kind]);

        if (problem && json_array_size(told.lines) > 1)
                (void) json_object_set(problem, "errors", told.lines);
        if (problem)
                (void) json_dumpf(problem, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(problem);
}

void failure_end(bool json, int status)
{
        if (json && status != CLI_OK && !told.answered)
                print(status);
        json_decref(told.lines);
        told.lines = NULL;
}
