#include "http/site.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define USER_AGENT PACKAGE_NAME "/" PACKAGE_VERSION " (key health check)"

static void curl_free_p(char **text)
{
        curl_free(*text);
}

static void curl_url_p(CURLU **url)
{
        curl_url_cleanup(*url);
}

static bool text_printable(const char *text)
{
        for (; *text; text++)
                if (*text < 0x20 || *text > 0x7e)
                        return false;
        return true;
}

/* "localhost" is one too: libcurl answers that name itself, without asking a resolver. */
static bool host_is_loopback(const char *host)
{
        struct in_addr address;

        if (strcmp(host, "[::1]") == 0 || strcmp(host, "localhost") == 0)
                return true;
        return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool url_has(CURLU *url, CURLUPart part)
{
        _cleanup_(curl_free_p) char *text = NULL;

        return curl_url_get(url, part, &text, 0) == CURLUE_OK;
}

static int site_check_scheme(struct site *site, CURLU *url)
{
        _cleanup_(curl_free_p) char *scheme = NULL;

        if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
                return -EINVAL;
        if (strcmp(scheme, "https") == 0)
                return 0;
        site->plain = strcmp(scheme, "http") == 0 && host_is_loopback(site->host);
        return site->plain ? 0 : -EINVAL;
}

static int site_set_base(struct site *site, const char *base)
{
        _cleanup_(curl_url_p) CURLU *url = curl_url();
        _cleanup_(curl_free_p) char *host = NULL;
        size_t size = strlen(base);

        if (!url)
                return -ENOMEM;
        if (!text_printable(base) ||
            curl_url_set(url, CURLUPART_URL, base, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
                return -EINVAL;
        if (url_has(url, CURLUPART_USER) || url_has(url, CURLUPART_PASSWORD) ||
            url_has(url, CURLUPART_QUERY) || url_has(url, CURLUPART_FRAGMENT) ||
            curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
                return -EINVAL;
        while (size > 0 && base[size - 1] == '/')
                size--;
        site->base = strndup(base, size);
        site->host = strdup(host);
        if (!site->base || !site->host)
                return -ENOMEM;
        return site_check_scheme(site, url);
}

static int site_set_texts(struct site *site, const struct http_options *options)
{
        const char *agent = options->user_agent ?: USER_AGENT;

        if (!text_printable(options->api_version) || !text_printable(agent))
                return -EINVAL;
        site->ca_file = strdup(options->ca_file ?: "");
        site->proxy = strdup(options->proxy && !site->plain ? options->proxy : "");
        if (asprintf(&site->version_line, "Stripe-Version: %s", options->api_version) < 0)
                site->version_line = NULL;
        if (asprintf(&site->agent_line, "User-Agent: %s", agent) < 0)
                site->agent_line = NULL;
        if (!site->ca_file || !site->proxy || !site->agent_line || !site->version_line)
                return -ENOMEM;
        site->version = (struct curl_slist){ site->version_line, &site->agent };
        site->agent = (struct curl_slist){ site->agent_line, NULL };
        return 0;
}

int site_new(const struct http_options *options, struct site **ret)
{
        _cleanup_(site_unrefp) struct site *site = NULL;
        int r;

        if (options->timeout < USEC_PER_MSEC || options->concurrency == 0)
                return -EINVAL;
        site = calloc(1, sizeof(*site));
        if (!site)
                return -ENOMEM;
        site->refs = 1;
        site->timeout = options->timeout;
        site->concurrency = options->concurrency;
        r = site_set_base(site, options->api_base);
        if (r < 0)
                return r;
        r = site_set_texts(site, options);
        if (r < 0)
                return r;
        *ret = TAKE(site);
        return 0;
}

struct site *site_ref(struct site *site)
{
        site->refs++;
        return site;
}

struct site *site_unref(struct site *site)
{
        if (!site || --site->refs > 0)
                return NULL;
        free(site->base);
        free(site->host);
        free(site->ca_file);
        free(site->proxy);
        free(site->version_line);
        free(site->agent_line);
        return mfree(site);
}

bool site_equal(const struct site *a, const struct site *b)
{
        return strcmp(a->base, b->base) == 0 && strcmp(a->ca_file, b->ca_file) == 0 &&
               strcmp(a->proxy, b->proxy) == 0 && strcmp(a->version_line, b->version_line) == 0 &&
               strcmp(a->agent_line, b->agent_line) == 0 && a->timeout == b->timeout &&
               a->concurrency == b->concurrency;
}
