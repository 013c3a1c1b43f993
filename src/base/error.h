/* error.h - fills the error record where a call fails; cli/ prints it
 *
 * Threads  a record belongs to one thread
 */
#ifndef CSVR_BASE_ERROR_H
#define CSVR_BASE_ERROR_H

#include "csvreport.h"

/* Fills `error` (which may be NULL) and returns `status`. `line` is the line of the input where it
 * failed, from 1; 0: none. A message that is too long is truncated. */
enum csvr_status csvr_error_set(struct csvr_error *error, enum csvr_status status, uint64_t line,
				const char *format, ...) __attribute__((format(printf, 4, 5)));

/* CSVR_IO_ERROR with the message "`doing`: <text of errno>", for a failed system call. */
enum csvr_status csvr_error_set_errno(struct csvr_error *error, const char *doing);

/* CSVR_NO_MEMORY with the message "out of memory". */
enum csvr_status csvr_error_set_no_memory(struct csvr_error *error);

#endif
