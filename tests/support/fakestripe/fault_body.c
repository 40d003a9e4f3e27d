#include "fault.h"

/* Pages as proxies, load balancers and firewalls put in front of a provider, and answers of the provider that
 * say nothing about a key. */

#define HTML "text/html"
#define PAGE(title)                                                                                          \
        "<html>\r\n<head><title>" title "</title></head>\r\n<body>\r\n<center><h1>" title                    \
        "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
#define ERROR(type, message)                                                                                 \
        "{\n  \"error\": {\n    \"message\": \"" message "\",\n    \"type\": \"" type "\"\n  }\n}\n"

static const struct fixed {
        enum fault_kind kind;
        int status;
        const char *content_type, *body;
} fixed[] = {
        { FAULT_500, 500, NULL, ERROR("api_error", "An unknown error occurred") },
        { FAULT_502_HTML, 502, HTML, PAGE("502 Bad Gateway") },
        { FAULT_503, 503, NULL, ERROR("api_error", "Error while communicating with one of our backends.") },
        { FAULT_503_HTML, 503, HTML, PAGE("503 Service Temporarily Unavailable") },
        { FAULT_504_HTML, 504, HTML, PAGE("504 Gateway Time-out") },
        { FAULT_401_HTML, 401, HTML, PAGE("401 Authorization Required") },
        { FAULT_403_HTML, 403, HTML, PAGE("403 Forbidden") },
        { FAULT_407_HTML, 407, HTML, PAGE("407 Proxy Authentication Required") },
        { FAULT_200_HTML, 200, HTML, PAGE("Please log in to this network") },
        { FAULT_DELETED_KEY_HTML, 401, HTML,
          "<html><body><p>Invalid API Key provided: the key was deleted. "
          "api_key_expired</p></body></html>\n" },
        { FAULT_UNESCAPED_QUOTE, 401, NULL,
          ERROR("invalid_request_error", "Invalid API Key provided: \"sk_test***M6F\"") },
        { FAULT_EMPTY, 200, NULL, "" },
        { FAULT_ARRAY, 200, NULL, "[]\n" },
        { FAULT_STRING_ERROR, 400, NULL,
          "{\n  \"error\": \"invalid_grant\",\n  \"error_description\": \"This was never granted\"\n}\n" },
        { FAULT_REDIRECT, 302, HTML, PAGE("302 Found") },
};

bool fault_body(const struct fault *f, struct answer *a)
{
        for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
                if (fixed[i].kind != f->kind)
                        continue;
                answer_reset(a);
                a->status = fixed[i].status;
                a->content_type = fixed[i].content_type;
                buf_puts(&a->body, fixed[i].body);
                return true;
        }
        return false;
}
