/* source.h - one input as a sequence of bytes, local or remote, compressed or not
 *
 * A compressed input is decompressed while it is read, and one in UTF-16 is converted to UTF-8. It is
 * recognized by its entry in the list of inputs, or by its first bytes. The size of the result is unknown
 * unless a compressed input has a seek index (input/codec/seek_index.h); without one it can be read again
 * only from the start, and a stream not at all.
 *
 * Threads  a source belongs to one thread; several sources may read one regular input at once
 */
#ifndef CSVR_INPUT_SOURCE_H
#define CSVR_INPUT_SOURCE_H

#include "csvreport.h"
#include "input/codec/text_decoder.h"
#include "input/dir_cache.h"
#include "input/inputs.h"

struct csvr_backend;
struct csvr_seek_index;

struct csvr_source {
	const struct csvr_inputs *inputs;
	struct csvr_dir_cache *dir_cache;
	/* Offset of the chunk to be read next; the caller sets it before csvr_source_open. A
	 * remote source uses it to find the byte range that was prefetched; others ignore it. */
	uint64_t begin;
	/* If the flag is set, building a seek index stops and csvr_source_open returns
	 * CSVR_INTERRUPTED. The caller sets the pointer before csvr_source_open; NULL: never. */
	const int *stop_flag;
	/* Set by csvr_source_open. */
	const struct csvr_backend *backend; /* NULL: closed */
	const struct csvr_input *input;
	/* Decompressed size, if the input can be read at any offset. 0: unknown, so the input
	 * must be read front to back; so must files of /proc, whose size is given as 0. */
	uint64_t size_bytes;
	/* Reads go through the decompressor, which is allocated when it is first needed and then
	 * kept, and the decoder. */
	bool is_decompressing;
	bool has_sniffed; /* the first bytes have been checked */
	struct csvr_decompressor *decompressor;
	struct csvr_text_decoder decoder;
	const struct csvr_seek_index *seek_index; /* NULL: decompression starts at the first byte */
	/* with a seek index: decompressed offset where the decompressor started */
	uint64_t start_offset;
	uint64_t position; /* offset of the next byte of the decoder */
	int fd; /* of a local file */
	void *remote; /* state of the remote backend */
};

/* `inputs` must outlive the source. `dir_cache` is the calling thread's. A source reads any
 * number of inputs, one at a time. */
void csvr_source_init(struct csvr_source *source, const struct csvr_inputs *inputs,
		      struct csvr_dir_cache *dir_cache);

/* Closes the input and frees everything; a source of all zeros is fine. */
void csvr_source_clear(struct csvr_source *source);

/* The first opening of a big compressed local file builds its seek index. Errors: CSVR_IO_ERROR
 * with the reason (the source is then closed), CSVR_FILE_CHANGED if it is no longer the file
 * that was listed, CSVR_INTERRUPTED. */
enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_input *input,
				  struct csvr_error *error);

/* Whether opening the input may build a seek index, so that it pays to open it in advance. */
bool csvr_source_may_have_index(const struct csvr_input *input);

/* Reads up to `n_bytes` at `offset` into `buffer`; `*n_read` 0 is the end. A short read means the
 * end of the input, or that no more bytes were available yet. An input without a size must be read
 * front to back: `offset` is where the last read ended, unless csvr_source_is_rewindable. A read at
 * offset 0 may reset `size_bytes` to 0, if the input turns out to be compressed. Errors:
 * CSVR_IO_ERROR, CSVR_FILE_CHANGED, CSVR_INVALID_FILE (compressed data or UTF-16 is corrupt),
 * CSVR_NO_MEMORY. */
enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Call it before the bytes after a chunk are read, which begin a chunk at `begin` that no other source reads. A remote
 * source then goes on with the byte range that was prefetched for that. */
void csvr_source_advance(struct csvr_source *source, uint64_t begin);

/* Whether the bytes are decompressed ones, and whether they were converted from UTF-16; known after the first
 * read. */
bool csvr_source_is_compressed(const struct csvr_source *source);
bool csvr_source_is_utf16(const struct csvr_source *source);

/* Whether either holds. */
static inline bool csvr_source_is_decoded(const struct csvr_source *source)
{
	return csvr_source_is_compressed(source) || csvr_source_is_utf16(source);
}

/* Whether the input can be read at any offset, if need be by reading all bytes before it again. */
bool csvr_source_is_rewindable(const struct csvr_source *source);

/* Progress in bytes of the listed size, after the input was read up to `offset`. */
uint64_t csvr_source_progress(const struct csvr_source *source, uint64_t offset);

/* Checks that the input has not changed since it was listed (inode, size, mtime). Call it after
 * the last read. A stream never changes. Errors: CSVR_FILE_CHANGED, CSVR_IO_ERROR. */
enum csvr_status csvr_source_verify(struct csvr_source *source, struct csvr_error *error);

/* Closes the input; a source of all zeros or a closed one is fine. */
void csvr_source_close(struct csvr_source *source);

#endif
