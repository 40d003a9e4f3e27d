#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "cli/filter.h"

/* A body that is held in memory; lists are larger only where there are a million keys. */
#define BODY_MAX ((size_t) 2 << 30)

struct transfer {
        size_t number; /* of many */
        CURL *easy;
        struct curl_slist *headers;
        const struct upload *upload;
        uint64_t sent;
        char *body;
        size_t size, room;
        const struct client_sink *sink; /* takes the body of a success as it comes; NULL: it is kept */
};

static size_t keep(struct transfer *transfer, const char *bytes, size_t size)
{
        if (size > BODY_MAX - transfer->size)
                return 0;
        if (transfer->size + size >= transfer->room) {
                size_t room = MAX(transfer->size + size + 1, transfer->room * 2);
                char *body = realloc(transfer->body, room);

                if (!body)
                        return 0;
                transfer->body = body;
                transfer->room = room;
        }
        memcpy(transfer->body + transfer->size, bytes, size);
        transfer->size += size;
        transfer->body[transfer->size] = '\0';
        return size;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *userdata)
{
        struct transfer *transfer = userdata;

        long status = 0;

        (void) one;
        if (!transfer->sink)
                return keep(transfer, bytes, size);
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 300)
                return keep(transfer, bytes, size);
        return transfer->sink->take(bytes, size, transfer->sink->userdata) < 0 ? 0 : size;
}

static size_t on_upload(char *bytes, size_t one, size_t size, void *userdata)
{
        struct transfer *transfer = userdata;
        size_t n = fread(bytes, one, size, transfer->upload->file);

        if (n == 0 && ferror(transfer->upload->file))
                return CURL_READFUNC_ABORT;
        transfer->sent += n;
        if (transfer->upload->progress)
                transfer->upload->progress(transfer->sent, transfer->upload->userdata);
        return n;
}

static int add_header(struct transfer *transfer, const char *line)
{
        struct curl_slist *headers = curl_slist_append(transfer->headers, line);

        if (!headers)
                return -ENOMEM;
        transfer->headers = headers;
        return 0;
}

static int set_upload(struct transfer *transfer)
{
        const struct upload *upload = transfer->upload;
        CURL *easy = transfer->easy;

        if (add_header(transfer, "Content-Type: text/plain") < 0 || add_header(transfer, "Expect:") < 0)
                return -ENOMEM;
        if (upload->is_there && add_header(transfer, "If-Match: *") < 0)
                return -ENOMEM;
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        if (upload->secret) {
                const char *bytes = upload->secret->bytes;

                curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long) upload->secret->size);
                curl_easy_setopt(easy, CURLOPT_POSTFIELDS, bytes); /* not copied */
        } else {
                curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
                curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
                return add_header(transfer, "Transfer-Encoding: chunked");
        }
        return 0;
}

static int set_up(struct transfer *transfer, const struct cli *cli, const char *socket, const char *method,
                  const char *path)
{
        CURL *easy = transfer->easy;
        _cleanup_free_ char *url = NULL;

        if (!path || asprintf(&url, "http://keyvigil%s", path) < 0)
                return -ENOMEM;
        if (curl_easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK ||
            curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket) != CURLE_OK)
                return -ENAMETOOLONG;
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) (cli->patience / USEC_PER_MSEC));
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
        if (transfer->upload) {
                int r = set_upload(transfer);

                if (strcmp(method, "POST") != 0)
                        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
                return r;
        }
        if (strcmp(method, "POST") == 0) {
                curl_easy_setopt(easy, CURLOPT_POST, 1L);
                curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
        } else if (strcmp(method, "GET") != 0) {
                curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
        }
        return 0;
}

static int result_of(CURL *easy, CURLcode code)
{
        long number = 0;

        switch (code) {
        case CURLE_OK:
                return 0;
        case CURLE_COULDNT_CONNECT:
                curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
                return number == EACCES || number == EPERM ? -EACCES : -ECONNREFUSED;
        case CURLE_OUT_OF_MEMORY:
                return -ENOMEM;
        case CURLE_OPERATION_TIMEDOUT:
                return -ETIMEDOUT;
        case CURLE_ABORTED_BY_CALLBACK:
                return -EIO;
        default:
                return -EPROTO;
        }
}

static struct transfer *transfer_free(struct transfer *transfer)
{
        if (!transfer)
                return NULL;
        if (transfer->easy)
                curl_easy_cleanup(transfer->easy);
        curl_slist_free_all(transfer->headers);
        free(transfer->body);
        return mfree(transfer);
}
DEFINE_CLEANUP(struct transfer, transfer_free)

