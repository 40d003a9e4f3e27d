#include "vault/masterkey.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/macros.h"

#define HEX_SIZE (2 * MASTERKEY_SIZE)

/* One more than any valid file has, so that a longer one is noticed. */
#define FILE_MAX (HEX_SIZE + 2)

#define KEY_FILE "master.key"
#define NEW_FILE "master.key.new"

static int _printf_(3, 4) fail(int error, char **ret_why, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        if (vasprintf(ret_why, format, ap) < 0)
                *ret_why = NULL;
        va_end(ap);
        return error;
}

/* 32 bytes as they are, or 64 hexadecimal digits with or without an end of line. */
static int parse(const char *text, size_t size, unsigned char ret[MASTERKEY_SIZE])
{
        size_t n;

        if (size == MASTERKEY_SIZE) {
                memcpy(ret, text, MASTERKEY_SIZE);
                return 0;
        }
        if (size == HEX_SIZE + 1 && text[HEX_SIZE] == '\n')
                size--;
        if (size != HEX_SIZE || sodium_hex2bin(ret, MASTERKEY_SIZE, text, size, NULL, &n, NULL) < 0 ||
            n != MASTERKEY_SIZE)
                return -EBADMSG;
        return 0;
}

/* `forbidden`: permission bits that the file must not have. */
static int check(int fd, const char *path, mode_t forbidden, char **ret_why)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return fail(-errno, ret_why, "%s: %m", path);
        if (!S_ISREG(st.st_mode))
                return fail(-EBADMSG, ret_why, "%s: the master key is no regular file", path);
        if (st.st_mode & forbidden)
                return fail(-EPERM, ret_why, "%s: the master key can be read by others; chmod 0600 it", path);
        return 0;
}

/* -ENOENT is left to the caller to explain. */
static int load(const char *path, mode_t forbidden, unsigned char ret[MASTERKEY_SIZE], char **ret_why)
{
        _cleanup_(close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        char text[FILE_MAX];
        ssize_t n;
        int r;

        if (fd < 0)
                return errno == ENOENT ? -ENOENT : fail(-errno, ret_why, "%s: %m", path);
        r = check(fd, path, forbidden, ret_why);
        if (r < 0)
                return r;
        n = read_all(fd, text, sizeof(text));
        r = n < 0 ? (int) n : parse(text, (size_t) n, ret);
        sodium_memzero(text, sizeof(text));
        if (r < 0)
                return fail(r, ret_why, "%s: %s", path,
                            n < 0 ? strerror((int) -n)
                                  : "a master key is 32 bytes or 64 hexadecimal digits; this is neither");
        return 0;
}

/* Written under another name first: a crash leaves the whole key or none. */
static int write_new(int dir, const unsigned char key[MASTERKEY_SIZE])
{
        _cleanup_(close_p) int fd = -1;
        char text[HEX_SIZE + 1];
        int r;

        if (unlinkat(dir, NEW_FILE, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(dir, NEW_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        sodium_bin2hex(text, sizeof(text), key, MASTERKEY_SIZE);
        text[HEX_SIZE] = '\n';
        r = write_all(fd, text, sizeof(text));
        sodium_memzero(text, sizeof(text));
        if (r >= 0 && (fchmod(fd, 0600) < 0 || fsync(fd) < 0))
                r = -errno;
        if (r >= 0 && linkat(dir, NEW_FILE, dir, KEY_FILE, 0) < 0)
                r = -errno;
        (void) unlinkat(dir, NEW_FILE, 0);
        return r < 0 ? r : fsync(dir) < 0 ? -errno : 0;
}

static int create(const char *state_dir, unsigned char ret[MASTERKEY_SIZE], char **ret_why)
{
        _cleanup_(close_p) int dir = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (dir < 0)
                return fail(-errno, ret_why, "%s: %m", state_dir);
        randombytes_buf(ret, MASTERKEY_SIZE);
        r = write_new(dir, ret);
        if (r < 0)
                return fail(r, ret_why, "%s/" KEY_FILE ": a master key could not be made: %s", state_dir,
                            strerror(-r));
        return 0;
}

static int find_beside(const char *state_dir, bool may_create, unsigned char ret[MASTERKEY_SIZE],
                       char **ret_why)
{
        _cleanup_free_ char *path = NULL;
        int r;

        if (asprintf(&path, "%s/" KEY_FILE, state_dir) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = load(path, 077, ret, ret_why);
        if (r != -ENOENT)
                return r;
        if (!may_create)
                return fail(-ENOKEY, ret_why,
                            "%s: the master key is missing, and secrets are sealed with it; bring it back "
                            "(or the credential keyvigil.master)",
                            path);
        return create(state_dir, ret, ret_why);
}

int masterkey_find(const char *state_dir, const char *credential, bool may_create,
                   unsigned char ret[MASTERKEY_SIZE], bool *ret_beside, char **ret_why)
{
        int r = -ENOENT;

        /* systemd gives a credential to the service's user by an access list, whose mask shows as
         * permissions of the group. */
        if (credential)
                r = load(credential, 007, ret, ret_why);
        if (r != -ENOENT) {
                if (r >= 0)
                        *ret_beside = false;
                return r;
        }
        r = find_beside(state_dir, may_create, ret, ret_why);
        if (r >= 0)
                *ret_beside = true;
        return r;
}
