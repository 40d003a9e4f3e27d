/* Without memory there are two ways, and no third. Whatever a caller can try again gives back -ENOMEM.
 * Bookkeeping that may not be lost (a belief, an incident, an event) goes through memory_sure(): the program
 * ends with one line, systemd starts it anew, and the database knows where it was. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* What an allocation gave. NULL ends the program. */
void *memory_sure(void *memory);

/* The end, where no pointer says it. */
_Noreturn void memory_end(void);

/* A copy that the caller frees; of NULL: "". Ends the program without memory. */
char *memory_text(const char *text);

/* Room for `more` after the `n` items of `size` bytes that there are: gives the array, perhaps elsewhere, and
 * the room that it has now. NULL without memory: array and room are what they were. */
void *array_room(void *items, size_t n, size_t more, size_t *room, size_t size);

#endif
