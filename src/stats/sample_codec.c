/* sample_codec.c - a sample to bytes and back: doc/state-format.md has the bytes */
#include <stdlib.h>

#include "stats/sample_internal.h"

/* ---- encode ---- */

static int compare_entries(const void *a, const void *b)
{
	const struct csvr_sample_entry *left = a, *right = b;
	return csvr_sample_value_compare(&left->value, &right->value);
}

void csvr_sample_value_encode(const struct csvr_sample_value *value, struct csvr_encoder *encoder)
{
	double number;
	switch (value->form) {
	case CSVR_FORM_DOUBLE:
		memcpy(&number, &value->word, sizeof number);
		csvr_encoder_put_double(encoder, number);
		break;
	case CSVR_FORM_DECIMAL:
		csvr_encoder_put_zigzag(encoder, value->size);
		csvr_encoder_put_zigzag(encoder, (int64_t)value->word);
		break;
	default:
		csvr_encoder_put_varint(encoder, (uint64_t)value->size);
		csvr_encoder_put_bytes(encoder, value->bytes, csvr_sample_kept_bytes(value->size));
	}
}

void csvr_sample_encode(const struct csvr_sample *sample, struct csvr_encoder *encoder)
{
	const uint64_t theta = csvr_canonical_theta(sample);
	struct csvr_sample_entry *sorted = malloc((sample->keys.n_keys + sample->n_entries + 1) *
						  sizeof *sorted);
	if (sorted == NULL) {
		encoder->is_out_of_memory = true;
		return;
	}
	size_t n_sorted = 0, n_of_list[CSVR_N_LISTS] = { 0 };
	struct csvr_sample_cursor cursor = { .sample = sample };
	while (csvr_sample_next(&cursor, &sorted[n_sorted])) {
		const struct csvr_sample_value *value = &sorted[n_sorted].value;
		if (value->hash > theta - 1) /* theta is 0: none */
			continue;
		n_of_list[csvr_sample_list_of(value)]++;
		n_sorted++;
	}
	qsort(sorted, n_sorted, sizeof *sorted, compare_entries);
	csvr_encoder_put_varint(encoder, csvr_sample_max_values(sample));
	csvr_encoder_put_varint(encoder, theta);
	size_t at = 0;
	for (size_t list = 0; list < CSVR_N_LISTS; list++) {
		csvr_encoder_put_varint(encoder, n_of_list[list]);
		for (size_t i = 0; i < n_of_list[list]; i++, at++) {
			csvr_sample_value_encode(&sorted[at].value, encoder);
			csvr_encoder_put_varint(encoder, sorted[at].count);
		}
	}
	free(sorted);
}

/* ---- decode ---- */

bool csvr_sample_value_decode(struct csvr_sample_value *value, struct csvr_decoder *decoder)
{
	value->size = 0;
	if (value->form == CSVR_FORM_DOUBLE) {
		const double number = csvr_decoder_double(decoder);
		memcpy(&value->word, &number, sizeof number);
	} else if (value->form == CSVR_FORM_DECIMAL) {
		const int64_t exponent = csvr_decoder_zigzag(decoder);
		value->word = (uint64_t)csvr_decoder_zigzag(decoder);
		if (exponent < INT32_MIN || exponent > INT32_MAX)
			return false;
		value->size = (int32_t)exponent;
	} else {
		value->size = (int32_t)csvr_decoder_varint_max(decoder, INT32_MAX);
		value->bytes = csvr_decoder_bytes(decoder, csvr_sample_kept_bytes(value->size));
	}
	if (decoder->is_bad || !csvr_sample_value_is_canonical(value))
		return false;
	value->hash = csvr_sample_hash(value, 0);
	return true;
}

/* Reads the values of the list of `kind`, whose cells are of `*n_cells`, and subtracts these. */
static enum csvr_status decode_list(struct csvr_sample *sample, struct csvr_decoder *decoder,
				    const struct csvr_sample_value *kind, uint64_t *n_cells)
{
	enum { LEAST_ITEM_BYTES = 2 };
	const size_t n_values = csvr_decoder_count(decoder, LEAST_ITEM_BYTES);
	if (n_values > csvr_sample_max_values(sample) - sample->keys.n_keys - sample->n_entries)
		return CSVR_INVALID_FILE;
	struct csvr_sample_value previous = *kind;
	for (size_t i = 0; i < n_values; i++) {
		struct csvr_sample_value value = *kind;
		if (!csvr_sample_value_decode(&value, decoder) || value.hash > sample->theta - 1 ||
		    (i > 0 && csvr_sample_value_compare(&previous, &value) >= 0))
			return CSVR_INVALID_FILE;
		const uint64_t count = csvr_decoder_varint_max(decoder, *n_cells);
		if (count == 0)
			return CSVR_INVALID_FILE;
		if (csvr_sample_add(sample, &value, count) != CSVR_OK)
			return CSVR_NO_MEMORY;
		*n_cells -= count;
		previous = value;
	}
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

enum csvr_status csvr_sample_decode(struct csvr_sample *sample, struct csvr_decoder *decoder,
				    const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	enum { LEAST_VALUES = 16 };
	const uint64_t max_values = csvr_decoder_varint_max(decoder, CSVR_SAMPLE_VALUES);
	if (max_values < LEAST_VALUES || (max_values & (max_values - 1)) != 0)
		return CSVR_INVALID_FILE;
	csvr_sample_limit(sample, (uint32_t)max_values);
	/* By quantity; texts last. The sum is at most the number of rows. */
	uint64_t n_cells[CSVR_N_QUANTITIES + 1] = {
		cells[CSVR_CELL_NUMBER], cells[CSVR_CELL_DATE] + cells[CSVR_CELL_DATETIME],
		cells[CSVR_CELL_TIME], cells[CSVR_CELL_BOOLEAN] + cells[CSVR_CELL_TEXT]
	};
	const bool has_many = n_cells[0] + n_cells[1] + n_cells[2] + n_cells[3] > max_values;
	sample->theta = csvr_decoder_varint(decoder);
	if (sample->theta != 0 && !has_many)
		return CSVR_INVALID_FILE;
	for (int list = 0; list < CSVR_N_LISTS; list++) {
		const struct csvr_sample_value kind = csvr_sample_kind_of_list(list);
		const enum csvr_status status = decode_list(sample, decoder, &kind,
							    &n_cells[list / CSVR_N_NUMBER_FORMS]);
		if (status != CSVR_OK)
			return status;
	}
	/* All cells are of these values exactly if no value was dropped. */
	const bool is_complete = (n_cells[0] | n_cells[1] | n_cells[2] | n_cells[3]) == 0;
	return (sample->theta == 0) == is_complete ? CSVR_OK : CSVR_INVALID_FILE;
}
