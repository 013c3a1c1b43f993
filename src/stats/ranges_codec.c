/* ranges_codec.c - ranges of values and their counts to bytes and back
 *
 * Ranks of one job exchange these bytes, and states that are saved with --refine have them. They begin with the
 * ranges, so that they can be read without the list that the columns had.
 */
#include <math.h>
#include <stdlib.h>

#include "stats/ranges_internal.h"

/* ---- lists ---- */

void csvr_range_list_encode(const struct csvr_range_list *list, struct csvr_encoder *encoder)
{
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		csvr_encoder_put_varint(encoder, list->first[i + 1] - list->first[i]);
	for (size_t i = 0; i < list->first[CSVR_N_QUANTITIES]; i++) {
		csvr_encoder_put_double(encoder, list->ranges[i].least);
		csvr_encoder_put_double(encoder, list->ranges[i].greatest);
		csvr_encoder_put_varint(encoder, list->ranges[i].n_before);
		csvr_encoder_put_varint(encoder, list->ranges[i].n_values);
		csvr_encoder_put_varint(encoder, list->ranges[i].n_parts);
		csvr_encoder_put_varint(encoder, list->ranges[i].max_values);
		csvr_encoder_put_varint(encoder, list->ranges[i].n_bits);
	}
}

void csvr_column_plan_encode(const struct csvr_range_list *list, struct csvr_encoder *encoder)
{
	const struct csvr_frequent_want *frequent = &list->frequent;
	csvr_range_list_encode(list, encoder);
	csvr_encoder_put_varint(encoder, frequent->is_wanted);
	csvr_encoder_put_varint(encoder, frequent->least);
	csvr_hash_counters_encode(frequent->counters, encoder);
}

/* Whether the ranges of each quantity ascend. */
static bool are_valid(const struct csvr_range_list *list)
{
	bool are = true;
	for (int quantity = 0; quantity < CSVR_N_QUANTITIES; quantity++)
		for (size_t i = list->first[quantity]; i < list->first[quantity + 1]; i++) {
			const struct csvr_range *range = &list->ranges[i];
			are &= isfinite(range->least) && isfinite(range->greatest) &&
			       range->least <= range->greatest;
			are &= i == list->first[quantity] || range[-1].greatest < range->least;
		}
	return are;
}

enum csvr_status csvr_range_list_decode(struct csvr_range_list *list, struct csvr_decoder *decoder)
{
	enum { LEAST_RANGE_BYTES = 7 };
	*list = (struct csvr_range_list){ 0 };
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		list->first[i + 1] = list->first[i] +
				     csvr_decoder_count(decoder, LEAST_RANGE_BYTES);
	const size_t n = list->first[CSVR_N_QUANTITIES];
	if (decoder->is_bad || n > csvr_decoder_remaining(decoder))
		return CSVR_INVALID_FILE;
	list->ranges = calloc(n + 1, sizeof *list->ranges);
	if (list->ranges == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		list->ranges[i].least = csvr_decoder_double(decoder);
		list->ranges[i].greatest = csvr_decoder_double(decoder);
		list->ranges[i].n_before = csvr_decoder_varint(decoder);
		list->ranges[i].n_values = csvr_decoder_varint(decoder);
		list->ranges[i].n_parts = (uint32_t)csvr_decoder_varint_max(decoder, UINT32_MAX);
		list->ranges[i].max_values =
			(uint32_t)csvr_decoder_varint_max(decoder, CSVR_MAX_RANGE_VALUES);
		list->ranges[i].n_bits = (uint32_t)csvr_decoder_varint_max(decoder,
									   CSVR_MAX_RANGE_BITS);
	}
	if (decoder->is_bad || !are_valid(list))
		return CSVR_INVALID_FILE;
	return csvr_range_list_finish(list);
}

enum csvr_status csvr_column_plan_decode(struct csvr_range_list *list, struct csvr_decoder *decoder)
{
	enum csvr_status status = csvr_range_list_decode(list, decoder);
	if (status != CSVR_OK)
		return status;
	list->frequent.is_wanted = csvr_decoder_varint_max(decoder, 1) != 0;
	list->frequent.least = csvr_decoder_varint(decoder);
	status = csvr_hash_counters_decode(&list->own_counters, decoder);
	list->frequent.counters = list->own_counters;
	return status == CSVR_OK && decoder->is_bad ? CSVR_INVALID_FILE : status;
}

/* ---- counts ---- */

/* The numbers that are not 0, each after how many are between it and the one before. */
static void encode_narrower(const uint64_t *narrower, size_t n, struct csvr_encoder *encoder)
{
	size_t n_used = 0, next = 0;
	for (size_t i = 0; i < n; i++)
		n_used += narrower[i] != 0;
	csvr_encoder_put_varint(encoder, n_used);
	for (size_t i = 0; i < n; i++) {
		if (narrower[i] == 0)
			continue;
		csvr_encoder_put_varint(encoder, i - next);
		csvr_encoder_put_varint(encoder, narrower[i]);
		next = i + 1;
	}
}

enum { NO_LIST, NO_COUNTS, COUNTS };
enum { VALUES, NARROWER };

