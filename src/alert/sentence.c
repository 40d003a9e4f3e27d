#include "alert/sentence.h"

#include <inttypes.h>
#include <string.h>

#include "base/datetime.h"

#define SENTENCE_MAX 400
#define DETAIL_MAX   120 /* even where there is room for more */
#define LABELS_AFTER 140 /* room for what follows the labels: since when, for how long, what it means */

bool is_given(const char *text)
{
        return text && *text != '\0';
}

/* ( "key", live mode, acct_1A ): whatever of it is known. */
static void say_context(FILE *out, const struct notice *notice, bool with_key)
{
        const char *separator = " (";

        if (with_key && is_given(notice->key)) {
                fprintf(out, "%skey \"%s\"", separator, notice->key);
                separator = ", ";
        }
        if (is_given(notice->mode)) {
                fprintf(out, "%s%s mode", separator, notice->mode);
                separator = ", ";
        }
        if (is_given(notice->account)) {
                fprintf(out, "%s%s", separator, notice->account);
                separator = ", ";
        }
        if (separator[0] == ',')
                fputc(')', out);
}

void say_key(FILE *out, const struct notice *notice)
{
        if (is_given(notice->key))
                fprintf(out, "key \"%s\"", notice->key);
        else
                fputs("a key", out);
        say_context(out, notice, false);
}

void say_where(FILE *out, const struct notice *notice)
{
        say_context(out, notice, false);
}

void say_coupon(FILE *out, const struct notice *notice)
{
        if (is_given(notice->coupon))
                fprintf(out, "probe coupon \"%s\"", notice->coupon);
        else
                say_count(out, notice, "probe coupon", "probe coupons", "a probe coupon");
        say_context(out, notice, true);
}

void say_since(FILE *out, const struct notice *notice)
{
        char since[DATETIME_MAX];

        if (notice->since > 0)
                fprintf(out, " since %s", datetime_format(notice->since, since));
}

/* How much of `text` may be shown in `max` bytes without cutting a character in two. */
static size_t shown_size(const char *text, size_t max)
{
        size_t size = strlen(text);

        if (size <= max)
                return size;
        for (size = max; size > 0 && ((unsigned char) text[size] & 0xc0) == 0x80; size--)
                ;
        return size;
}

/* How many bytes the sentence may still grow by, when `more` are set aside. */
static size_t room(FILE *out, size_t more)
{
        long used = ftell(out);

        return used < 0 || (size_t) used + more > SENTENCE_MAX ? 0 : SENTENCE_MAX - (size_t) used - more;
}

void say_detail(FILE *out, const struct notice *notice)
{
        size_t max = MIN(room(out, strlen(" ( …).")), (size_t) DETAIL_MAX);

        if (!is_given(notice->detail) || max == 0)
                return;

        const char *text = notice->detail;
        size_t size = shown_size(text, max);
        bool cut = text[size] != '\0';

        while (size > 0 && strchr(". \n", text[size - 1]))
                size--;
        fputs(" (", out);
        for (size_t i = 0; i < size; i++)
                fputc(text[i] == '.' && text[i + 1] == ' ' ? ';' : text[i], out);
        fputs(cut ? " …)" : ")", out);
}

static unsigned labels_count(const char *labels)
{
        unsigned n = 1;

        for (const char *comma = labels; (comma = strstr(comma, ", ")); comma += 2)
                n++;
        return n;
}

void say_labels(FILE *out, const char *labels)
{
        size_t size = strlen(labels), max = room(out, LABELS_AFTER);
        unsigned left = 0;

        if (size > max) {
                /* The last end of a label that leaves room for " and 123 more". */
                size = shown_size(labels, max > 14 ? max - 14 : 0);
                for (size_t end = size; end > 0; end--)
                        if (strncmp(labels + end, ", ", 2) == 0) {
                                size = end;
                                left = labels_count(labels + end + 2);
                                break;
                        }
        }
        fprintf(out, "“%.*s”", (int) size, labels);
        if (left > 0)
                fprintf(out, " and %u more", left);
}

void say_count(FILE *out, const struct notice *notice, const char *one, const char *many, const char *unknown)
{
        if (notice->count == 0)
                fputs(unknown, out);
        else
                fprintf(out, "%" PRIu64 " %s", notice->count, notice->count == 1 ? one : many);
}

bool has_reason(const struct notice *notice, const char *word)
{
        size_t size = strlen(word);

        if (!notice->reason)
                return false;
        for (const char *at = notice->reason; (at = strstr(at, word)); at += size)
                if ((at == notice->reason || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' '))
                        return true;
        return false;
}

void say_many_open(FILE *out, const struct notice *notice)
{
        char since[DATETIME_MAX];

        fprintf(out, "%" PRIu64 " incidents of kind %s are still open", notice->count,
                incident_kind_name(notice->kind));
        if (notice->since > 0)
                fprintf(out, ", the oldest since %s", datetime_format(notice->since, since));
}
