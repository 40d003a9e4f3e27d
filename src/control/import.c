#include "control/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/looptime.h"
#include "control/import_line.h"
#include "control/routes.h"
#include "engine/import.h"

#define LINE_MAX_SIZE  8192
#define TURN_MAX       (10 * USEC_PER_MSEC)
#define COMPLAINTS_MAX 1000 /* bad lines beyond this are counted, not listed */

struct import {
        struct engine *engine;
        bool dry_run, sync;
        bool passing;        /* the lines before were passed over, and that was said */
        bool too_long;       /* the line that is being read: skip to its end */
        struct secret *line; /* the begin of a line whose end has not come yet */
        size_t used;
        struct secret
                *rest;    /* of a piece: what the turn of the loop was not long enough for; NULL: nothing */
        size_t rest_used; /* of it, by now */
        uint64_t number;  /* of that line, from 1 */
        uint64_t taken, bad;       /* taken: of a rehearsal only */
        struct import_lines lines; /* else */
        uint64_t changed, unchanged, waiting;
        json_t *complaints, *notes;
        json_t *notes_alike; /* by their words: how many lines, and the first one */
        json_t *replaced;    /* names whose secret is another one */
};

int import_new(struct visit *visit, struct import **ret)
{
        struct import *import = calloc(1, sizeof(*import));

        if (!import)
                return -ENOMEM;
        import->engine = visit->parts->engine;
        import->number = 1;
        import->complaints = json_array();
        import->notes = json_array();
        import->notes_alike = json_object();
        import->replaced = json_array();
        import->line = secret_new(LINE_MAX_SIZE);
        *ret = import; /* the request frees it in any case */
        if (!import->complaints || !import->notes || !import->notes_alike || !import->replaced ||
            !import->line)
                return -ENOMEM;
        (void) parameter_flag(visit, "dry_run", &import->dry_run);
        (void) parameter_flag(visit, "sync", &import->sync);
        return 0;
}

struct import *import_free(struct import *import)
{
        if (!import)
                return NULL;
        engine_import_end(import->engine, &import->lines); /* who asked may be gone; what came is kept */
        secret_free(import->line);
        secret_free(import->rest);
        json_decref(import->complaints);
        json_decref(import->notes);
        json_decref(import->notes_alike);
        json_decref(import->replaced);
        return mfree(import);
}

static void say(const struct import *import, json_t *list, const char *message)
{
        if (json_array_size(list) < COMPLAINTS_MAX)
                json_array_append_new(list, json_pack("{s:I,s:s}", "line", (json_int_t) import->number,
                                                      "message", message));
}

/* Thousands of lines may have the same fault, which is worth one line. */
static void note(struct import *import, const char *message)
{
        json_t *alike = json_object_get(import->notes_alike, message);

        say(import, import->notes, message);
        if (alike)
                json_object_set_new(alike, "lines",
                                    json_integer(json_integer_value(json_object_get(alike, "lines")) + 1));
        else if (json_object_size(import->notes_alike) < COMPLAINTS_MAX)
                json_object_set_new(import->notes_alike, message,
                                    json_pack("{s:s,s:i,s:I}", "message", message, "lines", 1, "first",
                                              (json_int_t) import->number));
}

/* In the order in which they came first. */
static json_t *notes_json(const struct import *import)
{
        json_t *list = json_array(), *one;
        const char *message;

        json_object_foreach(import->notes_alike, message, one) json_array_append(list, one);
        return list;
}

static void complain(struct import *import, const char *message)
{
        import->bad++;
        say(import, import->complaints, message);
}

static void count(struct import *import, enum sync_result what, const char *name)
{
        switch (what) {
        case SYNC_ADDED:
                import->taken++;
                break;
        case SYNC_REPLACED:
                json_array_append_new(import->replaced, json_string(name));
                break;
        case SYNC_CHANGED:
                import->changed++;
                break;
        case SYNC_UNCHANGED:
                import->unchanged++;
                break;
        case SYNC_WAITING:
                import->waiting++;
                break;
        }
}

static void take_line(struct import *import, const char *bytes, size_t size)
{
        _cleanup_free_ char *why = NULL, *warning = NULL;
        enum sync_result result = SYNC_ADDED;
        struct import_line line;
        const char *what;
        int r;

        if (import_line_parse(bytes, size, &line, &what) < 0) {
                complain(import, what);
                return;
        }
        /* Only a key that is there has one already. */
        if (!line.said.request.profile &&
            !(import->sync && engine_key_named(import->engine, line.said.request.name))) {
                complain(import, "\"name\", \"key\" and \"profile\" must be given");
                import_line_clear(&line);
                return;
        }
        if (import->sync)
                r = engine_sync(import->engine, &line.said, line.secret, import->dry_run, &result, &warning,
                                &why);
        else
                r = engine_import(import->engine, &line.said.request, line.secret, import->dry_run, &warning,
                                  &why);
        if (r < 0)
                complain(import, why ? why : strerror(-r));
        else
                count(import, result, line.said.request.name);
        if (warning)
                note(import, warning);
        import_line_clear(&line);
}

static bool is_blank(const char *bytes, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r')
                        return false;
        return true;
}

