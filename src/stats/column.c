/* column.c - running summary of one column */
#include "stats/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal_to_double.h"
#include "stats/lookalikes.h"
#include "stats/refined.h"

const unsigned char csvr_kind_by_class[CSVR_N_CELL_CLASSES] = {
	[CSVR_CELL_NUMBER] = CSVR_KIND_NUMBER,   [CSVR_CELL_MISSING] = CSVR_N_KINDS,
	[CSVR_CELL_NAN] = CSVR_KIND_NUMBER,      [CSVR_CELL_INFINITE] = CSVR_KIND_NUMBER,
	[CSVR_CELL_BOOLEAN] = CSVR_KIND_BOOLEAN, [CSVR_CELL_DATE] = CSVR_KIND_DATE,
	[CSVR_CELL_DATETIME] = CSVR_KIND_DATE,   [CSVR_CELL_TIME] = CSVR_KIND_TIME,
	[CSVR_CELL_TEXT] = CSVR_KIND_TEXT,
};

const unsigned char csvr_quantity_by_class[CSVR_N_CELL_CLASSES] = {
	[CSVR_CELL_NUMBER] = CSVR_QUANTITY_NUMBER, [CSVR_CELL_MISSING] = CSVR_N_QUANTITIES,
	[CSVR_CELL_NAN] = CSVR_N_QUANTITIES,       [CSVR_CELL_INFINITE] = CSVR_N_QUANTITIES,
	[CSVR_CELL_BOOLEAN] = CSVR_N_QUANTITIES,   [CSVR_CELL_DATE] = CSVR_QUANTITY_DATE,
	[CSVR_CELL_DATETIME] = CSVR_QUANTITY_DATE, [CSVR_CELL_TIME] = CSVR_QUANTITY_TIME,
	[CSVR_CELL_TEXT] = CSVR_N_QUANTITIES,
};

static bool is_without_values(const struct csvr_quantity_stats *stats)
{
	return stats->exact.sum_range.n == 0 && stats->min.value == INFINITY;
}

void csvr_column_init(struct csvr_column *column)
{
	/* The extremes of no values are no zeros: reset sets them. */
	memset(column, 0, sizeof *column);
	csvr_column_reset(column);
}

void csvr_column_clear(struct csvr_column *column)
{
	for (size_t i = 0; i < CSVR_N_QUANTITIES; i++)
		csvr_exact_sum_clear(&column->quantities[i].exact);
	csvr_collected_free(column->collected);
	column->collected = NULL;
	column->order = NULL;
	free(column->texts);
	column->texts = NULL;
	free(column->lookalikes);
	column->lookalikes = NULL;
	csvr_refined_free(column->refined);
	column->refined = NULL;
}

void csvr_column_reset(struct csvr_column *column)
{
	memset(column->cells, 0, sizeof column->cells);
	column->n_true = 0;
	for (size_t i = 0; i < CSVR_N_QUANTITIES; i++) {
		struct csvr_quantity_stats *stats = &column->quantities[i];
		/* Small files are many: do not touch what has no values. */
		if (is_without_values(stats))
			continue;
		csvr_exact_sum_reset(&stats->exact);
		csvr_extreme_init(&stats->min, CSVR_LEAST);
		csvr_extreme_init(&stats->max, CSVR_GREATEST);
		stats->notation = 0;
	}
	if (column->texts != NULL)
		column->texts->n = 0;
	for (size_t i = 0; i < CSVR_N_KINDS; i++)
		column->first[i].line = 0;
	if (column->lookalikes != NULL)
		memset(column->lookalikes, 0, sizeof *column->lookalikes);
	if (column->collected != NULL)
		csvr_collected_reset(column->collected);
	column->order = csvr_collected_order(column->collected);
}

enum csvr_status csvr_column_collect(struct csvr_column *column, csvr_collection collection)
{
	const csvr_collection current = column->collected != NULL
						? csvr_collected_collection(column->collected)
						: 0;
	if (current == collection)
		return CSVR_OK;
	csvr_collected_free(column->collected);
	column->collected = NULL;
	const enum csvr_status status =
		collection == 0 ? CSVR_OK : csvr_collected_new(collection, &column->collected);
	column->order = csvr_collected_order(column->collected);
	return status;
}

void csvr_column_note_first(struct csvr_column *column, enum csvr_kind kind, uint64_t line,
			    const unsigned char *text, size_t n_bytes)
{
	csvr_first_cell_note(&column->first[kind], line, text, n_bytes);
}

void csvr_first_cell_note(struct csvr_first_cell *first, uint64_t line, const unsigned char *text,
			  size_t n_bytes)
{
	if (first->line != 0)
		return;
	first->line = line;
	first->is_cut = n_bytes > CSVR_EXAMPLE_BYTES;
	first->n_bytes = (uint8_t)(first->is_cut ? CSVR_EXAMPLE_BYTES : n_bytes);
	memcpy(first->bytes, text, first->n_bytes);
}

/* ---- adding ---- */

static void widen(struct csvr_quantity_stats *stats, double value, const struct csvr_number *number)
{
	csvr_extreme_add(&stats->min, CSVR_LEAST, value, number);
	csvr_extreme_add(&stats->max, CSVR_GREATEST, value, number);
}

/* Widens to the least and the greatest integer of a batch. */
static inline void widen_to_integers(struct csvr_quantity_stats *stats,
				     const struct csvr_batch *batch)
{
	uint64_t part[2];
	const struct csvr_number least = csvr_number_of_integer(batch->sums->min, batch->scale,
								batch->quantity, &part[0]);
	const struct csvr_number greatest = csvr_number_of_integer(batch->sums->max, batch->scale,
								   batch->quantity, &part[1]);
	/* Rounding keeps order: the nearest double of the least integer is the least double. */
	const double nearest_least = csvr_number_to_double(&least);
	const double nearest_greatest = csvr_number_to_double(&greatest);
	if (nearest_least <= stats->min.value)
		csvr_extreme_add(&stats->min, CSVR_LEAST, nearest_least, &least);
	if (nearest_greatest >= stats->max.value)
		csvr_extreme_add(&stats->max, CSVR_GREATEST, nearest_greatest, &greatest);
}

