/* Bytes from and to a descriptor, all of them. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <unistd.h>

/* For _cleanup_(close_p); a negative descriptor is none. */
void close_p(const int *fd);

/* Read until `size` bytes are there or the file ends; interrupted reads go on. How many, or -errno. */
ssize_t read_all(int fd, void *buffer, size_t size);

/* Write all of it; interrupted writes go on. -errno: an unknown part is written. */
int write_all(int fd, const void *bytes, size_t size);

#endif
