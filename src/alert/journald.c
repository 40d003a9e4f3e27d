#include "alert/journald.h"

#define SD_JOURNAL_SUPPRESS_LOCATION /* the event's own fields are all that is sent */

#include <errno.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "alert/journald_private.h"
#include "alert/probe.h"

#define JOURNALD_SOCKET "/run/systemd/journal/socket"

/* Far above the largest event. An entry beyond is a fault of ours, and journald is not the place to find out.
 */
#define FIELDS_MAX 64
#define BYTES_MAX  (128 * 1024)

struct journald {
        struct journal journal;
        journald_sendv_fn sendv;
        char path[];
};

static int fields_to_iovec(const char *const *fields, size_t n, struct iovec *iovec)
{
        size_t bytes = 0;

        for (size_t i = 0; i < n; i++) {
                size_t size = strlen(fields[i]);

                if (!memchr(fields[i], '=', size) || memchr(fields[i], '\n', size))
                        return -EINVAL;
                bytes += size;
                if (bytes > BYTES_MAX)
                        return -E2BIG;
                iovec[i] = (struct iovec){ .iov_base = (void *) (uintptr_t) fields[i], .iov_len = size };
        }
        return 0;
}

/* -EINVAL, -E2BIG and -EMSGSIZE are about the entry; all else is about journald, or about what we are short
 * of now. */
static int send_result(int r)
{
        if (r >= 0)
                return 0;
        return r == -EINVAL || r == -E2BIG || r == -EMSGSIZE ? r : -EAGAIN;
}

static int journald_send(struct journal *journal, const char *const *fields, size_t n)
{
        struct journald *self = CONTAINER_OF(journal, struct journald, journal);
        struct iovec iovec[FIELDS_MAX];

        if (n == 0 || n > FIELDS_MAX)
                return n == 0 ? -EINVAL : -E2BIG;
        int r = fields_to_iovec(fields, n, iovec);
        if (r < 0)
                return r;

        /* Between this look and the sending another process can take the last place in the queue of a
         * journald that is stuck, and we block after all: the watchdog of the service ends that, and the
         * event, still unsent, is sent after the restart. */
        if (probe_socket(self->path) < 0)
                return -EAGAIN;
        return send_result(self->sendv(iovec, (int) n));
}

int journald_new_with(const char *path, journald_sendv_fn sendv, struct journal **ret)
{
        size_t size = strlen(path) + 1;
        struct journald *self = malloc(sizeof(*self) + size);

        if (!self)
                return -ENOMEM;
        self->journal.send = journald_send;
        self->sendv = sendv;
        memcpy(self->path, path, size);
        *ret = &self->journal;
        return 0;
}

int journald_new(struct journal **ret)
{
        return journald_new_with(JOURNALD_SOCKET, sd_journal_sendv, ret);
}

struct journal *journald_free(struct journal *journal)
{
        if (!journal)
                return NULL;
        return mfree(CONTAINER_OF(journal, struct journald, journal));
}
