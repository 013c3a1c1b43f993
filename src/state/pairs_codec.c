/* pairs_codec.c - the sums of pairs of columns to bytes and back */
#include <stdlib.h>

#include "state/codec_internal.h"

void csvr_pairs_encode(struct csvr_summary_encoder *out, const struct csvr_pairs *pairs)
{
	const size_t n_pairs = csvr_pairs_count(pairs);
	if (!out->has_pairs)
		return;
	csvr_encoder_put_varint(out->encoder, pairs->n_columns);
	for (size_t i = 0; i < pairs->n_columns; i++)
		csvr_encoder_put_varint(out->encoder, pairs->columns[i]);
	for (size_t i = 0; i < n_pairs; i++)
		csvr_pair_encode(&pairs->pairs[i], out->encoder);
}

/* Adds the columns, which ascend and are below `n_columns`. */
static bool decode_columns(struct csvr_summary_decoder *in, struct csvr_pairs *pairs,
			   size_t n_columns)
{
	const size_t n = csvr_decoder_count(in->decoder, 1);
	/* Each pair has at least one byte. */
	if (n > n_columns || (n > 1 && csvr_pair_index(0, n) > csvr_decoder_remaining(in->decoder)))
		return csvr_decode_fail(in);
	uint64_t next = 0;
	for (size_t i = 0; i < n && csvr_decode_ok(in); i++) {
		const uint64_t column = csvr_decoder_varint(in->decoder);
		if (column < next || column >= n_columns)
			return csvr_decode_fail(in);
		next = column + 1;
		csvr_decode_check(in, csvr_pairs_add_column(pairs, (uint32_t)column));
	}
	return csvr_decode_ok(in);
}

bool csvr_pairs_decode(struct csvr_summary_decoder *in, struct csvr_pairs *pairs,
		       const uint64_t *n_numbers, size_t n_columns)
{
	if (!in->summary->config.has_pairs)
		return csvr_decode_ok(in);
	if (!decode_columns(in, pairs, n_columns))
		return false;
	for (size_t j = 1; j < pairs->n_columns; j++) {
		for (size_t i = 0; i < j; i++) {
			const uint64_t x = n_numbers[pairs->columns[i]];
			const uint64_t y = n_numbers[pairs->columns[j]];
			const enum csvr_status status =
				csvr_pair_decode(&pairs->pairs[csvr_pair_index(i, j)], in->decoder,
						 x < y ? x : y);
			if (!csvr_decode_check(in, status))
				return status == CSVR_INVALID_FILE ? csvr_decode_fail(in) : false;
		}
	}
	return csvr_decode_ok(in);
}
