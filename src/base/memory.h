/* Without memory there are two ways, and no third. Whatever a caller can try again gives back -ENOMEM.
 * Bookkeeping that may not be lost (a belief, an incident, an event) goes through memory_sure(): the program
 * ends with one line, systemd starts it anew, and the database knows where it was. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>
#include <stdio.h>

/* What an allocation gave. NULL ends the program. */
void *memory_sure(void *memory);

/* The end, where no pointer says it. */
_Noreturn void memory_end(void);

/* A copy that the caller frees; of NULL: "". Ends the program without memory. */
char *memory_text(const char *text);

/* Room for `more` after the `n` items of `size` bytes that there are: gives the array, perhaps elsewhere, and
 * the room that it has now. NULL without memory: array and room are what they were. */
void *array_room(void *items, size_t n, size_t more, size_t *room, size_t size);

/* A text that is written like a file. fclose() gives it to `*ret`, which the caller frees then, or fails,
 * when not all of it could be kept: `*ret` is NULL. NULL without memory. (What the C library has for this,
 * open_memstream(), loses pieces of the text when memory is short, and nothing says so.) */
FILE *memory_stream(char **ret, size_t *ret_size);

#endif
