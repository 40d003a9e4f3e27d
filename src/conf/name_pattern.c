#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <string.h>

#include "conf/profile_file.h"

/* regcomp() copies what stands before {n} n times, nested ones too; its memory grows with the square of what
 * comes out. */
#define PATTERN_MAX 256
#define COPIES_MAX  2048

/* The bigger number of a "{m,n}" that starts at `text`; 1 if it is none. */
static unsigned long repetitions(const char *text)
{
        unsigned long number = 0, most = 1;

        for (text++; *text != '}' && *text != '\0'; text++) {
                number = isdigit((unsigned char) *text)
                                 ? MIN(number * 10 + (unsigned long) (*text - '0'), 10000UL)
                                 : 0;
                most = MAX(most, number);
        }
        return most;
}

/* No less than the number of pieces that regcomp() will make. */
static unsigned long pieces(const char *pattern)
{
        unsigned long singles = strlen(pattern), groups = 1;

        for (const char *c = strchr(pattern, '{'); c && groups <= COPIES_MAX; c = strchr(c + 1, '{')) {
                if (c > pattern && (c[-1] == ')' || c[-1] == '}'))
                        groups *= repetitions(c);
                else
                        singles += repetitions(c);
        }
        return singles * groups;
}

static bool has_back_reference(const char *pattern)
{
        for (const char *c = strchr(pattern, '\\'); c && c[1] != '\0'; c = strchr(c + 2, '\\'))
                if (isdigit((unsigned char) c[1]))
                        return true;
        return false;
}

static int refuse(const char **ret_why, const char *why)
{
        *ret_why = why;
        return -EINVAL;
}

int name_pattern_check(const char *pattern, const char **ret_why)
{
        regex_t regex;

        if (strlen(pattern) > PATTERN_MAX)
                return refuse(ret_why, "it is longer than 256 bytes");
        if (pieces(pattern) > COPIES_MAX)
                return refuse(ret_why, "it repeats too much; write * or +");
        if (has_back_reference(pattern))
                return refuse(ret_why, "a back reference like \\1 makes matching slow; leave it out");
        if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
                return refuse(ret_why, "it is not a valid extended regular expression");
        regfree(&regex);
        return 0;
}
