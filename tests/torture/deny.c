/* Preloaded: denies one call of the program, the n-th of its kind, and lets all others through. Which one,
 * the file that KEYVIGIL_DENY names says, while the program runs: see deny.h, and arm, which writes it. */
#include "deny.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static struct deny *deny;

/* Not open(), which would be ours. */
__attribute__((constructor)) static void begin(void)
{
        const char *path = getenv("KEYVIGIL_DENY");
        int fd = path ? (int) syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
        void *map;

        if (fd < 0)
                return;
        map = mmap(NULL, sizeof(*deny), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        syscall(SYS_close, fd);
        if (map != MAP_FAILED)
                deny = map;
}

static int is_denied(enum denied kind)
{
        if (!deny || deny->kind != (int) kind || atomic_fetch_add(&deny->seen, 1) + 1 != deny->at)
                return 0;
        deny->fired = 1;
        if (deny->trap)
                raise(SIGTRAP);
        errno = deny->error;
        return 1;
}

/* --- memory: the C library's own names, for what looks names up allocates */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
        return is_denied(DENY_ALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
        return is_denied(DENY_ALLOC) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
        return is_denied(DENY_ALLOC) ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
        return is_denied(DENY_ALLOC) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
        return is_denied(DENY_ALLOC) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
        void *memory = is_denied(DENY_ALLOC) ? NULL : __libc_memalign(alignment, size);

        if (!memory)
                return ENOMEM;
        *ret = memory;
        return 0;
}

/* --- calls. The real ones are looked up at their first use: by then the program runs. */

#define PASS(result, kind, name, parameters, arguments)                                                      \
        result name parameters                                                                               \
        {                                                                                                    \
                static result(*real) parameters;                                                             \
                                                                                                             \
                if (is_denied(kind))                                                                         \
                        return -1;                                                                           \
                if (!real)                                                                                   \
                        real = (result(*) parameters) dlsym(RTLD_NEXT, #name);                               \
                return real arguments;                                                                       \
        }

#define PASS_OPEN(name, first, given)                                                                        \
        int name(first int flags, ...)                                                                       \
        {                                                                                                    \
                static int (*real)(first int, ...);                                                          \
                va_list rest;                                                                                \
                                                                                                             \
                va_start(rest, flags);                                                                       \
                mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                      \
                va_end(rest);                                                                                \
                if (is_denied(DENY_OPEN))                                                                    \
                        return -1;                                                                           \
                if (!real)                                                                                   \
                        real = (int (*)(first int, ...)) dlsym(RTLD_NEXT, #name);                            \
                return real(given flags, mode);                                                              \
        }

#define PATH_FIRST const char *path,
#define PATH_GIVEN path,
#define AT_FIRST   int at, const char *path,
#define AT_GIVEN   at, path,
PASS_OPEN(open, PATH_FIRST, PATH_GIVEN)
PASS_OPEN(open64, PATH_FIRST, PATH_GIVEN)
PASS_OPEN(openat, AT_FIRST, AT_GIVEN)
PASS_OPEN(openat64, AT_FIRST, AT_GIVEN)
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
PASS(int, DENY_OPEN, __open_2, (const char *path, int flags), (path, flags))
PASS(int, DENY_OPEN, __open64_2, (const char *path, int flags), (path, flags))

PASS(int, DENY_SOCKET, socket, (int domain, int type, int protocol), (domain, type, protocol))
PASS(int, DENY_SOCKET, socketpair, (int domain, int type, int protocol, int fds[2]),
     (domain, type, protocol, fds))
PASS(int, DENY_SOCKET, accept, (int fd, struct sockaddr *address, socklen_t *size), (fd, address, size))
PASS(int, DENY_SOCKET, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
     (fd, address, size, flags))
PASS(int, DENY_SOCKET, epoll_create1, (int flags), (flags))
PASS(int, DENY_SOCKET, timerfd_create, (int clock, int flags), (clock, flags))
PASS(int, DENY_SOCKET, eventfd, (unsigned value, int flags), (value, flags))

PASS(ssize_t, DENY_READ, read, (int fd, void *to, size_t size), (fd, to, size))
PASS(ssize_t, DENY_READ, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
PASS(ssize_t, DENY_READ, pread64, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at))
PASS(ssize_t, DENY_WRITE, write, (int fd, const void *from, size_t size), (fd, from, size))
PASS(ssize_t, DENY_WRITE, pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
PASS(ssize_t, DENY_WRITE, pwrite64, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
PASS(int, DENY_SYNC, fsync, (int fd), (fd))
PASS(int, DENY_SYNC, fdatasync, (int fd), (fd))

PASS(ssize_t, DENY_SEND, send, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags))
PASS(ssize_t, DENY_SEND, sendto,
     (int fd, const void *from, size_t size, int flags, const struct sockaddr *to, socklen_t room),
     (fd, from, size, flags, to, room))
PASS(ssize_t, DENY_SEND, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
PASS(ssize_t, DENY_RECV, recv, (int fd, void *to, size_t size, int flags), (fd, to, size, flags))
PASS(ssize_t, DENY_RECV, recvfrom,
     (int fd, void *to, size_t size, int flags, struct sockaddr *from, socklen_t *room),
     (fd, to, size, flags, from, room))
PASS(ssize_t, DENY_RECV, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))

PASS(int, DENY_EPOLL, epoll_ctl, (int loop, int operation, int fd, struct epoll_event *event),
     (loop, operation, fd, event))
