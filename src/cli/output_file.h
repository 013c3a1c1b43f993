/* output_file.h - the destination of a report: standard output, a device, or a file replaced atomically
 *
 * Errors   logged with the given exit status; a closed pipe on standard output is no error
 * Threads  an output belongs to one thread
 */
#ifndef CSVR_CLI_OUTPUT_FILE_H
#define CSVR_CLI_OUTPUT_FILE_H

#include "cli/log.h"
#include "csvreport.h"

struct csvr_output {
	struct csvr_log *log;
	const char *path; /* as given, for messages; NULL: standard output */
	const char *failure_note; /* the consequence of a failure, at the end of its message */
	enum csvr_exit exit_on_failure;
	char *target; /* the file to replace, with links resolved; NULL: written directly */
	char *temporary; /* in the same directory, while it is written */
	bool reader_closed; /* once closed: the reader of standard output closed the pipe */
	/* Its functions use the output itself, which must not move while the stream is open. */
	FILE *stream;
	char *buffer; /* of the stream */
	int fd;
	int reason; /* errno of the write that failed; 0: none */
	bool discard_buffer; /* the rest of the buffer must not be written */
};

/* Checks before the run whether `path` (NULL: standard output) can be written; creates nothing.
 * `failure_note` ends the message about a failure: "no report". False: it cannot be written, and an
 * error was logged. */
bool csvr_output_init(struct csvr_output *output, const char *path, const char *failure_note,
		      enum csvr_exit exit_on_failure, struct csvr_log *log);

/* Whether both replace the same file, even by different names. */
bool csvr_output_is_same(const struct csvr_output *a, const struct csvr_output *b);

/* Opens output->stream. A file is written under a temporary name. False: an error was logged. */
bool csvr_output_open(struct csvr_output *output);

/* Called after the last write: `status` is the result of the writer, and errno is as it left it. Closes
 * the file and renames it to its target. After a failure logs an error and removes the file. */
bool csvr_output_close(struct csvr_output *output, enum csvr_status status);

/* Removes the temporary files of killed runs with the same target. The temporary file of a live run with
 * that target is removed too, and its rename fails: two runs must not write to one target. */
void csvr_output_remove_stale_temporaries(const struct csvr_output *output);

/* Frees the output; removes a temporary file that was not closed. */
void csvr_output_clear(struct csvr_output *output);

/* Detects color support, the bars of histograms and width of the terminal. */
void csvr_output_detect_terminal(const struct csvr_output *output,
				 struct csvr_report_options *layout);

#endif
