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
	const struct csvr_inputs *inputs;
	struct csvr_folder *folder;
	/* Where the piece that is going to be read begins: by whoever reads it, before the opening. What
	 * comes from far away was fetched ahead under that name; else it matters for nothing. */
	uint64_t begin;
	/* From csvr_source_open on. */
	const struct csvr_backend *backend; /* NULL: closed */
	const struct csvr_input *input;
	/* Of the text, where that can be read at any offset; 0: not known, and it must be read front to
	 * back, as must files of /proc and the like, which say that they are empty and are not. */
	uint64_t size_bytes;
	int fd; /* of a file */
	void *remote; /* of the backend for what is remote */
};

/* A source of inputs of `inputs`, which must outlive it, one after the other. `folder` is the calling
 * thread's. */
void csvr_source_init(struct csvr_source *source, const struct csvr_inputs *inputs,
		      struct csvr_folder *folder);

/* Closes and frees what there is; a source of all zeros is fine. */
void csvr_source_clear(struct csvr_source *source);

/* Errors: CSVR_SYSTEM with the reason (the source is then closed), CSVR_CHANGED when it is no longer
 * the file that was listed. */
enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_input *input,
				  struct csvr_error *error);

/* Reads up to `n_bytes` at `offset` into `buffer`; 0 is the end. `*n_read` is less than `n_bytes` at the
 * end of the input, or when no more was there yet.
 * What has no size must be read front to back: `offset` is where the last read ended.
 * Errors: CSVR_SYSTEM, CSVR_CHANGED. */
enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Whether the input is still what was listed (inode, size, mtime): call it after the last read.
 * Streams always are. Errors: CSVR_CHANGED, CSVR_SYSTEM. */
enum csvr_status csvr_source_verify(struct csvr_source *source, struct csvr_error *error);

/* Closes what is open; a source of all zeros or one already closed is fine. */
void csvr_source_close(struct csvr_source *source);

#endif
