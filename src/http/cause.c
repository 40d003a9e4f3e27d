#include "http/cause.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

static const struct {
        CURLcode code;
        enum transport_error error;
} classes[] = {
        { CURLE_OK, TRANSPORT_NONE },
        { CURLE_COULDNT_RESOLVE_HOST, TRANSPORT_RESOLVE },
        { CURLE_COULDNT_RESOLVE_PROXY, TRANSPORT_RESOLVE },
        { CURLE_COULDNT_CONNECT, TRANSPORT_CONNECT },
        { CURLE_INTERFACE_FAILED, TRANSPORT_CONNECT },
        { CURLE_PROXY, TRANSPORT_CONNECT },
        { CURLE_SSL_CONNECT_ERROR, TRANSPORT_TLS },
        { CURLE_SSL_CIPHER, TRANSPORT_TLS },
        { CURLE_SSL_SHUTDOWN_FAILED, TRANSPORT_TLS },
        { CURLE_USE_SSL_FAILED, TRANSPORT_TLS },
        { CURLE_SSL_CLIENTCERT, TRANSPORT_TLS },
        { CURLE_PEER_FAILED_VERIFICATION, TRANSPORT_CERTIFICATE },
        { CURLE_SSL_ISSUER_ERROR, TRANSPORT_CERTIFICATE },
        { CURLE_SSL_INVALIDCERTSTATUS, TRANSPORT_CERTIFICATE },
        { CURLE_SSL_PINNEDPUBKEYNOTMATCH, TRANSPORT_CERTIFICATE },
        { CURLE_OPERATION_TIMEDOUT, TRANSPORT_TIMEOUT },
        { CURLE_UNSUPPORTED_PROTOCOL,
          TRANSPORT_BROKEN }, /* the base was checked: an answer that is not HTTP */
        { CURLE_WEIRD_SERVER_REPLY, TRANSPORT_BROKEN },
        { CURLE_PARTIAL_FILE, TRANSPORT_BROKEN },
        { CURLE_GOT_NOTHING, TRANSPORT_BROKEN },
        { CURLE_SEND_ERROR, TRANSPORT_BROKEN },
        { CURLE_RECV_ERROR, TRANSPORT_BROKEN },
        { CURLE_SEND_FAIL_REWIND, TRANSPORT_BROKEN },
        { CURLE_HTTP2, TRANSPORT_BROKEN },
        { CURLE_HTTP2_STREAM, TRANSPORT_BROKEN },
        { CURLE_BAD_CONTENT_ENCODING, TRANSPORT_BROKEN },
        { CURLE_ABORTED_BY_CALLBACK, TRANSPORT_BROKEN }, /* call.c: not to be sent a second time */
        { CURLE_WRITE_ERROR, TRANSPORT_TOO_LARGE },      /* call.c: more than was asked for */
        { CURLE_FILESIZE_EXCEEDED, TRANSPORT_TOO_LARGE },
};

enum transport_error cause_class(CURLcode code)
{
        for (size_t i = 0; i < ELEMENTSOF(classes); i++)
                if (classes[i].code == code)
                        return classes[i].error;
        return TRANSPORT_LOCAL;
}

/* OpenSSL's X509_V_ERR_… (x509_vfy.h; the numbers are fixed). libcurl leaves 1, "unspecified", when the chain
 * was well and it was the name that did not match. */
static const struct {
        long verdict;
        const char *text;
} certificate_texts[] = {
        { 0, "its certificate is for another host" },
        { 1, "its certificate is for another host" },
        { 62, "its certificate is for another host" },
        { 9, "its certificate is not valid yet (or our clock is wrong)" },
        { 10, "its certificate has expired (or our clock is wrong)" },
        { 18, "its certificate is self-signed" },
        { 2, "its certificate was issued by nobody we trust" },
        { 19, "its certificate was issued by nobody we trust" },
        { 20, "its certificate was issued by nobody we trust" },
        { 21, "its certificate was issued by nobody we trust" },
        { 23, "its certificate was revoked" },
};

static const char *certificate_text(CURL *easy)
{
        long verdict = 0;

        (void) curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
        for (size_t i = 0; i < ELEMENTSOF(certificate_texts); i++)
                if (certificate_texts[i].verdict == verdict)
                        return certificate_texts[i].text;
        return "its certificate could not be verified";
}

static void explain_connect(CURL *easy, const char *host, char *ret, size_t room)
{
        long error = 0;

        (void) curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
        errno = (int) error;
        if (error)
                snprintf(ret, room, "%s: %m", host);
        else
                snprintf(ret, room, "%s: no connection", host);
}

static void explain_timeout(CURL *easy, const struct site *site, char *ret, size_t room)
{
        curl_off_t named = 0, ready = 0, sent = 0;
        const char *phase;

        (void) curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &named);
        (void) curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
        (void) curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &sent);
        phase = sent > 0    ? "the answer stopped half-way"
                : ready > 0 ? "no answer in time"
                : named > 0 ? "no connection in time"
                            : "no address or connection in time";
        snprintf(ret, room, "%s: %s", site->host, phase);
}

/* An HTTP proxy that answered CONNECT with anything but a 2xx: libcurl calls that a failed receive. */
static bool explain_proxy(CURL *easy, char *ret, size_t room)
{
        long status = 0;

        (void) curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
        if (status == 0 || (status >= 200 && status < 300))
                return false;
        snprintf(ret, room, "the proxy answered %ld", status);
        return true;
}

enum transport_error cause_explain(CURL *easy, CURLcode code, const struct site *site, char *ret_detail,
                                   size_t room)
{
        enum transport_error error = cause_class(code);

        if (error == TRANSPORT_BROKEN && explain_proxy(easy, ret_detail, room))
                return TRANSPORT_CONNECT;
        switch (error) {
        case TRANSPORT_CONNECT:
                explain_connect(easy, site->host, ret_detail, room);
                break;
        case TRANSPORT_CERTIFICATE:
                snprintf(ret_detail, room, "%s: %s", site->host, certificate_text(easy));
                break;
        case TRANSPORT_TIMEOUT:
                explain_timeout(easy, site, ret_detail, room);
                break;
        case TRANSPORT_RESOLVE:
        case TRANSPORT_TLS:
        case TRANSPORT_BROKEN:
        case TRANSPORT_LOCAL:
                snprintf(ret_detail, room, "%s: %s", site->host, curl_easy_strerror(code));
                break;
        case TRANSPORT_NONE:
        case TRANSPORT_TOO_LARGE:
        case _TRANSPORT_ERROR_MAX:
                ret_detail[0] = '\0';
                break;
        }
        return error;
}
