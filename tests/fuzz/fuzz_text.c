/* What people type or a 403 says: redaction, key shapes, names, dates, durations, and paths of probes. */
#include <stdlib.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "fuzz.h"
#include "stripe/catalogue.h"
#include "stripe/keyshape.h"
#include "stripe/message.h"
#include "stripe/redact.h"

const struct seed fuzz_seeds[] = {
        SEED("The provided key 'rk_live_***j4va7j' does not have"),
        SEED("rk_live_0123456789abcdefghijklmn"),
        SEED("sk_test_\xe2\x80\xa6lder and 51AbCdEfGhIjKlMnOpQrStUvWx"),
        SEED("acme-prod"),
        SEED("acct_1AbCdEfGhIjKlMnO"),
        SEED("Enabling \"Prices Read\" ('plan_read') permissions on account 'acct_1AbC' "
             "apikeys%2Fmk_1XyZ%2Fedit"),
        SEED("2026-11-21T03:12:13Z"),
        SEED("2026-11-21 03:12:13+01:00"),
        SEED("1d2h3m4s"),
        SEED("36500d"),
        SEED("/v1/coupons/{absent}"),
        SEED("/v1/apps/secrets?scope%5Btype%5D=account&limit=1"),
        SEED("/v1/promotion_codes"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = {
        "rk_live_",
        "sk_test_",
        "whsec_",
        "pk_",
        "***",
        "...",
        "\xe2\x80\xa6",
        "\xc3",
        "\xf0\x9f\x94",
        "acct_",
        "mk_",
        "_write",
        "rak_",
        "Enabling ",
        "Having the ",
        "9999999999",
        "d",
        "h",
        "{absent}",
        "/..",
        "//",
        "?",
        "&limit=1",
        "limit=100",
        "expand%5B%5D=",
        "/v1/",
        "%2e",
        "-02-29",
        "T24:",
        "Z",
        "+",
        "\n",
        "_",
        "-",
        "\x1b[",
        "/v1/coupons",
};
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

static void redaction(const char *text)
{
        char once[256], twice[256], cut[16];

        redact(text, once, sizeof(once));
        HOLD(!looks_like_key(once));
        for (const char *at = once; *at != '\0'; at++)
                HOLD((unsigned char) *at >= 0x20 && *at != 0x7f);
        redact(once, twice, sizeof(twice));
        HOLD(strcmp(once, twice) == 0);
        redact(text, cut, sizeof(cut));
        HOLD(strlen(cut) < sizeof(cut) && strncmp(cut, once, strlen(cut)) == 0);
}

static void shapes(const char *text, size_t size)
{
        struct secret *secret = secret_copy(text, size);
        enum key_kind kind = (enum key_kind) 77;
        enum key_mode mode = (enum key_mode) 77;
        const char *why = NULL;
        bool odd = false;

        HOLD(secret);
        if (keyshape_parse(secret, &kind, &mode, &odd, &why) == 0) {
                HOLD(!why && strlen(text) == size && size >= 18 && size <= 255);
                HOLD((kind == KIND_RESTRICTED) == (text[0] == 'r'));
                HOLD((mode == MODE_LIVE) == (text[3] == 'l'));
                HOLD(looks_like_key(text)); /* what is accepted as a key is recognised as one */
        } else {
                HOLD(why && kind == (enum key_kind) 77 && mode == (enum key_mode) 77);
        }
        secret_free(secret);

        if (key_name_valid(text))
                HOLD(strlen(text) <= 64 && !looks_like_key(text) && !strpbrk(text, " /\\%'\"\n?&="));
        if (account_valid(text))
                HOLD(strncmp(text, "acct_", 5) == 0 && strlen(text) <= 37);
}

static void hints(const char *text)
{
        struct hints hints;

        memset(&hints, 0xa5, sizeof(hints));
        message_hints(text, &hints);
        HOLD(memchr(hints.label, '\0', sizeof(hints.label)));
        HOLD(hints.account[0] == '\0' || account_valid(hints.account));
        HOLD(hints.key_object[0] == '\0' || strncmp(hints.key_object, "mk_", 3) == 0);
        HOLD(!looks_like_key(hints.permission) && !looks_like_key(hints.label) &&
             !looks_like_key(hints.key_object));
}

static void times(const char *text)
{
        char buffer[DATETIME_MAX];
        int64_t wall, again;
        usec_t duration, less;

        if (datetime_parse(text, &wall) == 0 && wall > 0 && wall <= 253402300799) {
                HOLD(datetime_parse(datetime_format(wall, buffer), &again) == 0);
                HOLD(again == wall);
        }
        if (duration_parse(text, &duration) == 0) {
                HOLD(duration <= 36500 * USEC_PER_DAY && duration % USEC_PER_SEC == 0);
                HOLD(duration_parse(duration_format(duration, buffer), &less) == 0);
                HOLD(less <= duration);
        }
}

static void paths(const char *text)
{
        const char *why = NULL;

        if (catalogue_probe_allowed(METHOD_GET, text, &why) == 0) {
                HOLD(!why && strncmp(text, "/v", 2) == 0 && !strstr(text, "//") && !strstr(text, "..") &&
                     !strstr(text, "?expand") && !strstr(text, "&expand") && !strstr(text, "?%65") &&
                     !strstr(text, "&%65"));
                HOLD(strstr(text, "/{absent}") || strstr(text, "limit=1"));
                HOLD(!strpbrk(text, " \t\r\n\\#@:\"'<>;,"));
        } else {
                HOLD(why);
        }
        if (catalogue_probe_allowed(METHOD_POST, text, &why) == 0)
                HOLD(!strpbrk(text, "?%&=. \t\r\n\\#@:") && !strstr(text, "//"));
        HOLD(catalogue_probe_allowed(METHOD_DELETE, text, &why) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = fuzz_text(data, size);

        redaction(text);
        shapes(text, size);
        hints(text);
        times(text);
        paths(text);
        free(text);
        return 0;
}