static int transfer_new(const struct cli *cli, const char *socket, const char *method, const char *path,
                        const struct upload *upload, struct transfer **ret)
{
        _cleanup_(transfer_freep) struct transfer *transfer = calloc(1, sizeof(*transfer));
        int r = -ENOMEM;

        if (transfer)
                transfer->easy = curl_easy_init();
        if (transfer && transfer->easy) {
                transfer->upload = upload;
                r = set_up(transfer, cli, socket, method, path);
        }
        if (r >= 0)
                *ret = TAKE(transfer);
        return r;
}

static int transfer_end(struct transfer *transfer, CURLcode code, struct answer *ret)
{
        int r = result_of(transfer->easy, code);

        if (r < 0)
                return r;
        *ret = (struct answer){ 0 };
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &ret->status);
        ret->body = TAKE(transfer->body);
        ret->json = ret->body ? json_loads(ret->body, 0, NULL) : NULL;
        json_scrub(ret->json);
        return 0;
}

static int ask_at(const struct cli *cli, const char *socket, const char *method, const char *path,
                  const struct upload *upload, const struct client_sink *sink, struct answer *ret)
{
        _cleanup_(transfer_freep) struct transfer *transfer = NULL;
        int r = transfer_new(cli, socket, method, path, upload, &transfer);

        if (r >= 0)
                transfer->sink = sink;
        return r < 0 ? r : transfer_end(transfer, curl_easy_perform(transfer->easy), ret);
}

static int ask(const struct cli *cli, const char *method, struct url url, const struct upload *upload,
               const struct client_sink *sink, struct answer *ret)
{
        const char *socket = cli->settings.control.socket, *reading = cli->settings.control.read_socket;
        int r = ask_at(cli, socket, method, url.text, upload, sink, ret);

        /* Who may only look has a socket of his own. */
        if (r == -EACCES && strcmp(method, "GET") == 0 && *reading != '\0')
                r = ask_at(cli, reading, method, url.text, upload, sink, ret) < 0 ? -EACCES : 0;
        url_clear(&url);
        return r;
}

int client_ask(const struct cli *cli, const char *method, struct url url, const struct upload *upload,
               struct answer *ret)
{
        return ask(cli, method, url, upload, NULL, ret);
}

int client_read(const struct cli *cli, struct url url, const struct client_sink *sink, struct answer *ret)
{
        return ask(cli, "GET", url, NULL, sink, ret);
}

struct many {
        const struct cli *cli;
        const struct client_many *what;
        CURLM *multi;
        size_t begun, flying;
        int error; /* nothing more is begun */
};

static void many_begin(struct many *many)
{
        struct transfer *transfer;
        struct url url = many->what->url(many->begun, many->what->userdata);
        const struct client_many *what = many->what;
        int r = transfer_new(many->cli, many->cli->settings.control.socket,
                             what->method ? what->method : "POST", url.text,
                             what->upload ? what->upload(many->begun, what->userdata) : NULL, &transfer);

        url_clear(&url);
        if (r >= 0) {
                transfer->number = many->begun;
                curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
                if (curl_multi_add_handle(many->multi, transfer->easy) != CURLM_OK) {
                        transfer_free(transfer);
                        r = -ENOMEM;
                }
        }
        if (r < 0) {
                many->error = r;
                return;
        }
        many->begun++;
        many->flying++;
}

static void many_end(struct many *many, CURL *easy, CURLcode code)
{
        struct transfer *transfer = NULL;
        struct answer answer = { 0 };

        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &transfer);
        curl_multi_remove_handle(many->multi, easy);
        many->flying--;
        int r = transfer_end(transfer, code, &answer);
        if (r < 0 && many->error == 0)
                many->error = r; /* of the connection, and so of all that would follow */
        if (r >= 0)
                many->what->take(transfer->number, &answer, many->what->userdata);
        answer_clear(&answer);
        transfer_free(transfer);
}

static void many_turn(struct many *many)
{
        int running, queued;
        const CURLMsg *message;

        while (many->error == 0 && many->flying < many->what->parallel && many->begun < many->what->n)
                many_begin(many);
        if (curl_multi_perform(many->multi, &running) != CURLM_OK)
                many->error = many->error ? many->error : -EIO;
        while ((message = curl_multi_info_read(many->multi, &queued)))
                if (message->msg == CURLMSG_DONE)
                        many_end(many, message->easy_handle, message->data.result);
        if (running > 0)
                (void) curl_multi_poll(many->multi, NULL, 0, 1000, NULL);
}

int client_ask_many(const struct cli *cli, const struct client_many *what)
{
        struct many many = { .cli = cli, .what = what, .multi = curl_multi_init() };

        if (!many.multi)
                return -ENOMEM;
        do
                many_turn(&many);
        while (many.flying > 0 || (many.error == 0 && many.begun < what->n));
        curl_multi_cleanup(many.multi);
        return many.error;
}
