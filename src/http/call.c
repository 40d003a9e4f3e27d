#include "http/call.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/echo.h"
#include "http/cause.h"

/* Body memory that a call keeps for its next request. Answers to probes are well below it. */
#define BODY_KEEP 4096

/* Answers beyond a probe's take turns: a provider that gives each of 256 requests the largest page that is
 * read would take more memory than the unit has. Sixteen such pages at once are enough for anybody else. */
#define BODY_LARGE     ((size_t) 64 << 10)
#define BODY_LARGE_ALL ((size_t) 64 << 20)

/* Requests without a key, a path or a form of unusual size need not allocate. */
#define TEXT_KEEP 1024

#define BEARER "Authorization: Bearer "

#define READ_SIZE          4096L  /* libcurl takes, and wipes, that much for each request */
#define SEND_SIZE          16384L /* the same for each POST; not less is to be had */
#define CONNECTION_AGE_MAX 3600L  /* seconds; after that certificates are looked at again */
#define CONNECT_TIMEOUT    (10 * USEC_PER_SEC)
#define STALL_TIMEOUT      30L /* seconds with less than a byte per second */

static size_t call_large(const struct call *call)
{
        return call->body.size > BODY_LARGE ? call->body.size : 0;
}

/* A short count ends the transfer with CURLE_WRITE_ERROR. */
static size_t on_body(char *bytes, size_t size, size_t n, void *userdata)
{
        struct call *call = userdata;

        n *= size;
        if (n > call->body_max - call->body.size) {
                call->too_large = true;
                return 0;
        }
        size_t before = call_large(call), after = call->body.size + n > BODY_LARGE ? call->body.size + n : 0;

        if (after > before && after - before > BODY_LARGE_ALL - *call->large)
                return 0; /* as without memory: asked again later */
        if (buffer_reserve(&call->body, BODY_KEEP - 1) < 0 || buffer_append(&call->body, bytes, n) < 0)
                return 0;
        *call->large += call_large(call) - before;
        return n;
}

static size_t on_header(char *line, size_t size, size_t n, void *userdata)
{
        struct call *call = userdata;

        call->heard = true;
        head_line(&call->head, line, size * n);
        return size * n;
}

/* Called each time before the request goes out. libcurl sends it again by itself when a connection that was
 * used before breaks without a byte of answer. The first one may have been carried out all the same, so what
 * changes something must not be repeated: that the answer was lost is then all that is known. */