/* A thread that has had other files keeps memory for counts. */
static bool are_empty(const struct csvr_ranges *ranges)
{
	bool are = true;
	for (size_t i = 0; ranges->counts != NULL && i < ranges->list->first[CSVR_N_QUANTITIES];
	     i++)
		are &= ranges->counts[i].narrower == NULL &&
		       ranges->counts[i].values.n_entries == 0;
	return are;
}

void csvr_ranges_encode(const void *state, struct csvr_encoder *encoder)
{
	const struct csvr_ranges *ranges = state;
	const struct csvr_range_list *list = ranges->list;
	const bool has_counts = list != NULL && !are_empty(ranges);
	csvr_encoder_put_varint(encoder, list == NULL ? NO_LIST : !has_counts ? NO_COUNTS : COUNTS);
	if (list == NULL)
		return;
	csvr_range_list_encode(list, encoder);
	for (size_t i = 0; has_counts && i < list->first[CSVR_N_QUANTITIES]; i++) {
		const struct csvr_range_counts *counts = &ranges->counts[i];
		csvr_encoder_put_varint(encoder, counts->narrower != NULL ? NARROWER : VALUES);
		if (counts->narrower != NULL)
			encode_narrower(counts->narrower, csvr_range_divide(&list->ranges[i]).n,
					encoder);
		else
			csvr_value_counts_encode(&counts->values, encoder);
	}
}

bool csvr_range_has_all(const struct csvr_range *range, enum csvr_quantity quantity,
			const struct csvr_value_counts *values)
{
	bool has = true;
	for (uint32_t i = 0; i < values->n_entries && has; i++) {
		const struct csvr_sample_value *value = &values->entries[i].value;
		const double nearest = value->form != CSVR_FORM_TEXT
					       ? csvr_sample_value_to_double(value)
					       : NAN;
		has = value->quantity == quantity && nearest >= range->least &&
		      nearest <= range->greatest;
	}
	return has;
}

static enum csvr_status decode_values(struct csvr_value_counts *values,
				      const struct csvr_range *range, enum csvr_quantity quantity,
				      struct csvr_decoder *decoder)
{
	const enum csvr_status status = csvr_value_counts_decode(values, decoder, range->max_values,
								 UINT64_MAX);
	return status == CSVR_OK && !csvr_range_has_all(range, quantity, values) ? CSVR_INVALID_FILE
										 : status;
}

static enum csvr_status decode_narrower(uint64_t **narrower, size_t n, struct csvr_decoder *decoder)
{
	enum { LEAST_BYTES = 2 };
	*narrower = calloc(n, sizeof **narrower);
	if (*narrower == NULL)
		return CSVR_NO_MEMORY;
	const size_t n_used = csvr_decoder_count(decoder, LEAST_BYTES);
	size_t next = 0;
	for (size_t i = 0; i < n_used; i++) {
		const uint64_t gap = csvr_decoder_varint(decoder);
		if (decoder->is_bad || next >= n || gap >= n - next)
			return CSVR_INVALID_FILE;
		next += gap;
		(*narrower)[next] = csvr_decoder_varint(decoder);
		if ((*narrower)[next++] == 0)
			return CSVR_INVALID_FILE;
	}
	return decoder->is_bad || n_used == 0 ? CSVR_INVALID_FILE : CSVR_OK;
}

static enum csvr_status decode_counts(struct csvr_ranges *ranges, struct csvr_decoder *decoder)
{
	const struct csvr_range_list *list = ranges->list;
	ranges->counts = calloc(list->first[CSVR_N_QUANTITIES] + 1, sizeof *ranges->counts);
	if (ranges->counts == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = CSVR_OK;
	for (int quantity = 0; quantity < CSVR_N_QUANTITIES; quantity++)
		for (size_t i = list->first[quantity];
		     i < list->first[quantity + 1] && status == CSVR_OK; i++) {
			const struct csvr_range *range = &list->ranges[i];
			struct csvr_range_counts *counts = &ranges->counts[i];
			status = csvr_decoder_varint_max(decoder, NARROWER) == NARROWER
					 ? decode_narrower(&counts->narrower,
							   csvr_range_divide(range).n, decoder)
					 : decode_values(&counts->values, range,
							 (enum csvr_quantity)quantity, decoder);
		}
	return status;
}

enum csvr_status csvr_ranges_decode(void *state, struct csvr_decoder *decoder,
				    const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct csvr_ranges *ranges = state;
	(void)cells; /* csvr_refinement_apply compares the sums */
	const uint64_t kind = csvr_decoder_varint_max(decoder, COUNTS);
	if (kind == NO_LIST)
		return CSVR_OK;
	struct csvr_range_list *list = calloc(1, sizeof *list);
	if (list == NULL)
		return CSVR_NO_MEMORY;
	ranges->list = list;
	ranges->owns_list = true;
	const enum csvr_status status = csvr_range_list_decode(list, decoder);
	if (status != CSVR_OK || kind != COUNTS)
		return status;
	const enum csvr_status counted = decode_counts(ranges, decoder);
	return counted == CSVR_OK && are_empty(ranges) ? CSVR_INVALID_FILE : counted;
}
