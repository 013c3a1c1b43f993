/* column_codec.c - the statistics of one column to bytes and back */
#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "state/codec_internal.h"
#include "stats/column_type.h"
#include "stats/lookalikes.h"

typedef unsigned __int128 u128;

/* The range of bins of the squares is not encoded: it follows from that of the sums. */
static void encode_exact_sum(struct csvr_encoder *encoder, const struct csvr_exact_sum *exact)
{
	csvr_encoder_put_varint(encoder, exact->sum_range.n);
	if (exact->sum_range.n == 0)
		return;
	csvr_encoder_put_zigzag(encoder, exact->sum_range.base);
	for (size_t i = 0; i < exact->sum_range.n; i++) {
		const __int128 sum = exact->sums[i];
		const u128 folded = (u128)sum << 1 ^ (sum < 0 ? ~(u128)0 : 0);
		csvr_encoder_put_varint_wide(
			encoder, (uint64_t[]){ (uint64_t)folded, (uint64_t)(folded >> 64) }, 2);
	}
	for (size_t i = 0; i < exact->square_range.n; i++)
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
	for (size_t i = 0; i < exact->square_range.n; i++)
		csvr_decoder_varint_wide(decoder, exact->squares[i].word, 3);
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

/* ---- the values of a quantity ---- */

static void encode_extreme(struct csvr_encoder *encoder, const struct csvr_extreme *extreme)
{
	struct csvr_digits digits;
	csvr_extreme_to_digits(extreme, &digits);
	csvr_encoder_put_zigzag(encoder, digits.power);
	csvr_encoder_put_varint(encoder, digits.is_negative);
	csvr_encoder_put_text(encoder, digits.digit, (size_t)digits.n_digits);
}

static enum csvr_status decode_extreme(struct csvr_decoder *decoder, struct csvr_extreme *extreme)
{
	struct csvr_digits digits;
	const int64_t power = csvr_decoder_zigzag(decoder);
	digits.is_negative = csvr_decoder_varint_max(decoder, 1) != 0;
	const size_t n = csvr_decoder_count(decoder, 1);
	const unsigned char *bytes = csvr_decoder_bytes(decoder, n);
	if (decoder->is_bad || n > CSVR_MAX_DIGITS || power < INT16_MIN || power > INT16_MAX)
		return invalid(decoder);
	memcpy(digits.digit, bytes, n);
	digits.digit[n] = '\0';
	digits.n_digits = (int)n;
	digits.power = (int)power;
	return csvr_extreme_of_digits(extreme, &digits) ? CSVR_OK : invalid(decoder);
}

static void encode_quantity(struct csvr_encoder *encoder, const struct csvr_quantity_stats *stats)
{
	csvr_encoder_put_varint(encoder, stats->notation);
	encode_extreme(encoder, &stats->min);
	encode_extreme(encoder, &stats->max);
	encode_exact_sum(encoder, &stats->exact);
}

/* Whether cells of a quantity can be written so. */
static bool is_notation_of(enum csvr_quantity quantity, unsigned notation)
{
	static const unsigned all[CSVR_N_QUANTITIES] = {
		[CSVR_QUANTITY_NUMBER] = CSVR_NOTATION_FRACTION,
		[CSVR_QUANTITY_DATE] = CSVR_NOTATION_DASH | CSVR_NOTATION_SLASH | CSVR_NOTATION_T |
				       CSVR_NOTATION_BLANK | CSVR_NOTATION_ZONE |
				       CSVR_NOTATION_NO_ZONE,
		[CSVR_QUANTITY_TIME] = CSVR_NOTATION_DAYS,
	};
	return (notation & ~all[quantity]) == 0;
}

static enum csvr_status decode_quantity(struct csvr_decoder *decoder,
					struct csvr_quantity_stats *stats,
					enum csvr_quantity quantity, uint64_t n_values)
{
	stats->notation = (unsigned)csvr_decoder_varint_max(decoder, CSVR_MAX_NOTATION);
	if (decoder->is_bad || !is_notation_of(quantity, stats->notation) ||
	    decode_extreme(decoder, &stats->min) != CSVR_OK ||
	    decode_extreme(decoder, &stats->max) != CSVR_OK ||
	    csvr_extreme_compare(&stats->min, &stats->max) > 0 ||
	    (quantity != CSVR_QUANTITY_NUMBER && !csvr_extreme_is_time(&stats->min, quantity)) ||
	    (quantity != CSVR_QUANTITY_NUMBER && !csvr_extreme_is_time(&stats->max, quantity)))
		return invalid(decoder);
	return decode_exact_sum(decoder, &stats->exact, n_values);
}

/* ---- texts ---- */

static void encode_kept_text(struct csvr_encoder *encoder, const struct csvr_kept_text *kept)
{
	csvr_encoder_put_varint(encoder, kept->is_cut);
	csvr_encoder_put_text(encoder, (const char *)kept->bytes, kept->n_bytes);
}

static void encode_texts(struct csvr_encoder *encoder, const struct csvr_text_stats *texts)
{
	csvr_encoder_put_varint(encoder, texts == NULL ? 0 : texts->n);
	if (texts == NULL || texts->n == 0)
		return;
	csvr_encoder_put_varint(encoder, texts->min_length);
	csvr_encoder_put_varint(encoder, texts->max_length);
	const uint64_t total[] = { (uint64_t)texts->total_length,
				   (uint64_t)(texts->total_length >> 64) };
	csvr_encoder_put_varint_wide(encoder, total, 2);
	encode_kept_text(encoder, &texts->first);
	encode_kept_text(encoder, &texts->last);
}

static bool decode_kept_text(struct csvr_decoder *decoder, struct csvr_kept_text *kept)
{
	const bool is_cut = csvr_decoder_varint_max(decoder, 1) != 0;
	const size_t n = (size_t)csvr_decoder_varint_max(decoder, CSVR_KEPT_TEXT_BYTES);
	const unsigned char *bytes = csvr_decoder_bytes(decoder, n);
	if (decoder->is_bad || n == 0 || (is_cut && n < CSVR_KEPT_TEXT_BYTES))
		return false;
	csvr_kept_text_set(kept, bytes, n, is_cut);
	return true;
}

static enum csvr_status decode_texts(struct csvr_decoder *decoder, struct csvr_column *column)
{
	const uint64_t n = csvr_decoder_varint_max(decoder, column->cells[CSVR_CELL_TEXT]);
	if (n == 0)
		return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
	struct csvr_text_stats *texts = csvr_column_texts(column);
	if (texts == NULL)
		return CSVR_NO_MEMORY;
	texts->n = n;
	texts->min_length = csvr_decoder_varint(decoder);
	texts->max_length = csvr_decoder_varint(decoder);
	uint64_t total[2];
	csvr_decoder_varint_wide(decoder, total, 2);
	texts->total_length = (u128)total[1] << 64 | total[0];
	const bool is_valid = decode_kept_text(decoder, &texts->first) &&
			      decode_kept_text(decoder, &texts->last) && texts->min_length > 0 &&
			      texts->min_length <= texts->max_length &&
			      texts->total_length >= (u128)n * texts->min_length &&
			      texts->total_length <= (u128)n * texts->max_length &&
			      csvr_kept_text_compare(&texts->first, &texts->last) <= 0;
	return is_valid ? CSVR_OK : invalid(decoder);
}

/* ---- what cells look like ---- */

static void encode_lookalikes(struct csvr_encoder *encoder, const struct csvr_column *column)
{
	uint64_t n_kinds = 0;
	for (int kind = 0; kind < CSVR_N_LOOKALIKES; kind++)
		n_kinds += csvr_column_n_lookalikes(column, (enum csvr_lookalike)kind) > 0;
	csvr_encoder_put_varint(encoder, n_kinds);
	for (int kind = 0; kind < CSVR_N_LOOKALIKES; kind++) {
		const uint64_t n = csvr_column_n_lookalikes(column, (enum csvr_lookalike)kind);
		if (n == 0)
			continue;
		csvr_encoder_put_varint(encoder, (uint64_t)kind);
		csvr_encoder_put_varint(encoder, n);
	}
	if (csvr_column_n_lookalikes(column, CSVR_LOOKALIKE_AFFIXED) > 0) {
		const struct csvr_lookalikes *lookalikes = column->lookalikes;
		csvr_encoder_put_text(encoder, lookalikes->first_unit,
				      strlen(lookalikes->first_unit));
		csvr_encoder_put_text(encoder, lookalikes->last_unit,
				      strlen(lookalikes->last_unit));
	}
}

static bool decode_unit(struct csvr_decoder *decoder, char unit[CSVR_UNIT_BYTES])
{
	size_t n_bytes;
	const char *text = csvr_decoder_text(decoder, &n_bytes);
	if (decoder->is_bad || n_bytes >= CSVR_UNIT_BYTES)
		return false;
	memcpy(unit, text, n_bytes);
	unit[n_bytes] = '\0';
	return strlen(unit) == n_bytes;
}

static enum csvr_status decode_lookalikes(struct csvr_decoder *decoder, struct csvr_column *column)
{
	uint64_t n_texts = column->cells[CSVR_CELL_TEXT],
		 n_missing = column->cells[CSVR_CELL_MISSING];
	uint64_t n_numbers = column->cells[CSVR_CELL_NUMBER] + column->cells[CSVR_CELL_INFINITE];
	const uint64_t n_kinds = csvr_decoder_varint_max(decoder, CSVR_N_LOOKALIKES);
	if (n_kinds == 0)
		return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
	struct csvr_lookalikes *lookalikes = csvr_column_lookalikes(column);
	if (lookalikes == NULL)
		return CSVR_NO_MEMORY;
	uint64_t least = 0;
	for (uint64_t i = 0; i < n_kinds; i++) {
		const uint64_t kind = csvr_decoder_varint_max(decoder, CSVR_N_LOOKALIKES - 1);
		uint64_t *left = kind == CSVR_LOOKALIKE_NULL_WORD ? &n_missing
				 : kind == CSVR_LOOKALIKE_AFFIXED ? &n_numbers
								  : &n_texts;
		const uint64_t n = csvr_decoder_varint_max(decoder, *left);
		if (decoder->is_bad || kind < least || n == 0)
			return invalid(decoder);
		lookalikes->n[kind] = n;
		*left -= n;
		least = kind + 1;
	}
	if (lookalikes->n[CSVR_LOOKALIKE_AFFIXED] == 0)
		return CSVR_OK;
	const bool is_valid = decode_unit(decoder, lookalikes->first_unit) &&
			      decode_unit(decoder, lookalikes->last_unit) &&
			      strcmp(lookalikes->first_unit, lookalikes->last_unit) <= 0 &&
			      (lookalikes->first_unit[0] != '\0') ==
				      (lookalikes->last_unit[0] != '\0');
	return is_valid ? CSVR_OK : invalid(decoder);
}

/* ---- columns ---- */

void csvr_column_encode(struct csvr_encoder *encoder, const struct csvr_column *column,
			csvr_collection collection)
{
	uint64_t n_cells = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		csvr_encoder_put_varint(encoder, column->cells[class]);
		n_cells += column->cells[class];
	}
	if (column->cells[CSVR_CELL_BOOLEAN] > 0)
		csvr_encoder_put_varint(encoder, column->n_true);
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		if (csvr_column_n_values(column, (enum csvr_quantity)i) > 0)
			encode_quantity(encoder, &column->quantities[i]);
	if (column->cells[CSVR_CELL_TEXT] > 0)
		encode_texts(encoder, column->texts);
	if (n_cells > 0) {
		encode_lookalikes(encoder, column);
		csvr_collected_encode(column->collected, collection, encoder);
	}
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
	if (column->cells[CSVR_CELL_BOOLEAN] > 0)
		column->n_true = csvr_decoder_varint_max(decoder, column->cells[CSVR_CELL_BOOLEAN]);
	enum csvr_status status = CSVR_OK;
	for (int i = 0; i < CSVR_N_QUANTITIES && status == CSVR_OK; i++) {
		const enum csvr_quantity quantity = (enum csvr_quantity)i;
		const uint64_t n_values = csvr_column_n_values(column, quantity);
		if (n_values > 0)
			status = decode_quantity(decoder, &column->quantities[i], quantity,
						 n_values);
	}
	if (status == CSVR_OK && column->cells[CSVR_CELL_TEXT] > 0)
		status = decode_texts(decoder, column);
	if (status == CSVR_OK && n_rows > 0)
		status = decode_lookalikes(decoder, column);
	/* A column without rows has no states in the bytes, but has states of no cells. */
	if (status == CSVR_OK)
		status = n_rows > 0 ? csvr_collected_decode(collection, decoder, column->cells,
							    &column->collected)
				    : csvr_column_collect(column, collection);
	/* An aggregate may return before it asks the decoder. */
	if (status == CSVR_INVALID_FILE || (status == CSVR_OK && decoder->is_bad))
		return invalid(decoder);
	return status;
}