static int on_send(void *userdata, char *remote, char *local, int remote_port, int local_port)
{
        struct call *call = userdata;

        (void) remote;
        (void) local;
        (void) remote_port;
        call->port = local_port;
        return call->only_once && call->sent++ > 0 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static const struct {
        CURLoption option;
        long value;
} constants[] = {
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_QUICK_EXIT, 1 }, /* else ending a request waits for the thread that looks up its name */
        { CURLOPT_FOLLOWLOCATION, 0 },
        { CURLOPT_NETRC, CURL_NETRC_IGNORED },
        { CURLOPT_SSL_VERIFYPEER, 1 },
        { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_HEADEROPT, CURLHEADER_SEPARATE }, /* no key for a proxy */
        { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
        { CURLOPT_PATH_AS_IS, 1 },
        { CURLOPT_BUFFERSIZE, READ_SIZE },
        { CURLOPT_UPLOAD_BUFFERSIZE, SEND_SIZE },
        { CURLOPT_PIPEWAIT, 1 },
        { CURLOPT_TCP_KEEPALIVE, 1 },
        { CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_MAX },
        { CURLOPT_LOW_SPEED_LIMIT, 1 },
        { CURLOPT_LOW_SPEED_TIME, STALL_TIMEOUT },
};

static bool set_long(CURL *easy, CURLoption option, long value)
{
        return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

static bool set_pointer(CURL *easy, CURLoption option, const void *value)
{
        return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

static bool call_set_constants(CURL *easy)
{
        for (size_t i = 0; i < ELEMENTSOF(constants); i++)
                if (!set_long(easy, constants[i].option, constants[i].value))
                        return false;
        return true;
}

static bool call_set_callbacks(struct call *call)
{
        CURL *easy = call->easy;

        return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send) == CURLE_OK &&
               set_pointer(easy, CURLOPT_WRITEDATA, call) && set_pointer(easy, CURLOPT_HEADERDATA, call) &&
               set_pointer(easy, CURLOPT_PREREQDATA, call) && set_pointer(easy, CURLOPT_PRIVATE, call) &&
               set_pointer(easy, CURLOPT_HTTPHEADER, &call->authorize);
}

static bool call_set_site(CURL *easy, const struct site *site)
{
        /* An empty proxy or exception list keeps libcurl from asking the environment. */
        return set_pointer(easy, CURLOPT_PROTOCOLS_STR, site->plain ? "http" : "https") &&
               set_long(easy, CURLOPT_HTTP_VERSION,
                        site->plain ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS) &&
               set_pointer(easy, CURLOPT_PROXY, site->proxy) && set_pointer(easy, CURLOPT_NOPROXY, "") &&
               (!*site->ca_file || (set_pointer(easy, CURLOPT_CAINFO, site->ca_file) &&
                                    set_pointer(easy, CURLOPT_CAPATH, NULL))) &&
               set_long(easy, CURLOPT_TIMEOUT_MS, (long) (site->timeout / USEC_PER_MSEC)) &&
               set_long(easy, CURLOPT_CONNECTTIMEOUT_MS,
                        (long) (MIN(site->timeout, CONNECT_TIMEOUT) / USEC_PER_MSEC));
}

int call_new(struct site *site, size_t *large, struct call **ret)
{
        _cleanup_(call_freep) struct call *call = calloc(1, sizeof(*call));

        if (!call)
                return -ENOMEM;
        call->site = site_ref(site);
        call->large = large;
        call->easy = curl_easy_init();
        if (!call->easy || !call_set_constants(call->easy) || !call_set_callbacks(call) ||
            !call_set_site(call->easy, site) || buffer_append(&call->url, site->base, strlen(site->base)) < 0)
                return -ENOMEM;
        call->method = METHOD_GET;
        call->authorize.next = &site->version;
        *ret = TAKE(call);
        return 0;
}

struct call *call_free(struct call *call)
{
        if (!call)
                return NULL;
        curl_easy_cleanup(call->easy);
        buffer_clear(&call->line, 0);
        buffer_clear(&call->url, 0);
        buffer_clear(&call->form, 0);
        buffer_clear(&call->body, 0);
        site_unref(call->site);
        return mfree(call);
}

static bool bytes_are_graphic(const char *bytes, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (bytes[i] < 0x21 || bytes[i] > 0x7e)
                        return false;
        return true;
}

static bool request_is_sound(const struct request *request)
{
        return request->path[0] == '/' && bytes_are_graphic(request->path, strlen(request->path)) &&
               request->key->size > 0 && bytes_are_graphic(request->key->bytes, request->key->size) &&
               (!request->body || request->method == METHOD_POST);
}

static int call_copy(struct call *call, const struct request *request)
{
        if (buffer_append(&call->line, BEARER, strlen(BEARER)) < 0 ||
            buffer_append(&call->line, request->key->bytes, request->key->size) < 0 ||
            buffer_append(&call->url, request->path, strlen(request->path)) < 0 ||
            buffer_append(&call->form, request->body ?: "", strlen(request->body ?: "")) < 0)
                return -ENOMEM;
        call->authorize.data = call->line.bytes;
        return 0;
}

static bool call_set_method(struct call *call, enum method method)
{
        bool post = method == METHOD_POST;

        if (method == call->method)
                return true;
        if (!set_long(call->easy, post ? CURLOPT_POST : CURLOPT_HTTPGET, 1) ||
            !set_pointer(call->easy, CURLOPT_CUSTOMREQUEST, method == METHOD_DELETE ? "DELETE" : NULL))
                return false;
        call->method = method;
        return true;
}

int call_prepare(struct call *call, const struct request *request)
{
        int r;

        if (!request_is_sound(request))
                return -EINVAL;
        r = call_copy(call, request);
        if (r < 0)
                return r;
        call->body_max = request->body_max;
        call->too_large = false;
        call->sent = 0;
        call->port = 0;
        call->heard = false;
        call->only_once = request->method == METHOD_DELETE || call->form.size > 0;
        head_reset(&call->head);
        if (!call_set_method(call, request->method) || !set_pointer(call->easy, CURLOPT_URL, call->url.bytes))
                return -ENOMEM;
        if (request->method == METHOD_POST &&
            (!set_long(call->easy, CURLOPT_POSTFIELDSIZE, (long) call->form.size) ||
             !set_pointer(call->easy, CURLOPT_POSTFIELDS, call->form.bytes)))
                return -ENOMEM;
        return 0;
}

void call_hide(struct call *call)
{
        struct echo echo;

        if (call->line.size > strlen(BEARER)) {
                echo_init(&echo, call->line.bytes + strlen(BEARER), call->line.size - strlen(BEARER));
                (void) echo_blank(&echo, call->body.bytes, call->body.size);
                if (echo_blank(&echo, call->head.request_id, strlen(call->head.request_id)))
                        call->head.request_id[0] = '\0'; /* a part of an id leads nowhere */
                echo_clear(&echo);
        }
        buffer_clear(&call->line, TEXT_KEEP);
}

void call_reply(struct call *call, CURLcode code, char *ret_detail, size_t room, struct reply *ret_reply)
{
        struct reply reply = { .detail = ret_detail,
                               .body = "",
                               .request_id = "",
                               .date_wall = -1,
                               .retry_after = -1,
                               .should_retry = -1 };

        ret_detail[0] = '\0';
        if (code == CURLE_WRITE_ERROR && !call->too_large)
                code = CURLE_OUT_OF_MEMORY;
        if (code != CURLE_OK) {
                reply.error = cause_explain(call->easy, code, call->site, ret_detail, room);
        } else {
                (void) curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &reply.status);
                reply.body = call->body.bytes ?: "";
                reply.size = call->body.size;
                reply.request_id = call->head.request_id;
                reply.date_wall = call->head.date_wall;
                reply.retry_after = head_retry_after(&call->head, time(NULL));
                reply.should_retry = call->head.should_retry;
        }
        *ret_reply = reply;
}

void call_forget(struct call *call)
{
        buffer_clear(&call->line, TEXT_KEEP);
        buffer_cut(&call->url, strlen(call->site->base));
        buffer_clear(&call->form, TEXT_KEEP);
        *call->large -= call_large(call);
        buffer_clear(&call->body, BODY_KEEP);
        call->done = NULL;
        call->userdata = NULL;
        call->pool = NULL;
}
