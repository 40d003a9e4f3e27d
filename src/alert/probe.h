/* Would a datagram socket's reader take one more message now? */
#ifndef ALERT_PROBE_H
#define ALERT_PROBE_H

/* Connects anew each time, without blocking, to the socket at `path`: a reader that went away and one that
 * came back are both seen at once. 0: there is a reader with room in its queue. -EAGAIN: nobody reads, the
 * queue is full, or we could not find out. -ENAMETOOLONG: no socket can have this path. */
int probe_socket(const char *path);

#endif