/* ---- first cells ---- */

/* Whether the column has cells of the kind, nan and infinite ones aside: then it has a first one. */
static bool has_kind(const struct csvr_column *column, enum csvr_kind kind)
{
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (class != CSVR_CELL_NAN && class != CSVR_CELL_INFINITE &&
		    csvr_kind_of((enum csvr_cell_class) class) == kind && column->cells[class] > 0)
			return true;
	return false;
}

void csvr_first_cell_encode(struct csvr_encoder *encoder, const struct csvr_first_cell *first)
{
	csvr_encoder_put_varint(encoder, first->is_cut);
	csvr_encoder_put_text(encoder, (const char *)first->bytes, first->n_bytes);
}

void csvr_first_cell_decode(struct csvr_decoder *decoder, struct csvr_first_cell *first)
{
	first->is_cut = csvr_decoder_varint_max(decoder, 1) != 0;
	first->n_bytes = (uint8_t)csvr_decoder_varint_max(decoder, CSVR_EXAMPLE_BYTES);
	const unsigned char *bytes = csvr_decoder_bytes(decoder, first->n_bytes);
	if (decoder->is_bad || (first->is_cut && first->n_bytes < CSVR_EXAMPLE_BYTES))
		(void)csvr_decoder_fail(decoder);
	else
		memcpy(first->bytes, bytes, first->n_bytes);
}

void csvr_encode_first_cells(struct csvr_summary_encoder *out, const struct csvr_column *column,
			     csvr_encode_first_fn encode)
{
	for (int kind = 0; kind < CSVR_N_KINDS; kind++)
		if (has_kind(column, (enum csvr_kind)kind))
			encode(out, &column->first[kind]);
	for (int kind = 0; kind < CSVR_N_LOOKALIKES; kind++)
		if (csvr_column_n_lookalikes(column, (enum csvr_lookalike)kind) > 0)
			encode(out, &column->lookalikes->first[kind]);
}

bool csvr_decode_first_cells(struct csvr_summary_decoder *in, struct csvr_column *column,
			     csvr_decode_first_fn decode)
{
	for (int kind = 0; kind < CSVR_N_KINDS; kind++)
		if (has_kind(column, (enum csvr_kind)kind) && !decode(in, &column->first[kind]))
			return false;
	for (int kind = 0; kind < CSVR_N_LOOKALIKES; kind++)
		if (csvr_column_n_lookalikes(column, (enum csvr_lookalike)kind) > 0 &&
		    !decode(in, &column->lookalikes->first[kind]))
			return false;
	return csvr_decode_ok(in);
}