enum csvr_status csvr_column_add_batch(struct csvr_column *column, enum csvr_cell_class class,
				       const struct csvr_batch *batch)
{
	const struct csvr_batch_sums *sums = batch->sums;
	struct csvr_quantity_stats *stats = &column->quantities[batch->quantity];
	widen_to_integers(stats, batch);
	column->cells[class] += sums->n_values;
	if (column->collected != NULL) {
		const enum csvr_status status = csvr_collected_add_batch(column->collected, batch);
		if (status != CSVR_OK)
			return status;
	}
	return csvr_exact_sum_add_batch(&stats->exact, -(int)batch->scale, sums->sum,
					sums->squares);
}

/* Whether a number is certainly between the extremes, by an approximation. Most are, and converting a
 * long number exactly is expensive. */
static bool is_within_extremes(const struct csvr_quantity_stats *stats,
			       const struct csvr_number *number)
{
	double value;
	if (!csvr_decimal_approximate(number->part, number->n_parts, number->exponent,
				      number->is_negative, &value))
		return false;
	/* The approximation is off by at most 2^-49 of itself. */
	double margin = fabs(value) * 0x1p-48;
	return value - margin > stats->min.value && value + margin < stats->max.value;
}

enum csvr_status csvr_column_add(struct csvr_column *column, enum csvr_cell_class class,
				 const struct csvr_number *number)
{
	struct csvr_quantity_stats *stats = &column->quantities[number->quantity];
	if (!is_within_extremes(stats, number))
		widen(stats, csvr_number_to_double(number), number);
	column->cells[class]++;
	stats->notation |= number->notation;
	if (column->collected != NULL) {
		const enum csvr_status status = csvr_collected_add_number(column->collected,
									  number);
		if (status != CSVR_OK)
			return status;
	}
	return csvr_exact_sum_add(&stats->exact, number->exponent, number->part, number->n_parts,
				  number->is_negative);
}

struct csvr_text_stats *csvr_column_texts(struct csvr_column *column)
{
	if (column->texts == NULL)
		column->texts = calloc(1, sizeof *column->texts);
	return column->texts;
}

enum csvr_status csvr_column_order_texts(struct csvr_column *column, const struct csvr_text *texts,
					 size_t n_texts, bool *are_ascii)
{
	struct csvr_text_stats *stats = csvr_column_texts(column);
	if (stats == NULL)
		return CSVR_NO_MEMORY;
	*are_ascii = csvr_text_stats_order(stats, texts, n_texts);
	return CSVR_OK;
}

enum csvr_status csvr_column_add_texts(struct csvr_column *column, const struct csvr_text *texts,
				       size_t n_texts, bool are_ascii)
{
	csvr_text_stats_add(column->texts, texts, n_texts, are_ascii);
	return column->collected == NULL
		       ? CSVR_OK
		       : csvr_collected_add_texts(column->collected, texts, n_texts);
}

/* ---- merging ---- */

static enum csvr_status merge_quantity(struct csvr_quantity_stats *into,
				       const struct csvr_quantity_stats *from)
{
	csvr_extreme_merge(&into->min, CSVR_LEAST, &from->min);
	csvr_extreme_merge(&into->max, CSVR_GREATEST, &from->max);
	into->notation |= from->notation;
	return csvr_exact_sum_merge(&into->exact, &from->exact);
}

static enum csvr_status merge_lookalikes(struct csvr_column *into, const struct csvr_column *from)
{
	if (from->lookalikes == NULL)
		return CSVR_OK;
	struct csvr_lookalikes *lookalikes = csvr_column_lookalikes(into);
	if (lookalikes == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < CSVR_N_LOOKALIKES; i++)
		lookalikes->n[i] += from->lookalikes->n[i];
	csvr_lookalikes_add_unit(lookalikes, from->lookalikes->first_unit);
	csvr_lookalikes_add_unit(lookalikes, from->lookalikes->last_unit);
	return CSVR_OK;
}

enum csvr_status csvr_column_merge_core(struct csvr_column *into, const struct csvr_column *from)
{
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		into->cells[class] += from->cells[class];
	into->n_true += from->n_true;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < CSVR_N_QUANTITIES && status == CSVR_OK; i++)
		if (!is_without_values(&from->quantities[i]))
			status = merge_quantity(&into->quantities[i], &from->quantities[i]);
	if (from->texts != NULL && from->texts->n > 0 && status == CSVR_OK) {
		struct csvr_text_stats *texts = csvr_column_texts(into);
		if (texts == NULL)
			return CSVR_NO_MEMORY;
		csvr_text_stats_merge(texts, from->texts);
	}
	return status == CSVR_OK ? merge_lookalikes(into, from) : status;
}

enum csvr_status csvr_column_merge(struct csvr_column *into, const struct csvr_column *from)
{
	const enum csvr_status status = csvr_column_merge_core(into, from);
	return status == CSVR_OK && from->collected != NULL
		       ? csvr_collected_merge(&into->collected, from->collected)
		       : status;
}

enum csvr_status csvr_column_append(struct csvr_column *into, const struct csvr_column *from)
{
	const enum csvr_status status = csvr_column_merge_core(into, from);
	return status == CSVR_OK && from->collected != NULL
		       ? csvr_collected_append(&into->collected, from->collected)
		       : status;
}
