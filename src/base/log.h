/* The daemon's plain words: start, stop, reload, and what went wrong with ourselves. Goes to standard error,
 * with the level prefix of sd-daemon(3) when that is not a terminal, so that journald keeps the priority.
 * Events about keys do not go here but through journal.h. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <syslog.h>

#include "base/macros.h"

/* Messages less urgent than `level` (LOG_ERR … LOG_DEBUG) are dropped. At the start: LOG_INFO. */
void log_set_level(int level);

/* One line, without a newline at its end. Gives back -|error|, so that a caller can log and return at once.
 * `%m` in the format stands for the text of `error`. */
int log_full(int level, int error, const char *format, ...) _printf_(3, 4);

#define log_debug(...)            ((void) log_full(LOG_DEBUG, 0, __VA_ARGS__))
#define log_info(...)             ((void) log_full(LOG_INFO, 0, __VA_ARGS__))
#define log_notice(...)           ((void) log_full(LOG_NOTICE, 0, __VA_ARGS__))
#define log_warning(...)          ((void) log_full(LOG_WARNING, 0, __VA_ARGS__))
#define log_error(...)            ((void) log_full(LOG_ERR, 0, __VA_ARGS__))
#define log_warning_errno(r, ...) log_full(LOG_WARNING, (r), __VA_ARGS__)
#define log_error_errno(r, ...)   log_full(LOG_ERR, (r), __VA_ARGS__)

#endif
