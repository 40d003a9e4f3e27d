/* The few macros that the rest is written with. */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#include <stddef.h>
#include <stdlib.h>

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/* The struct of `type` whose `member` is at `pointer`. */
#define CONTAINER_OF(pointer, type, member) ((type *) (void *) ((char *) (pointer) -offsetof(type, member)))

/* The value of a pointer variable, which is left NULL: what a cleanup variable gives away on success. */
#define TAKE(pointer)                                                                                        \
        __extension__({                                                                                      \
                __typeof__(pointer) _taken = (pointer);                                                      \
                (pointer) = NULL;                                                                            \
                _taken;                                                                                      \
        })

/* Free when the scope is left; `fn` takes a pointer to the variable. */
#define _cleanup_(fn) __attribute__((cleanup(fn)))

/* For `_cleanup_(free_p)` on anything that came from malloc. */
static inline void free_p(void *pointer)
{
        free(*(void **) pointer);
}

#define _cleanup_free_ _cleanup_(free_p)

/* Makes `type_freep` for `_cleanup_` out of a destructor `fn(type *)`. */
#define DEFINE_CLEANUP(type, fn)                                                                             \
        static inline void fn##p(type **thing)                                                               \
        {                                                                                                    \
                fn(*thing);                                                                                  \
        }

/* Free and give back NULL: for the last line of destructors. */
static inline void *mfree(void *memory)
{
        free(memory);
        return NULL;
}

#define _printf_(string, first) __attribute__((__format__(__printf__, string, first)))

#endif
