/* cell_count.c - an aggregate that counts some of the numbers of a column */
#include "stats/cell_count.h"

#include "stats/column_type.h"

enum csvr_status csvr_cell_count_merge(void *into, const void *from)
{
	struct csvr_cell_count *count = into;
	const struct csvr_cell_count *other = from;
	count->n += other->n;
	return CSVR_OK;
}

void csvr_cell_count_encode(const void *state, struct csvr_encoder *encoder)
{
	const struct csvr_cell_count *count = state;
	csvr_encoder_put_varint(encoder, count->n);
}

enum csvr_status csvr_cell_count_decode(void *state, struct csvr_decoder *decoder,
					const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct csvr_cell_count *count = state;
	count->n = csvr_decoder_varint_max(decoder, cells[CSVR_CELL_NUMBER]);
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

struct csvr_value csvr_cell_count_value(const struct csvr_subject *subject)
{
	const struct csvr_cell_count *count = subject->state;
	if (csvr_column_n_numbers(subject->column) == 0)
		return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	return (struct csvr_value){ .kind = CSVR_VALUE_COUNT, .count = count->n };
}

bool csvr_number_is_zero(const struct csvr_number *number)
{
	bool is_zero = true;
	for (size_t i = 0; i < number->n_parts; i++)
		is_zero &= number->part[i] == 0;
	return is_zero;
}
