/* source.h - one input as bytes, whatever it comes from
 *
 * Threads  a source belongs to one thread; several sources of one regular input may be read at once
 */
#ifndef CSVR_INPUT_SOURCE_H
#define CSVR_INPUT_SOURCE_H

#include "csvreport.h"
#include "input/discover.h"
#include "input/folder.h"

struct csvr_backend;

struct csvr_source {
	const struct csvr_backend *backend;
	const struct csvr_inputs *inputs;
	const struct csvr_input *input;
	struct csvr_folder *folder;
	int fd;
};

/* Opens `input` of `inputs`, which must outlive the source. `folder` is the calling thread's. Errors: CSVR_SYSTEM with the reason (the source is then closed), CSVR_CHANGED when
 * it is no longer the file that was listed. */
enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_inputs *inputs,
				  const struct csvr_input *input, struct csvr_folder *folder,
				  struct csvr_error *error);

/* Reads up to `n_bytes` at `offset` into `buffer`. `*n_read` is less than `n_bytes` only at the end
 * of the input (regular files) or when no more was there yet (streams); 0 is the end of either.
 * A stream must be read front to back: `offset` is where the last read ended.
 * Errors: CSVR_SYSTEM. */
enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Whether the input is still what was listed (inode, size, mtime): call it after the last read.
 * Streams always are. Errors: CSVR_CHANGED, CSVR_SYSTEM. */
enum csvr_status csvr_source_verify(struct csvr_source *source, struct csvr_error *error);

/* Closes what is open; a source of all zeros or one already closed is fine. */
void csvr_source_close(struct csvr_source *source);

#endif
