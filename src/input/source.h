/* source.h - one input as bytes of text, whatever it comes from
 *
 * What is compressed is decoded on the way: where the list says that it may be, where it comes as a
 * stream, and where the first bytes of a file show it. It has no size then, unless it has a table of its
 * members (input/codec/seek_index.h), but it can be read again from the front, unless it is a stream.
 *
 * Threads  a source belongs to one thread; several sources of one regular input may be read at once
 */
#ifndef CSVR_INPUT_SOURCE_H
#define CSVR_INPUT_SOURCE_H

#include "csvreport.h"
#include "input/dir_cache.h"
#include "input/inputs.h"

struct csvr_backend;
struct csvr_decompressor;
struct csvr_seek_index;

struct csvr_source {
	const struct csvr_inputs *inputs;
	struct csvr_dir_cache *dir_cache;
	/* Where the chunk that is going to be read begins: by whoever reads it, before the opening. What
	 * comes from far away was fetched ahead under that name; else it matters for nothing. */
	uint64_t begin;
	/* Set atomically: no table is looked for any longer, and the opening ends with CSVR_INTERRUPTED; may be
	 * NULL. By whoever opens it. */
	const int *stop;
	/* From csvr_source_open on. */
	const struct csvr_backend *backend; /* NULL: closed */
	const struct csvr_input *input;
	/* Of the text, where that can be read at any offset; 0: not known, and it must be read front to
	 * back, as must files of /proc and the like, which say that they are empty and are not. */
	uint64_t size_bytes;
	/* What is read goes through the decoder, which is made when it is first needed and kept. */
	bool is_decoding;
	bool has_looked; /* at the first bytes */
	struct csvr_decompressor *decoder;
	const struct csvr_seek_index *seeks; /* NULL: it must be decoded from its first byte on */
	uint64_t begun_at; /* offset in the text where the decoder began, where there are seeks */
	uint64_t text_offset; /* of the byte that the decoder gives next */
	int fd; /* of a file */
	void *remote; /* of the backend for what is remote */
};

/* A source of inputs of `inputs`, which must outlive it, one after the other. `dir_cache` is the calling
 * thread's. */
void csvr_source_init(struct csvr_source *source, const struct csvr_inputs *inputs,
		      struct csvr_dir_cache *dir_cache);

/* Closes and frees what there is; a source of all zeros is fine. */
void csvr_source_clear(struct csvr_source *source);

/* What a big compressed file on this machine is made of is looked for at its first opening.
 * Errors: CSVR_IO_ERROR with the reason (the source is then closed), CSVR_FILE_CHANGED when it is no longer
 * the file that was listed, CSVR_INTERRUPTED. */
enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_input *input,
				  struct csvr_error *error);

/* Whether opening it is worth while only to find out what it is made of. */
bool csvr_source_may_have_index(const struct csvr_input *input);

/* Reads up to `n_bytes` at `offset` into `buffer`; 0 is the end. `*n_read` is less than `n_bytes` at the
 * end of the input, or when no more was there yet.
 * What has no size must be read front to back: `offset` is where the last read ended; but see
 * csvr_source_is_rewindable. After a read at 0 `size_bytes` may be 0 where it was not: it is compressed.
 * Errors: CSVR_IO_ERROR, CSVR_FILE_CHANGED, CSVR_INVALID_FILE (what is compressed is no good), CSVR_NO_MEMORY. */
enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Whether what is read comes out of compressed bytes; known after the first read. */
bool csvr_source_is_compressed(const struct csvr_source *source);

/* Whether it can be read at any offset, if only by reading all before that again. */
bool csvr_source_is_rewindable(const struct csvr_source *source);

/* How far the reading is, in bytes of the size that the input was listed with, when its text was read
 * up to `offset`. */
uint64_t csvr_source_progress(const struct csvr_source *source, uint64_t offset);

/* Whether the input is still what was listed (inode, size, mtime): call it after the last read.
 * Streams always are. Errors: CSVR_FILE_CHANGED, CSVR_IO_ERROR. */
enum csvr_status csvr_source_verify(struct csvr_source *source, struct csvr_error *error);

/* Closes what is open; a source of all zeros or one already closed is fine. */
void csvr_source_close(struct csvr_source *source);

#endif
