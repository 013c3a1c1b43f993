/* column_codec.c - the statistics of one column to bytes and back */
#include <math.h>
#include <string.h>

#include "state/codec_internal.h"

typedef unsigned __int128 u128;

/* The range of bins of the squares is not encoded: it follows from that of the sums. */
static void encode_exact_sum(struct csvr_encoder *encoder, const struct csvr_exact_sum *exact)
{
	csvr_encoder_put_varint(encoder, exact->n_sums);
	if (exact->n_sums == 0)
		return;
	csvr_encoder_put_zigzag(encoder, exact->sum_base);
	for (size_t i = 0; i < exact->n_sums; i++) {
		const __int128 sum = exact->sums[i];
		const u128 folded = (u128)sum << 1 ^ (sum < 0 ? ~(u128)0 : 0);
		csvr_encoder_put_varint_wide(
			encoder, (uint64_t[]){ (uint64_t)folded, (uint64_t)(folded >> 64) }, 2);
	}
	for (size_t i = 0; i < exact->n_squares; i++)
		csvr_encoder_put_varint_wide(encoder, exact->squares[i].word, 3);
}

static enum csvr_status invalid(struct csvr_decoder *decoder)
{
	(void)csvr_decoder_fail(decoder);
	return CSVR_INVALID_FILE;
}

static enum csvr_status decode_exact_sum(struct csvr_decoder *decoder, struct csvr_exact_sum *exact,
					 uint64_t n_numbers)
{
	enum { MOST_BINS = CSVR_EXACT_MAX_EXPONENT - CSVR_EXACT_MIN_EXPONENT + 1 };
	const size_t n = csvr_decoder_count(decoder, 3);
	if (n == 0)
		return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
	const int64_t base = csvr_decoder_zigzag(decoder);
	if (n > MOST_BINS || base < CSVR_EXACT_MIN_EXPONENT ||
	    base > CSVR_EXACT_MAX_EXPONENT + 1 - (int64_t)n)
		return invalid(decoder);
	if (csvr_exact_sum_reserve(exact, (int)base, (int)base + (int)n) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		uint64_t word[2];
		csvr_decoder_varint_wide(decoder, word, 2);
		const u128 folded = (u128)word[1] << 64 | word[0];
		/* A number adds less than CSVR_EXACT_LIMIT to a bin. */
		if ((folded >> 1) + (folded & 1) > (u128)n_numbers * CSVR_EXACT_LIMIT)
			return invalid(decoder);
		const u128 bits = folded >> 1 ^ ((folded & 1) != 0 ? ~(u128)0 : 0);
		memcpy(&exact->sums[i], &bits, sizeof bits);
	}
	for (size_t i = 0; i < exact->n_squares; i++)
		csvr_decoder_varint_wide(decoder, exact->squares[i].word, 3);
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

void csvr_column_encode(struct csvr_encoder *encoder, const struct csvr_column *column,
			csvr_collection collection)
{
	uint64_t n_cells = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		csvr_encoder_put_varint(encoder, column->cells[class]);
		n_cells += column->cells[class];
	}
	if (column->cells[CSVR_CELL_NUMBER] > 0) {
		csvr_encoder_put_double(encoder, column->min);
		csvr_encoder_put_double(encoder, column->max);
		encode_exact_sum(encoder, &column->exact);
	}
	if (n_cells > 0)
		csvr_collected_encode(column->collected, collection, encoder);
}

static enum csvr_status decode_numbers(struct csvr_decoder *decoder, struct csvr_column *column)
{
	column->min = csvr_decoder_double(decoder);
	column->max = csvr_decoder_double(decoder);
	if (!(column->min <= column->max) || !isfinite(column->min) || !isfinite(column->max))
		return invalid(decoder);
	return decode_exact_sum(decoder, &column->exact, column->cells[CSVR_CELL_NUMBER]);
}

enum csvr_status csvr_column_decode(struct csvr_decoder *decoder, struct csvr_column *column,
				    uint64_t n_rows, csvr_collection collection)
{
	uint64_t n_left = n_rows;
	csvr_column_init(column);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		column->cells[class] = csvr_decoder_varint_max(decoder, n_left);
		n_left -= column->cells[class];
	}
	if (decoder->is_bad || n_left != 0)
		return invalid(decoder);
	enum csvr_status status = CSVR_OK;
	if (column->cells[CSVR_CELL_NUMBER] > 0)
		status = decode_numbers(decoder, column);
	if (status == CSVR_OK && n_rows > 0)
		status = csvr_collected_decode(collection, decoder, column->cells,
					       &column->collected);
	/* An aggregate may return before it asks the decoder. */
	if (status == CSVR_INVALID_FILE || (status == CSVR_OK && decoder->is_bad))
		return invalid(decoder);
	return status;
}
