#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "store/store.h"

#define WORDS_MAX 8

int doctor_run_quietly(const char *words)
{
        _cleanup_free_ char *copy = strdup(words);
        char *const environment[] = { (char *) "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
        char *arguments[WORDS_MAX + 1] = { NULL }, *rest = copy;
        posix_spawn_file_actions_t actions;
        pid_t child;
        int status;

        for (size_t i = 0; i < WORDS_MAX && rest; i++)
                arguments[i] = strsep(&rest, " ");
        if (!copy || posix_spawn_file_actions_init(&actions) != 0)
                return -ENOMEM;
        for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
                (void) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
        int r = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environment);
        posix_spawn_file_actions_destroy(&actions);
        if (r != 0)
                return -r;
        while (waitpid(child, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static size_t drop(char *bytes, size_t one, size_t size, void *userdata)
{
        (void) bytes;
        (void) userdata;
        return one * size;
}

static size_t take_date(char *line, size_t one, size_t size, void *userdata)
{
        char text[128];

        (void) one;
        if (size > 5 && strncasecmp(line, "Date:", 5) == 0) {
                snprintf(text, sizeof(text), "%.*s", (int) size - 5, line + 5);
                *(time_t *) userdata = curl_getdate(text, NULL);
        }
        return size;
}

int doctor_ask_provider(const struct settings *settings, long *ret_off, char *why, size_t size)
{
        CURL *easy = curl_easy_init();
        time_t date = -1;

        if (!easy)
                return -ENOMEM;
        curl_easy_setopt(easy, CURLOPT_URL, settings->stripe.api_base);
        curl_easy_setopt(easy, CURLOPT_PROXY, settings->stripe.proxy);
        if (*settings->stripe.ca_file != '\0')
                curl_easy_setopt(easy, CURLOPT_CAINFO, settings->stripe.ca_file);
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "keyvigil/" PACKAGE_VERSION);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) (settings->stripe.timeout / USEC_PER_MSEC));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_date);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &date);
        CURLcode code = curl_easy_perform(easy);
        curl_easy_cleanup(easy);
        if (code != CURLE_OK) {
                snprintf(why, size, "%s", curl_easy_strerror(code));
                return -EIO;
        }
        *ret_off = date > 0 ? (long) (time(NULL) - date) : 0;
        return 0;
}

static int count_row(const struct column *columns, size_t n, void *userdata)
{
        if (n > 0)
                *(long long *) userdata = columns[0].integer;
        return 0;
}

/* As a restore would have it: under the name that a database of ours has, in a folder of its own. */
static long long count_in(const char *folder, const char *path)
{
        _cleanup_(store_closep) struct store *store = NULL;
        _cleanup_free_ char *why = NULL, *name = NULL;
        long long n = 0;

        if (asprintf(&name, "%s/keyvigil.db", folder) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        if (symlink(path, name) < 0)
                return -errno;
        int r = store_open_readonly(folder, &store, &why);
        if (r >= 0)
                r = store_query(store, QUERY_COUNTS, NULL, count_row, &n);
        (void) unlink(name);
        return r < 0 ? r : n;
}

long long doctor_count_keys(const char *path)
{
        char folder[] = "/tmp/keyvigil-doctor-XXXXXX";

        if (!mkdtemp(folder))
                return -errno;
        long long n = count_in(folder, path);
        (void) rmdir(folder);
        return n;
}
