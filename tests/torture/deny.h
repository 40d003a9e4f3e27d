/* What deny.so and arm have in common: the file that is mapped by both. */
#ifndef TORTURE_DENY_H
#define TORTURE_DENY_H

#include <stdatomic.h>

enum denied {
        DENY_NOTHING,
        DENY_ALLOC,  /* malloc() and what calls it */
        DENY_OPEN,   /* files */
        DENY_SOCKET, /* descriptors that are no files: sockets, accepted ones, epoll, timers, events */
        DENY_READ,   /* of descriptors, but not of sockets by recv() */
        DENY_WRITE,  /* write() and pwrite() */
        DENY_SYNC,   /* fsync() and fdatasync() */
        DENY_SEND,   /* send(), sendto(), sendmsg() */
        DENY_RECV,   /* recv(), recvfrom(), recvmsg() */
        DENY_EPOLL,  /* epoll_ctl() */
};

struct deny {
        atomic_int kind;  /* which calls are counted */
        atomic_int error; /* what the denied one says in errno */
        atomic_long at;   /* which of them is denied, from 1 */
        atomic_long seen; /* so many there were */
        atomic_int fired; /* it was denied */
        atomic_int trap;  /* for a debugger: stop there */
};

#endif
