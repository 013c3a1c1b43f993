/* io.c - read() and write() that retry after signals and on non-blocking descriptors */
#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

/* Whether to retry a call that has failed. Waits for `events` if the descriptor is non-blocking. */
static bool should_retry(int fd, short events)
{
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	struct pollfd ready = { .fd = fd, .events = events };
	(void)poll(&ready, 1, -1);
	return true;
}

ssize_t csvr_io_read(int fd, void *bytes, size_t n_bytes)
{
	ssize_t n;
	do
		n = read(fd, bytes, n_bytes);
	while (n < 0 && should_retry(fd, POLLIN));
	return n;
}

ssize_t csvr_io_write(int fd, const void *bytes, size_t n_bytes)
{
	ssize_t n;
	do
		n = write(fd, bytes, n_bytes);
	while (n < 0 && should_retry(fd, POLLOUT));
	return n;
}
