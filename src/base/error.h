/* error.h - the error record, filled where something goes wrong, read where it is told
 *
 * Threads  a record belongs to one thread
 */
#ifndef CSVR_BASE_ERROR_H
#define CSVR_BASE_ERROR_H

#include "csvreport.h"

/* Fills `error` (which may be NULL) and returns `status`. `line` is 1-based, 0 when there is none;
 * a message that is too long is cut. */
enum csvr_status csvr_error_set(struct csvr_error *error, enum csvr_status status, uint64_t line,
				const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a system call: "`doing`: reason of errno". */
enum csvr_status csvr_error_set_errno(struct csvr_error *error, const char *doing);

/* The same for memory that could not be had. */
enum csvr_status csvr_error_set_no_memory(struct csvr_error *error);

#endif
