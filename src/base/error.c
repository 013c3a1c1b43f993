/* error.c - the error record */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum csvr_status csvr_error_set(struct csvr_error *error, enum csvr_status status, uint64_t line,
				const char *format, ...)
{
	if (error == NULL)
		return status;
	error->status = status;
	error->line = line;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof error->message, format, arguments);
	va_end(arguments);
	return status;
}

enum csvr_status csvr_error_set_errno(struct csvr_error *error, const char *doing)
{
	/* strerror is not thread-safe in every libc, and the GNU and POSIX forms of strerror_r differ
	 * in type. All libcs of Linux know %m. */
	return csvr_error_set(error, CSVR_IO_ERROR, 0, "%s: %m", doing);
}

enum csvr_status csvr_error_set_no_memory(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_NO_MEMORY, 0, "out of memory");
}
