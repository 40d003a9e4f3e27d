#include "deliver.h"

#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

enum { DRIBBLE_MSEC = 100 };

/* The connection rests until its timer fires; MHD then calls the handler, or the reader, again. */
static void request_sleep(struct request *q, usec_t due)
{
        q->due = due;
        MHD_suspend_connection(q->connection);
        timers_add(q->timers, due, q);
}

static void add_headers(struct request *q, struct MHD_Response *r)
{
        const char *type = q->answer.content_type ? q->answer.content_type : "application/json";
        char date[32];

        date_text(world_now(q->world), date);
        if (!q->world->no_date && *date)
                MHD_add_response_header(r, "Date", date);
        MHD_add_response_header(r, "Server", "nginx");
        MHD_add_response_header(r, "Content-Type", type);
        for (unsigned i = 0; i < q->answer.headers_count; i++)
                if (q->answer.headers[i].value && *q->answer.headers[i].value)
                        MHD_add_response_header(r, q->answer.headers[i].name, q->answer.headers[i].value);
}

static ssize_t body_read(void *cls, uint64_t pos, char *out, size_t max)
{
        struct request *q = cls;
        const struct answer *a = &q->answer;

        if (a->delivery == DELIVERY_BODY_CUT) {
                if (pos >= a->bytes)
                        return MHD_CONTENT_READER_END_WITH_ERROR;
                max = max < a->bytes - pos ? max : a->bytes - pos;
        }
        if (q->piece > 0) {
                usec_t now = now_monotonic();

                if (now < q->due) {
                        request_sleep(q, q->due);
                        return 0;
                }
                q->due = now + q->interval;
                max = max < q->piece ? max : q->piece;
        }
        if (pos >= a->body.size) {
                memset(out, ' ', max);
                return (ssize_t) max;
        }
        max = max < a->body.size - pos ? max : a->body.size - pos;
        memcpy(out, a->body.data + pos, max);
        return (ssize_t) max;
}

static enum MHD_Result send_answer(struct request *q)
{
        const struct answer *a = &q->answer;
        struct MHD_Response *r;

        if (a->delivery == DELIVERY_DRIBBLED && !q->piece) {
                uint64_t pieces = (uint64_t) (a->seconds * 1000 / DRIBBLE_MSEC) + 1;

                q->piece = a->body.size / pieces + 1;
                q->interval = (usec_t) (a->seconds * USEC_PER_SEC * (double) q->piece /
                                        (double) (a->body.size + 1));
        }
        if (q->piece || a->delivery == DELIVERY_BODY_CUT || a->padding)
                r = MHD_create_response_from_callback(a->body.size + a->padding, 16384, body_read, q, NULL);
        else
                r = MHD_create_response_from_buffer(a->body.size, a->body.data, MHD_RESPMEM_PERSISTENT);
        if (!r)
                return MHD_NO;
        add_headers(q, r);

        enum MHD_Result ok = MHD_queue_response(q->connection, (unsigned) a->status, r);

        MHD_destroy_response(r);
        return ok;
}

/* The first bytes of the answer, written past MHD, which never gets to say anything on this connection. */
static void send_raw(struct request *q)
{
        const union MHD_ConnectionInfo *tls =
                MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        const union MHD_ConnectionInfo *fd =
                MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        const struct answer *a = &q->answer;
        struct buf raw = { 0 };

        buf_printf(&raw, "HTTP/1.1 %d Something\r\nContent-Type: application/json\r\n", a->status);
        for (unsigned i = 0; i < a->headers_count; i++)
                if (a->headers[i].value && *a->headers[i].value)
                        buf_printf(&raw, "%s: %s\r\n", a->headers[i].name, a->headers[i].value);
        buf_printf(&raw, "Content-Length: %zu\r\n\r\n", a->body.size);
        buf_add(&raw, a->body.data, a->body.size);
        if (raw.size > a->bytes)
                raw.size = (size_t) a->bytes;
        if (tls && tls->tls_session)
                (void) gnutls_record_send(tls->tls_session, raw.data, raw.size);
        else if (fd)
                (void) send(fd->connect_fd, raw.data, raw.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        buf_clear(&raw);
}

enum MHD_Result deliver(struct request *q)
{
        const struct answer *a = &q->answer;

        switch (a->delivery) {
        case DELIVERY_CLOSED:
                return MHD_NO;
        case DELIVERY_CUT:
                send_raw(q);
                return MHD_NO;
        case DELIVERY_LATE:
        case DELIVERY_HUNG:
                if (q->due == 0) {
                        request_sleep(q, now_monotonic() + (usec_t) (a->seconds * USEC_PER_SEC));
                        return MHD_YES;
                }
                return a->delivery == DELIVERY_HUNG ? MHD_NO : send_answer(q);
        case DELIVERY_WHOLE:
        case DELIVERY_DRIBBLED:
        case DELIVERY_BODY_CUT:
                break;
        }
        return send_answer(q);
}
