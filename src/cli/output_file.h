/* output_file.h - where the report goes: standard output, a device, or a file that is there whole or not
 *
 * Errors  said through csvr_log, at the cost that is given; a closed pipe on standard output is
 *         a quiet end
 * Threads  an output belongs to one thread
 */
#ifndef CSVR_CLI_OUTPUT_FILE_H
#define CSVR_CLI_OUTPUT_FILE_H

#include "cli/log.h"
#include "csvreport.h"

struct csvr_output {
	struct csvr_log *log;
	const char *path; /* as given, for messages; NULL: standard output */
	const char *lack; /* what a failure costs, for messages */
	enum csvr_exit cost; /* ... and in exit status */
	char *target; /* a file to be replaced, links resolved; NULL: written directly */
	char *temporary; /* beside it, while it is being written */
	bool is_unread; /* once closed: the reader of standard output has gone */
	/* writes to `fd`, through the output itself: it stays where it is while it is open */
	FILE *stream;
	char *buffer; /* of the stream */
	int fd;
	int reason; /* errno of the write that failed; 0: none did */
	bool is_dropped; /* what the stream still holds is not to be written */
};

/* Finds out what `path` is (NULL: standard output) before hours are spent on a report that could
 * not be written; creates nothing. `lack` ends the message of a failure: "no report". False: it
 * cannot be, and has been said. */
bool csvr_output_init(struct csvr_output *output, const char *path, const char *lack,
		      enum csvr_exit cost, struct csvr_log *log);

/* Whether both would replace the same file, whatever they call it. */
bool csvr_output_is_same(const struct csvr_output *a, const struct csvr_output *b);

/* Opens output->stream. A file is written under another name first. */
bool csvr_output_open(struct csvr_output *output);

/* After the last write: `status` is what the writer returned, errno as it left it. Ends the file
 * and puts it in its place; after a failure says so and leaves nothing. */
bool csvr_output_close(struct csvr_output *output, enum csvr_status status);

/* Removes what runs that were killed while they wrote to the same target have left beside it. One
 * that is at it now fails to put its file in place; two should not write to one target. */
void csvr_output_remove_stale_temporaries(const struct csvr_output *output);

/* Frees; removes a temporary file that was never closed. */
void csvr_output_clear(struct csvr_output *output);

/* Fills in what the terminal allows: colour and width. */
void csvr_output_detect_terminal(const struct csvr_output *output,
				 struct csvr_report_options *layout);

#endif
