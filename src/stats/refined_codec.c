/* refined_codec.c - values that further passes have found to bytes and back */
#include <math.h>
#include <stdlib.h>

#include "stats/buckets.h"
#include "stats/column_type.h"
#include "stats/refined.h"
#include "stats/sample.h"

/* What is known of a range. */
enum { COUNT_OF_VALUES, ONE_DOUBLE, ALL_VALUES };

/* ---- encode ---- */

static void encode_values(const struct csvr_refined_range *range, struct csvr_encoder *encoder)
{
	struct csvr_sample_entry *entries = malloc(range->n_distinct * sizeof *entries);
	if (entries == NULL) {
		encoder->is_out_of_memory = true;
		return;
	}
	uint64_t n_before = 0;
	for (size_t i = 0; i < range->n_distinct; i++) {
		entries[i] = range->values[i].entry;
		entries[i].count -= n_before;
		n_before = range->values[i].entry.count;
	}
	csvr_sample_entries_encode(entries, range->n_distinct, encoder);
	free(entries);
}

static void encode_range(const struct csvr_refined_range *range, struct csvr_encoder *encoder)
{
	csvr_encoder_put_double(encoder, range->range.least);
	csvr_encoder_put_double(encoder, range->range.greatest);
	csvr_encoder_put_varint(encoder, range->range.n_before);
	csvr_encoder_put_varint(encoder, range->range.n_values);
	csvr_encoder_put_varint(encoder, range->values != NULL ? ALL_VALUES
					 : range->is_final     ? ONE_DOUBLE
							       : COUNT_OF_VALUES);
	if (range->values != NULL)
		encode_values(range, encoder);
}

void csvr_refined_encode(const struct csvr_refined *refined, struct csvr_encoder *encoder)
{
	csvr_encoder_put_varint(encoder, refined != NULL);
	if (refined == NULL)
		return;
	csvr_hash_counters_encode(refined->counters, encoder);
	csvr_encoder_put_varint(encoder, refined->has_frequent);
	const struct csvr_value_counts frequent = { .entries = refined->frequent,
						    .n_entries = (uint32_t)refined->n_frequent };
	if (refined->has_frequent)
		csvr_value_counts_encode(&frequent, encoder);
	for (int i = 0; i < CSVR_N_QUANTITIES; i++) {
		csvr_encoder_put_varint(encoder, refined->of[i].n_ranges);
		for (size_t j = 0; j < refined->of[i].n_ranges; j++)
			encode_range(&refined->of[i].ranges[j], encoder);
	}
}

/* ---- decode ---- */

static enum csvr_status decode_frequent(struct csvr_refined *refined, struct csvr_decoder *decoder,
					uint64_t n_cells)
{
	struct csvr_value_counts counts = { .n_entries = 0 };
	const enum csvr_status status = csvr_value_counts_decode(&counts, decoder,
								 CSVR_MAX_FREQUENT, n_cells);
	if (status == CSVR_OK)
		csvr_refined_take_frequent(refined, 0, &counts);
	csvr_value_counts_clear(&counts);
	return status;
}

/* What the ranges of a quantity must agree with. */
struct bounds {
	const struct csvr_buckets *buckets; /* NULL: the column has none, and so no ranges */
	struct csvr_bucket_index *index; /* of `buckets`, once there are ranges */
	enum csvr_quantity quantity;
	uint64_t n_values; /* of the quantity */
};

/* Whether a range is part of a bucket, and follows the one before it. */
static bool is_valid_range(const struct csvr_refined_range *ranges, size_t i,
			   const struct bounds *bounds)
{
	const struct csvr_range *range = &ranges[i].range;
	if (!isfinite(range->least) || !isfinite(range->greatest) ||
	    (signbit(range->least) && range->least == 0) ||
	    (signbit(range->greatest) && range->greatest == 0) || range->least > range->greatest ||
	    range->n_values == 0 || range->n_before >= bounds->n_values ||
	    range->n_values > bounds->n_values - range->n_before)
		return false;
	if (i > 0 &&
	    (ranges[i - 1].range.greatest >= range->least ||
	     ranges[i - 1].range.n_before + ranges[i - 1].range.n_values > range->n_before))
		return false;
	const struct csvr_bucket bucket = csvr_buckets_find(bounds->buckets, bounds->index,
							    range->n_before);
	return range->least >= bucket.least && range->greatest <= bucket.greatest &&
	       range->n_values <= bucket.n_before + bucket.n_values - range->n_before;
}

