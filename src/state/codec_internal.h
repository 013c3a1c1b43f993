/* codec_internal.h - the contexts of encoding and decoding a summary
 *
 * Shape    summary_codec.c has the whole, tables, columns, layouts and runs; header_codec.c headers; file_codec.c
 *          files and their statistics; partial_codec.c files of which some chunks were read;
 *          column_codec.c one column; pairs_codec.c pairs of columns; filter_codec.c the conditions of --where; codec_context.c has what these
 *          share
 * Errors   a decode function returns false once the bytes are invalid (`decoder` remembers that) or
 *          there is no memory (`is_out_of_memory`); an encoder remembers that it had no memory
 * Threads  those of the summary
 */
#ifndef CSVR_STATE_CODEC_INTERNAL_H
#define CSVR_STATE_CODEC_INTERNAL_H

#include "base/serialize.h"
#include "stats/summary.h"

/* A column of a table. */
struct csvr_column_ref {
	uint32_t table, column;
};

/* A reference to a file that is decoded before the list of files. The file must have been read; unless
 * `column.column` is CSVR_NO_INDEX, its layout must have that column at that position. */
struct csvr_file_ref {
	uint32_t number, position;
	struct csvr_column_ref column;
};

struct csvr_summary_decoder {
	struct csvr_decoder *decoder;
	struct csvr_summary *summary;
	const uint32_t *index_of; /* the input of each number; NULL: the same */
	size_t n_inputs;
	struct csvr_file_ref *refs;
	size_t n_refs, refs_capacity;
	uint32_t *numbers; /* the number of the input of each of summary->files, ascending */
	bool is_out_of_memory;
};

struct csvr_summary_encoder {
	struct csvr_encoder *encoder;
	const uint32_t *number_of; /* the number of each input; NULL: the same */
	csvr_collection collection; /* of the columns */
	struct csvr_group_config groups;
	bool has_pairs, has_refined, has_rows;
	size_t n_conditions;
};

static inline bool csvr_decode_ok(const struct csvr_summary_decoder *in)
{
	return !in->decoder->is_bad && !in->is_out_of_memory;
}

/* Record that there is no memory, or that the bytes are invalid. Both return false. */
bool csvr_decode_no_memory(struct csvr_summary_decoder *in);
bool csvr_decode_fail(struct csvr_summary_decoder *in);

/* Whether `status` is CSVR_OK; remembers CSVR_NO_MEMORY. */
bool csvr_decode_check(struct csvr_summary_decoder *in, enum csvr_status status);

/* Zeroed memory for the items that follow. Each has at least `encoded_bytes` in the state and takes
 * `item_bytes` of memory. NULL with `*n_items` 0: there are none, or no memory. */
void *csvr_decode_items(struct csvr_summary_decoder *in, size_t *n_items, size_t encoded_bytes,
			size_t item_bytes);

/* A copy of a text, which may hold any bytes; NULL: invalid, or no memory. */
const char *csvr_decode_text(struct csvr_summary_decoder *in, struct csvr_arena *strings,
			     size_t *n_bytes);

/* A copy of a text without a NUL, which the summary owns; NULL: invalid, or no memory. */
const char *csvr_decode_string(struct csvr_summary_decoder *in);

/* ---- inputs ---- */

void csvr_encode_input(struct csvr_summary_encoder *out, uint32_t input);

/* The number of an input; 0 if it is invalid. */
uint32_t csvr_decode_number(struct csvr_summary_decoder *in);

/* The input of a number; CSVR_NO_INDEX: it is lost. */
uint32_t csvr_input_of_number(const struct csvr_summary_decoder *in, uint32_t number);

/* Decodes a reference to a file, which is checked once the files are decoded; returns its input. `column`: the
 * column that the file has at the position that follows; NULL: none follows. */
uint32_t csvr_decode_file_ref(struct csvr_summary_decoder *in,
			      const struct csvr_column_ref *column);

void csvr_encode_location(struct csvr_summary_encoder *out, const struct csvr_location *location);
void csvr_decode_location(struct csvr_summary_decoder *in, struct csvr_location *location);

/* ---- parts of a summary ---- */

