#include "http/plain.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/buffer.h"
#include "http/call.h"
#include "http/head.h"
#include "http/pool.h"

struct plain {
        struct pool *pool, *pools;
};

struct plain_call {
        struct call call; /* what the pool knows: the handle, and where it is under way */
        struct plain *plain;
        struct curl_slist *headers;
        struct buffer body, sent;
        size_t answer_max;
        struct head head;
        char trouble[CURL_ERROR_SIZE];
        plain_done_fn done;
        void *userdata;
};

static size_t on_body(char *bytes, size_t one, size_t size, void *userdata)
{
        struct plain_call *call = userdata;
        size_t room = call->answer_max - MIN(call->body.size, call->answer_max);

        (void) one;
        return buffer_append(&call->body, bytes, MIN(size, room)) < 0 ? 0 : size;
}

static size_t on_header(char *line, size_t one, size_t size, void *userdata)
{
        struct plain_call *call = userdata;

        (void) one;
        head_line(&call->head, line, size);
        return size;
}

/* Link-local, multicast, unspecified: no receiver lives there, and what does must not be asked. */
static bool is_forbidden(const struct sockaddr *address)
{
        const struct sockaddr_in6 *six = (const void *) address;
        uint32_t four = 0;

        if (address->sa_family == AF_INET)
                four = ntohl(((const struct sockaddr_in *) (const void *) address)->sin_addr.s_addr);
        else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
                memcpy(&four, six->sin6_addr.s6_addr + 12, sizeof(four)), four = ntohl(four);
        else if (address->sa_family == AF_INET6)
                return IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) || IN6_IS_ADDR_MULTICAST(&six->sin6_addr) ||
                       IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
        else
                return false;
        return four == INADDR_ANY || four >> 16 == 0xa9fe || four >> 28 == 0xe;
}

/* Judged when it is known what a name stands for: names may be spelled in many ways, and change. */
static curl_socket_t on_open(void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
        struct plain_call *call = userdata;

        (void) purpose;
        if (is_forbidden(&address->addr)) {
                snprintf(call->trouble, sizeof(call->trouble),
                         "the name stands for an address that is not asked");
                return CURL_SOCKET_BAD;
        }
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void call_end(struct plain_call *call)
{
        if (call->call.easy)
                curl_easy_cleanup(call->call.easy);
        curl_slist_free_all(call->headers);
        buffer_clear(&call->body, 0);
        buffer_clear(&call->sent, 0);
        free(call);
}

static void on_ended(struct pool *pool, struct call *ended, CURLcode code, void *userdata)
{
        struct plain_call *call = CONTAINER_OF(ended, struct plain_call, call);
        struct plain_reply reply = { .trouble = "", .body = call->body.bytes ?: "", .size = call->body.size };

        (void) pool;
        (void) userdata;
        if (code == CURLE_OK)
                (void) curl_easy_getinfo(ended->easy, CURLINFO_RESPONSE_CODE, &reply.status);
        else
                reply.trouble = call->trouble[0] ? call->trouble : curl_easy_strerror(code);
        reply.retry_after = code == CURLE_OK ? head_retry_after(&call->head, (int64_t) time(NULL)) : -1;
        call->done(&reply, call->userdata);
        call_end(call);
}

int plain_new(sd_event *event, unsigned concurrency, struct plain **ret)
{
        const struct site site = { .plain = true, .concurrency = concurrency };
        struct plain *plain = calloc(1, sizeof(*plain));

        if (!plain)
                return -ENOMEM;
        int r = pool_new(event, &site, on_ended, plain, &plain->pools, &plain->pool);
        if (r < 0) {
                free(plain);
                return r;
        }
        *ret = plain;
        return 0;
}

struct plain *plain_free(struct plain *plain)
{
        if (plain)
                pool_free(plain->pool);
        return mfree(plain);
}

static int add_headers(struct plain_call *call, const struct plain_request *request)
{
        static const char *const never[] = { "Expect:", NULL }; /* no waiting for leave to send */
        const char *const *const lists[] = { never, request->headers };

        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                for (const char *const *line = lists[i]; line && *line; line++) {
                        struct curl_slist *headers = curl_slist_append(call->headers, *line);

                        if (!headers)
                                return -ENOMEM;
                        call->headers = headers;
                }
        return 0;
}

static int set_body(struct plain_call *call, const struct plain_request *request)
{
        CURL *easy = call->call.easy;

        if (!request->body)
                return 0;
        if (buffer_append(&call->sent, request->body, request->size) < 0)
                return -ENOMEM;
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->sent.bytes);
        return 0;
}

static int set_up(struct plain_call *call, const struct plain_request *request)
{
        CURL *easy = call->call.easy;

        if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
                return -ENOMEM;
        if (request->socket && curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->socket) != CURLE_OK)
                return -EINVAL;
        if (!request->socket) {
                curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
                curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
        }
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "keyvigil/" PACKAGE_VERSION);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) (request->timeout / USEC_PER_MSEC));
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->trouble);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &call->call);
        int r = set_body(call, request);
        if (r >= 0)
                r = add_headers(call, request);
        if (r >= 0)
                curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
        return r;
}

int plain_start(struct plain *plain, const struct plain_request *request, plain_done_fn done, void *userdata,
                struct plain_call **ret)
{
        struct plain_call *call = calloc(1, sizeof(*call));
        int r = -ENOMEM;

        if (!call)
                return r;
        call->plain = plain;
        call->answer_max = request->answer_max;
        call->done = done;
        call->userdata = userdata;
        head_reset(&call->head);
        call->call.easy = curl_easy_init();
        if (call->call.easy)
                r = set_up(call, request);
        if (r >= 0)
                r = pool_add(plain->pool, &call->call);
        if (r < 0) {
                call_end(call);
                return r;
        }
        *ret = call;
        return 0;
}

struct plain_call *plain_cancel(struct plain_call *call)
{
        if (call) {
                pool_remove(call->plain->pool, &call->call);
                call_end(call);
        }
        return NULL;
}
