/* The fields of an entry, for programs. */
#include "alert/notice.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/sentence.h"
#include "base/datetime.h"
#include "base/memory.h"

#define VALUE_MAX 8192

static const struct {
        const char *name;
        size_t offset;
} texts[] = {
        { "KEYVIGIL_EVENT_ID", offsetof(struct notice, event_id) },
        { "KEYVIGIL_KEY", offsetof(struct notice, key) },
        { "KEYVIGIL_ACCOUNT", offsetof(struct notice, account) },
        { "KEYVIGIL_MODE", offsetof(struct notice, mode) },
        { "KEYVIGIL_PROFILE", offsetof(struct notice, profile) },
        { "KEYVIGIL_STATE", offsetof(struct notice, state) },
        { "KEYVIGIL_PREVIOUS_STATE", offsetof(struct notice, previous_state) },
        { "KEYVIGIL_REASON", offsetof(struct notice, reason) },
        { "KEYVIGIL_MISSING", offsetof(struct notice, missing) },
        { "KEYVIGIL_EXCESS", offsetof(struct notice, excess) },
        { "KEYVIGIL_COUPON", offsetof(struct notice, coupon) },
        { "KEYVIGIL_STRIPE_CODE", offsetof(struct notice, stripe_code) },
        { "KEYVIGIL_REQUEST_ID", offsetof(struct notice, request_id) },
        { "KEYVIGIL_REMEDY_URL", offsetof(struct notice, remedy_url) },
        { "KEYVIGIL_ACTION", offsetof(struct notice, action) },
        { "KEYVIGIL_BY_UID", offsetof(struct notice, by_uid) },
};

/* A value may hold what somebody else wrote: no byte of it may end the field or steer a terminal. */
static void put_text(FILE *out, const char *name, const char *value)
{
        size_t size = strnlen(value, VALUE_MAX + 1);

        if (size > VALUE_MAX)
                for (size = VALUE_MAX; size > 0 && ((unsigned char) value[size] & 0xc0) == 0x80; size--)
                        ;
        fprintf(out, "%s=", name);
        for (size_t i = 0; i < size; i++) {
                unsigned char byte = (unsigned char) value[i];

                fputc(byte < ' ' || byte == 0x7f ? ' ' : byte, out);
        }
        fputc('\n', out);
}

static void put_numbers(FILE *out, const struct notice *notice)
{
        char since[DATETIME_MAX];

        int64_t incident = notice->phase == NOTICE_LISTED ? notice->parent : notice->incident;

        if (incident > 0)
                fprintf(out, "KEYVIGIL_INCIDENT=%" PRId64 "\n", incident);
        if (notice->http_status > 0)
                fprintf(out, "KEYVIGIL_HTTP_STATUS=%ld\n", notice->http_status);
        if (notice->since > 0)
                fprintf(out, "KEYVIGIL_SINCE=%s\n", datetime_format(notice->since, since));
        if (notice->count > 0 || notice->has_count)
                fprintf(out, "KEYVIGIL_COUNT=%" PRIu64 "\n", notice->count);
        if (notice->unsaved)
                fputs("KEYVIGIL_UNSAVED=1\n", out);
}

static enum incident_kind message_kind(const struct notice *notice)
{
        switch (notice->phase) {
        case NOTICE_CLEARED:
                return INCIDENT_INCIDENT_CLEARED;
        case NOTICE_REMINDER:
                return INCIDENT_INCIDENT_REMINDER;
        case NOTICE_OPENED:
        case NOTICE_LISTED:
                break;
        }
        return notice->kind;
}

int notice_priority(const struct notice *notice)
{
        if (notice->quiet)
                return PRIORITY_QUIET;
        switch (notice->phase) {
        case NOTICE_CLEARED:
                return incident_kind_priority(INCIDENT_INCIDENT_CLEARED, true);
        case NOTICE_LISTED:
                return PRIORITY_QUIET;
        case NOTICE_OPENED:
        case NOTICE_REMINDER:
                break;
        }
        return notice->priority;
}

int notice_fields(const struct notice *notice, char **ret)
{
        _cleanup_free_ char *message = NULL, *text = NULL;
        size_t size;

        int r = notice_message(notice, &message);
        if (r < 0)
                return r;
        FILE *out = memory_stream(&text, &size);
        if (!out)
                return -ENOMEM;
        put_text(out, "MESSAGE", message);
        fprintf(out, "MESSAGE_ID=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=keyvigild\nKEYVIGIL_KIND=%s\n",
                incident_kind_message_id(message_kind(notice)), notice_priority(notice),
                incident_kind_name(notice->kind));
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                const char *value =
                        *(const char *const *) (const void *) ((const char *) notice + texts[i].offset);

                if (is_given(value))
                        put_text(out, texts[i].name, value);
        }
        put_numbers(out, notice);
        if (fclose(out) != 0)
                return -ENOMEM;
        *ret = TAKE(text);
        return 0;
}
