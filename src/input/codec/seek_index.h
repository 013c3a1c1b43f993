/* seek_index.h - random access to compressed files
 *
 * The members of a BGZF file (blocked gzip, as bgzip writes it) hold at most 64 KiB of decompressed
 * bytes and state their lengths; the frames of many zstd files state the size of their content. An
 * index of where some members start lets such a file be read at any offset and be split into chunks,
 * like an uncompressed one.
 *
 * Shape    a function of the file's content alone: built from the lengths that members state, without
 *          decompressing them. The reader verifies these lengths as it decompresses
 * Units    offsets and sizes are those of decompressed bytes, unless named compressed
 * Threads  any number may look up indexes and add them
 */
#ifndef CSVR_INPUT_CODEC_SEEK_INDEX_H
#define CSVR_INPUT_CODEC_SEEK_INDEX_H

#include "csvreport.h"
#include "input/codec/decompressor.h"

/* Smaller files need no index: they are decompressed in some ten milliseconds. */
enum { CSVR_SEEK_MIN_BYTES = 1 << 20 };

struct csvr_seek_point {
	uint64_t decompressed, compressed; /* offsets of the first byte of a member */
};

struct csvr_seek_index {
	enum csvr_compression compression;
	uint64_t decompressed_bytes; /* of the whole file */
	uint64_t max_member_bytes; /* largest size of a member */
	size_t n_points;
	struct csvr_seek_point *points; /* in order; the first is at decompressed offset 0 */
};

/* Builds the index of an input of `size_bytes`; NULL if the input cannot be indexed. Free with
 * csvr_seek_index_free (NULL is fine). Errors: CSVR_NO_MEMORY; any error of `fetch`. */
enum csvr_status csvr_seek_index_new(csvr_fetch_fn fetch, void *context, uint64_t size_bytes,
				     struct csvr_seek_index **index, struct csvr_error *error);
void csvr_seek_index_free(struct csvr_seek_index *index);

/* The last point at or before the decompressed byte `offset`. */
struct csvr_seek_point csvr_seek_point(const struct csvr_seek_index *index, uint64_t offset);

/* Whether a member at this compressed offset may start at this decompressed one, as far as the
 * index shows. */
bool csvr_seek_index_matches(const struct csvr_seek_index *index, uint64_t compressed,
			     uint64_t decompressed);

/* Indexes by input: the key is the `name` of struct csvr_input. */
struct csvr_seek_indexes;

/* Errors: CSVR_NO_MEMORY. Free with csvr_seek_indexes_free, which frees the indexes too (NULL is
 * fine). */
enum csvr_status csvr_seek_indexes_new(struct csvr_seek_indexes **indexes);
void csvr_seek_indexes_free(struct csvr_seek_indexes *indexes);

/* False if nothing was put for `name` yet. Else `*index` is its index, NULL if it has none; the
 * indexes keep it. */
bool csvr_seek_indexes_get(struct csvr_seek_indexes *indexes, uint32_t name,
			   const struct csvr_seek_index **index);

/* Stores `index` (NULL: the input has none) and takes ownership. `*kept` is the stored one:
 * another thread's, if that was first. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_seek_indexes_put(struct csvr_seek_indexes *indexes, uint32_t name,
				       struct csvr_seek_index *index,
				       const struct csvr_seek_index **kept);

#endif