static enum csvr_status decode_range(struct csvr_refined_range *ranges, size_t i,
				     struct csvr_decoder *decoder, const struct bounds *bounds)
{
	struct csvr_range *range = &ranges[i].range;
	range->least = csvr_decoder_double(decoder);
	range->greatest = csvr_decoder_double(decoder);
	range->n_before = csvr_decoder_varint(decoder);
	range->n_values = csvr_decoder_varint(decoder);
	const uint64_t kind = csvr_decoder_varint_max(decoder, ALL_VALUES);
	ranges[i].is_final = kind == ONE_DOUBLE;
	if (decoder->is_bad || !is_valid_range(ranges, i, bounds) ||
	    (kind == ONE_DOUBLE && range->least != range->greatest))
		return CSVR_INVALID_FILE;
	if (kind != ALL_VALUES)
		return CSVR_OK;
	struct csvr_range_counts counts = { .narrower = NULL };
	enum csvr_status status = csvr_value_counts_decode(&counts.values, decoder,
							   CSVR_MAX_RANGE_VALUES, range->n_values);
	if (status == CSVR_OK && (!csvr_range_has_all(range, bounds->quantity, &counts.values) ||
				  csvr_range_total(range, &counts) != range->n_values))
		status = CSVR_INVALID_FILE;
	if (status == CSVR_OK)
		status = csvr_refined_take_values(&ranges[i], range, &counts.values);
	csvr_value_counts_clear(&counts.values);
	return status;
}

static enum csvr_status decode_ranges(struct csvr_refined *refined, struct csvr_decoder *decoder,
				      const struct bounds *bounds)
{
	enum { LEAST_RANGE_BYTES = 19 };
	const size_t n_ranges = csvr_decoder_count(decoder, LEAST_RANGE_BYTES);
	if (n_ranges > 0 && bounds->buckets == NULL)
		return CSVR_INVALID_FILE;
	if (n_ranges > 0)
		csvr_buckets_index(bounds->buckets, bounds->index);
	struct csvr_refined_range *ranges = calloc(n_ranges + 1, sizeof *ranges);
	if (ranges == NULL)
		return CSVR_NO_MEMORY;
	struct csvr_refined_ranges *of = &refined->of[bounds->quantity];
	*of = (struct csvr_refined_ranges){ .ranges = ranges, .capacity = n_ranges + 1 };
	enum csvr_status status = CSVR_OK;
	while (of->n_ranges < n_ranges && status == CSVR_OK)
		status = decode_range(ranges, of->n_ranges++, decoder, bounds);
	return status;
}

static enum csvr_status decode(struct csvr_refined *refined, struct csvr_decoder *decoder,
			       const struct csvr_column *column)
{
	const struct csvr_column_buckets *buckets = csvr_collected_state(column->collected,
									 &csvr_buckets_aggregate);
	struct csvr_bucket_index index;
	enum csvr_status status = csvr_hash_counters_decode(&refined->counters, decoder);
	if (status == CSVR_OK && csvr_decoder_varint_max(decoder, 1) != 0)
		status = decode_frequent(refined, decoder, csvr_sample_n_cells(column->cells));
	for (int i = 0; i < CSVR_N_QUANTITIES && status == CSVR_OK; i++) {
		const enum csvr_quantity quantity = (enum csvr_quantity)i;
		const struct bounds bounds = { buckets != NULL ? &buckets->of[i] : NULL, &index,
					       quantity, csvr_column_n_values(column, quantity) };
		status = decode_ranges(refined, decoder, &bounds);
	}
	return status == CSVR_OK && decoder->is_bad ? CSVR_INVALID_FILE : status;
}

enum csvr_status csvr_refined_decode(struct csvr_decoder *decoder, struct csvr_column *column)
{
	if (csvr_decoder_varint_max(decoder, 1) == 0)
		return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
	struct csvr_refined *refined = calloc(1, sizeof *refined);
	if (refined == NULL)
		return CSVR_NO_MEMORY;
	const enum csvr_status status = decode(refined, decoder, column);
	if (status == CSVR_OK)
		column->refined = refined;
	else
		csvr_refined_free(refined);
	return status;
}