/* The line in the buffer is whole. */
static void end_line(struct import *import)
{
        if (import->too_long)
                complain(import, "longer than 8192 bytes, or its begin was lost");
        else if (!is_blank(import->line->bytes, import->used))
                take_line(import, import->line->bytes, import->used);
        explicit_bzero(import->line->bytes, import->used);
        import->used = 0;
        import->too_long = false;
        import->number++;
}

static void collect(struct import *import, const char *bytes, size_t size)
{
        if (size > LINE_MAX_SIZE - import->used) {
                import->too_long = true;
                return;
        }
        memcpy(import->line->bytes + import->used, bytes, size);
        import->used += size;
}

/* Lines that were taken, and then could not be committed. */
static void say_lost(struct import *import)
{
        char text[160];

        if (import->lines.lost == 0)
                return;
        snprintf(text, sizeof(text), "the %zu lines up to here could not be stored: %s", import->lines.lost,
                 strerror(-import->lines.error));
        complain(import, text);
        import->bad += import->lines.lost - 1;
        import->lines.lost = 0;
}

static void end_piece(struct import *import)
{
        if (!import->dry_run)
                engine_import_pause(import->engine);
        say_lost(import);
}

static int begin_piece(struct import *import, char **ret_why)
{
        return import->dry_run ? 0 : engine_import_begin(import->engine, &import->lines, ret_why);
}

/* The store does not take anything: all lines of this piece are bad ones, for one reason. */
static void pass_over(struct import *import, const char *why, const char *bytes, size_t size)
{
        uint64_t n = 0;

        for (size_t i = 0; i < size; i++)
                n += bytes[i] == '\n';
        if (n > 0 && !import->passing)
                complain(import,
                         why ? why
                             : "the database is in trouble: this line and those after it were not stored");
        import->bad += n - (n > 0 && !import->passing);
        import->passing = import->passing || n > 0;
        import->number += n;
        explicit_bzero(import->line->bytes, import->used);
        import->used = 0;
        import->too_long = size > 0 && bytes[size - 1] != '\n'; /* the rest of a line that is lost */
}

/* Gives how much of it had its turn. */
static size_t take_some(struct import *import, const char *bytes, size_t size)
{
        _cleanup_free_ char *why = NULL;
        usec_t until = looptime_now() + TURN_MAX;
        size_t taken = 0;

        if (begin_piece(import, &why) < 0) {
                pass_over(import, why, bytes, size);
                return size;
        }
        import->passing = false;
        while (taken < size && (taken == 0 || looptime_now() < until)) {
                const char *begin = bytes + taken, *newline = memchr(begin, '\n', size - taken);
                size_t n = newline ? (size_t) (newline - begin) : size - taken;

                collect(import, begin, n);
                if (newline)
                        end_line(import);
                taken += n + (newline ? 1 : 0);
        }
        end_piece(import);
        return taken;
}

int import_feed(struct import *import, const char *bytes, size_t size)
{
        struct secret *before = import->rest;
        size_t left = before ? before->size - import->rest_used : 0;
        size_t taken = before ? 0 : take_some(import, bytes, size);

        if (taken == size)
                return 0;
        struct secret *rest = secret_new(left + size - taken);
        if (!rest)
                return -ENOMEM;
        if (before)
                memcpy(rest->bytes, before->bytes + import->rest_used, left);
        memcpy(rest->bytes + left, bytes + taken, size - taken);
        secret_free(before);
        import->rest = rest;
        import->rest_used = 0;
        return 0;
}

bool import_has_more(const struct import *import)
{
        return import->rest;
}

bool import_more(struct import *import)
{
        struct secret *rest = import->rest;

        import->rest_used +=
                take_some(import, rest->bytes + import->rest_used, rest->size - import->rest_used);
        if (import->rest_used == rest->size)
                import->rest = secret_free(rest);
        return import->rest;
}

void serve_import(struct visit *visit)
{
        struct import *import = visit->import;
        _cleanup_free_ char *why = NULL;

        if ((import->used > 0 || import->too_long) &&
            begin_piece(import, &why) >= 0) /* no newline at the end */
                end_line(import);
        engine_import_end(import->engine, &import->lines);
        say_lost(import);
        uint64_t stored = import->dry_run ? import->taken : import->lines.stored;
        json_t *answer =
                json_pack("{s:I,s:I,s:b,s:O,s:O,s:o}", "imported", (json_int_t) stored, "refused",
                          (json_int_t) import->bad, "dry_run", import->dry_run, "errors", import->complaints,
                          "warnings", import->notes, "notes", notes_json(import));
        if (answer && import->sync &&
            json_object_update_new(
                    answer, json_pack("{s:I,s:I,s:I,s:O}", "changed", (json_int_t) import->changed,
                                      "unchanged", (json_int_t) import->unchanged, "waiting",
                                      (json_int_t) import->waiting, "replaced", import->replaced)) < 0) {
                json_decref(answer);
                answer = NULL;
        }
        if (!import->dry_run && stored > 0)
                engine_did(import->engine, "imported", stored, NULL);
        if (!import->dry_run && import->changed > 0)
                engine_did(import->engine, "set", import->changed, NULL);
        reply_json(visit, MHD_HTTP_OK, answer);
}
