/* seek_index.h - compressed files that can be read at any offset of their text, and how
 *
 * BGZF files (blocked gzip, as bgzip writes it) consist of members of at most 64 KiB of text that tell
 * their lengths; so do zstd files of several frames that tell their content's size. A table of where
 * some members begin makes such a file as good as a plain one: its text has a known size, and is cut
 * into chunks.
 *
 * Shape    made from what members say of themselves, without decoding: who decodes finds out whether
 *          it is true. A function of the file's content alone
 * Units    bytes of text, and raw bytes of the input
 * Threads  any number may ask for tables and add them
 */
#ifndef CSVR_INPUT_CODEC_SEEK_INDEX_H
#define CSVR_INPUT_CODEC_SEEK_INDEX_H

#include "csvreport.h"
#include "input/codec/decompressor.h"

/* Smaller files are not worth a table: they are decoded in some ten milliseconds. */
enum { CSVR_SEEK_MIN_BYTES = 1 << 20 };

struct csvr_seek_point {
	uint64_t text, raw; /* offsets of the first byte of a member */
};

struct csvr_seek_index {
	enum csvr_compression coding;
	uint64_t text_bytes; /* of all */
	uint64_t most_bytes; /* of the largest member */
	size_t n_points;
	struct csvr_seek_point *points; /* in order; the first is of the first byte */
};

/* Makes the table of an input of `size_bytes`, to be freed with csvr_seek_index_free (NULL is fine). NULL: it is
 * no such file. Errors: CSVR_NO_MEMORY; what `fetch` returns. */
enum csvr_status csvr_seek_index_new(csvr_fetch_fn fetch, void *context, uint64_t size_bytes,
				     struct csvr_seek_index **table, struct csvr_error *error);
void csvr_seek_index_free(struct csvr_seek_index *table);

/* The last point at or before `offset`. */
struct csvr_seek_point csvr_seek_point(const struct csvr_seek_index *table, uint64_t offset);

/* Whether a member at raw byte `raw` may begin with byte `text` of the text, for all the table tells. */
bool csvr_seek_index_matches(const struct csvr_seek_index *table, uint64_t raw, uint64_t text);

/* Tables by what tells inputs apart: their `name`. */
struct csvr_seek_indexes;

/* Errors: CSVR_NO_MEMORY. Free with csvr_seek_indexes_free, tables and all (NULL is fine). */
enum csvr_status csvr_seek_indexes_new(struct csvr_seek_indexes **seeks);
void csvr_seek_indexes_free(struct csvr_seek_indexes *seeks);

/* False: nobody has looked yet. Else `*table` is the table, NULL for none; it stays the seeks'. */
bool csvr_seek_indexes_get(struct csvr_seek_indexes *seeks, uint32_t name,
			   const struct csvr_seek_index **table);

/* Takes `table` over (NULL: none), and says which one counts: another thread's, if it was first.
 * Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_seek_indexes_put(struct csvr_seek_indexes *seeks, uint32_t name,
				       struct csvr_seek_index *table,
				       const struct csvr_seek_index **counts);

#endif
