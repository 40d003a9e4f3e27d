/* Where events go. The daemon gives the engine journald (alert/), the simulation an array. */
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H

#include <stddef.h>

struct journal {
        /* Send one entry: `fields` holds `n` strings "NAME=value", UTF-8, no newline. Nothing is kept.
         * 0: handed over. -EAGAIN: the journal cannot take it now (stopped, full, wedged): ask again later;
         * never blocks. Any other negative errno: this entry was refused for itself (too large, say);
         * repeating it is no use. */
        int (*send)(struct journal *journal, const char *const *fields, size_t n);
};

#endif
