/* io.h - read() and write() that retry after signals and on non-blocking descriptors
 *
 * Errors   -1 and errno, but never EINTR or EAGAIN: a call that a signal interrupts is retried, and if
 *          another program has made a shared pipe or terminal non-blocking, the call waits
 * Threads  any
 */
#ifndef CSVR_BASE_IO_H
#define CSVR_BASE_IO_H

#include <stddef.h>
#include <sys/types.h>

/* As read(2): up to `n_bytes`; 0 at the end. */
ssize_t csvr_io_read(int fd, void *bytes, size_t n_bytes);

/* As write(2): up to `n_bytes`. */
ssize_t csvr_io_write(int fd, const void *bytes, size_t n_bytes);

#endif