void csvr_column_encode(struct csvr_encoder *encoder, const struct csvr_column *column,
			csvr_collection collection);

/* Initializes the column, whose cells must add up to `n_rows`. CSVR_INVALID_FILE: the decoder has
 * failed. Errors: CSVR_NO_MEMORY. Clear the column whatever is returned. */
enum csvr_status csvr_column_decode(struct csvr_decoder *decoder, struct csvr_column *column,
				    uint64_t n_rows, csvr_collection collection);

/* The bytes of a first cell; the caller encodes its location. */
void csvr_first_cell_encode(struct csvr_encoder *encoder, const struct csvr_first_cell *first);
void csvr_first_cell_decode(struct csvr_decoder *decoder, struct csvr_first_cell *first);

/* Encodes and decodes all first cells that a column has, in one order, by a function for one of them, which knows how its
 * location is stored. Decoding ends at the first failure, with false. */
typedef void (*csvr_encode_first_fn)(struct csvr_summary_encoder *out,
				     const struct csvr_first_cell *first);
typedef bool (*csvr_decode_first_fn)(struct csvr_summary_decoder *in,
				     struct csvr_first_cell *first);
void csvr_encode_first_cells(struct csvr_summary_encoder *out, const struct csvr_column *column,
			     csvr_encode_first_fn encode);
bool csvr_decode_first_cells(struct csvr_summary_decoder *in, struct csvr_column *column,
			     csvr_decode_first_fn decode);

/* Nothing if no columns are correlated. */
void csvr_pairs_encode(struct csvr_summary_encoder *out, const struct csvr_pairs *pairs);

/* Fills pairs without columns. `n_numbers` is the count of numbers of each of `n_columns` columns. */
bool csvr_pairs_decode(struct csvr_summary_decoder *in, struct csvr_pairs *pairs,
		       const uint64_t *n_numbers, size_t n_columns);

/* Nothing if rows are not collected. */
void csvr_encode_rows(struct csvr_summary_encoder *out, const struct csvr_rows *rows);
bool csvr_decode_rows(struct csvr_summary_decoder *in, struct csvr_rows *rows, uint64_t n_rows);

/* Nothing if there are no conditions (--where): of a file, and of all files. */
void csvr_filter_of_file_encode(struct csvr_summary_encoder *out,
				const struct csvr_filter_stats *filter);
bool csvr_filter_of_file_decode(struct csvr_summary_decoder *in, struct csvr_filter_stats *filter);
void csvr_filter_encode(struct csvr_summary_encoder *out, const struct csvr_filter_stats *filter);
bool csvr_filter_decode(struct csvr_summary_decoder *in, struct csvr_filter_stats *filter);

/* Nothing if rows are not grouped. Sorts the groups; NULL: there are none. */
void csvr_groups_encode(struct csvr_summary_encoder *out, struct csvr_groups *groups);

/* Decodes the groups of `n_columns` columns and `n_rows` rows; `*result`, which is NULL, remains so if there are none. */
bool csvr_groups_decode(struct csvr_summary_decoder *in, struct csvr_groups **result,
			size_t n_columns, uint64_t n_rows);

void csvr_file_stats_encode(struct csvr_summary_encoder *out, const struct csvr_file_stats *stats);
bool csvr_file_stats_decode(struct csvr_summary_decoder *in, struct csvr_file_stats *stats);

/* Nothing if all files are one table. Decode them after the tables. */
void csvr_headers_encode(struct csvr_summary_encoder *out, const struct csvr_summary *summary);
bool csvr_headers_decode(struct csvr_summary_decoder *in);

void csvr_files_encode(struct csvr_summary_encoder *out, const struct csvr_summary *summary);
bool csvr_files_decode(struct csvr_summary_decoder *in);

/* The file of an input; NULL: it has none. Call it after csvr_files_decode. */
const struct csvr_file *csvr_file_of_number(const struct csvr_summary_decoder *in, uint32_t number);

void csvr_partial_files_encode(struct csvr_summary_encoder *out,
			       const struct csvr_summary *summary);
bool csvr_partial_files_decode(struct csvr_summary_decoder *in);

#endif
