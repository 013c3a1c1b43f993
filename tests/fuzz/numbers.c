/* numbers.c - fuzz target: cells to values, and numbers to statistics, against decimal arithmetic
 *
 * Checks  class, notation and exact value of each cell, by the slow parser, and of numbers by the
 *         kernel; null values that are numbers; sum, mean and extremes of all numbers to the last
 *         bit or digit, deviations within a unit in the last place; the same in batches, one by
 *         one, and merged from two halves, and the same bytes of the states of all aggregates
 * Against digits.h and cells.h, which share nothing with src/
 * Input   two option bytes: null values, scale; then a cell per line
 */
#include "fuzz.h"

#include "base/decimal_to_double.h"
#include "base/number_format.h"
#include "../unit/column_value.h"
#include "cells.h"
#include "parse/decimal.h"
#include "parse/kernel.h"
#include "stats/batch_kernels.h"
#include "stats/statistics.h"
#include "stats/column.h"

enum { MOST_CELLS = CSVR_MAX_CELLS };

static const char *const null_lists[][6] = {
	{ "NA", "N/A", "NULL", "null", "None", NULL },
	{ NULL },
	{ "-999", "1e3", "-", NULL },
	{ "0", "-0.0", "nan", " ", NULL },
	{ "99999999999999999999", "1e400", "inf", "5.", NULL },
};
enum { N_NULL_LISTS = sizeof null_lists / sizeof null_lists[0] };

/* The cells of the input, as a single column for the kernel. */
struct table {
	unsigned char *memory, *text;
	uint32_t ends[MOST_CELLS + 1]; /* the first is ends[-1] of the cells */
	size_t n_cells;
};

static void parse_cells(struct table *table, const struct tape *tape)
{
	table->memory = need(calloc(1, tape->left + 1 + 2 * (size_t)CSVR_TEXT_MARGIN));
	table->text = table->memory + CSVR_TEXT_MARGIN;
	if (tape->left > 0)
		memcpy(table->text, tape->at, tape->left);
	table->text[tape->left] = '\n';
	table->ends[0] = (uint32_t)-1;
	table->n_cells = 0;
	for (size_t i = 0; i <= tape->left && table->n_cells < MOST_CELLS; i++)
		if (table->text[i] == '\n')
			table->ends[++table->n_cells] = (uint32_t)i;
}

/* The text of cell `i`, without blanks around it. */
static const unsigned char *cell_text(const struct table *table, size_t i, size_t *n_bytes)
{
	const unsigned char *first = table->text + (uint32_t)(table->ends[i] + 1);
	const unsigned char *end = table->text + table->ends[i + 1];
	while (first < end && (*first == ' ' || *first == '\t'))
		first++;
	while (first < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*n_bytes = (size_t)(end - first);
	return first;
}

/* ---- one cell ---- */

/* Adds a part of a number; parts are never negative. */
static void add_part(struct digits *sum, uint64_t part, int place)
{
	for (; part != 0; part /= 10, place++)
		digits_add_digit(sum, (unsigned)(part % 10), place);
}

static void check_cell(const struct cell *expected, const struct csvr_decimal *found,
		       const unsigned char *text, size_t n_bytes)
{
	const int shown = n_bytes < 100 ? (int)n_bytes : 100;
	if (found->class != expected->class)
		wrong("'%.*s': class %d expected, %d found", shown, (const char *)text,
		      (int)expected->class, (int)found->class);
	if (csvr_quantity_of(found->class) == CSVR_N_QUANTITIES)
		return;
	if (found->notation != expected->notation)
		wrong("'%.*s': notation %u expected, %u found", shown, (const char *)text,
		      expected->notation, found->notation);
	struct digits value;
	digits_zero(&value);
	if (found->n_parts < 1 || found->n_parts > CSVR_DECIMAL_PARTS)
		wrong("'%.*s': %zu parts", shown, (const char *)text, found->n_parts);
	for (size_t i = 0; i < found->n_parts; i++) {
		if (found->part[i] >= (uint64_t)CSVR_EXACT_LIMIT)
			wrong("'%.*s': part %zu is too large", shown, (const char *)text, i);
		add_part(&value, found->part[i], found->exponent + 18 * (int)i);
	}
	value.is_negative = found->is_negative;
	if (digits_compare(&value, &expected->value) != 0)
		wrong("'%.*s': another value", shown, (const char *)text);
	double nearest = csvr_decimal_to_double(found->part, found->n_parts, found->exponent,
						found->is_negative);
	if (!digits_are_nearest(&expected->value, 1, nearest))
		wrong("'%.*s': %.17g is not the nearest double", shown, (const char *)text,
		      nearest);
}

/* ---- the kernel ---- */

/* True if a cell is a plain decimal of at most 24 bytes that fits 10^18 units of 10^-scale. */
static bool is_for_kernel(const unsigned char *text, size_t n_bytes, unsigned scale)
{
	static const struct csvr_string_list no_nulls = { NULL, 0 };
	struct cell cell;
	size_t n_behind = 0;
	if (n_bytes == 0 || n_bytes > CSVR_MAX_CONVERT_BYTES)
		return false;
	for (size_t i = 0; i < n_bytes; i++) {
		if (strchr("+-.0123456789", text[i]) == NULL || text[i] == '\0' ||
		    (i > 0 && (text[i] == '+' || text[i] == '-')))
			return false;
		if (text[i] == '.')
			n_behind = n_bytes - i - 1;
	}
	classify(text, n_bytes, no_nulls, &cell);
	if (cell.class != CSVR_CELL_NUMBER || n_behind > scale)
		return false;
	struct digits limit;
	digits_zero(&limit);
	digits_add_digit(&limit, 1, 18 - (int)scale);
	return digits_compare_magnitudes(&cell.value, &limit) < 0;
}

static void check_value(const struct cell *expected, int64_t value, unsigned scale)
{
	struct digits found;
	digits_zero(&found);
	add_part(&found, (uint64_t)(value < 0 ? -value : value), -(int)scale);
	found.is_negative = value < 0;
	if (digits_compare(&found, &expected->value) != 0)
		wrong("the kernel's %lld at scale %u is another value", (long long)value, scale);
}

/* True if some null value equals that number. */
static bool is_null_number(const struct csvr_cell_rules *rules, int64_t value, unsigned scale)
{
	int64_t null;
	for (size_t i = 0; i < rules->n_null_numbers; i++)
		if (csvr_null_number(rules, i, scale, &null) && null == value)
			return true;
	return false;
}

/* Adds the values that the kernel converts to `column`, and sets `is_converted` for their cells. */
static void convert(const struct table *table, const struct csvr_cell_rules *rules, unsigned scale,
		    const struct cell *expected, struct csvr_column *column, bool *is_converted)
{
	const struct csvr_column_slice cells = { table->text,    table->ends + 1, 1,
						 table->n_cells, false,           '.' };
	int64_t values[MOST_CELLS + CSVR_VALUES_MARGIN];
	uint8_t rejects[MOST_CELLS];
	size_t n_values = csvr_kernel_choose(NULL)->convert(&cells, scale, CSVR_NONE, values,
							    rejects);
	size_t n_rejects = 0, n_kept = 0, at = 0;
	for (size_t i = 0; i < table->n_cells; i++) {
		size_t n_bytes;
		const unsigned char *text = cell_text(table, i, &n_bytes);
		bool is_reject = n_rejects < table->n_cells - n_values && rejects[n_rejects] == i;
		is_converted[i] = false;
		if (is_reject == is_for_kernel(text, n_bytes, scale))
			wrong("'%.*s' at scale %u: %s by the kernel", (int)n_bytes,
			      (const char *)text, scale, is_reject ? "rejected" : "converted");
		n_rejects += is_reject;
		if (is_reject)
			continue;
		int64_t value = values[at++];
		if (is_null_number(rules, value, scale)) {
			if (expected[i].class != CSVR_CELL_MISSING)
				wrong("'%.*s': no null value", (int)n_bytes, (const char *)text);
			continue;
		}
		if (expected[i].class != CSVR_CELL_NUMBER)
			wrong("'%.*s': not recognized as a null value", (int)n_bytes,
			      (const char *)text);
		check_value(&expected[i], value, scale);
		column->quantities[CSVR_QUANTITY_NUMBER].notation |= expected[i].notation;
		values[n_kept++] = value;
		is_converted[i] = true;
	}
	if (n_kept == 0)
		return;
	struct csvr_batch_sums sums;
	const struct csvr_batch_kernels *kernels = csvr_batch_kernels_for(
		csvr_kernel_choose(NULL)->name);
	const struct csvr_batch batch = { .values = values,
					  .n_values = n_kept,
					  .scale = scale,
					  .sums = &sums,
					  .kernels = kernels };
	kernels->sum(values, n_kept, &sums);
	if (csvr_column_add_batch(column, CSVR_CELL_NUMBER, &batch) != CSVR_OK)
		need(NULL);
}

/* ---- statistics ---- */

/* The expected sums of a column. */
struct sums {
	uint32_t n;
	struct digits sum, spread; /* n times the sum of squares, minus the square of the sum */
	struct digits min, max;
	bool has_long; /* a number of more significant digits than are printed exactly */
};

/* From the first digit that is not 0 to the last. */
static int count_significant(const struct digits *value)
{
	int first = -1, last = -1;
	for (int i = value->high - 1; i >= value->low; i--) {
		uint32_t unit = LIMB / 10;
		for (int j = 0; j < LIMB_DIGITS; j++, unit /= 10) {
			if (value->limb[i] / unit % 10 == 0)
				continue;
			last = (value->high - 1 - i) * LIMB_DIGITS + j;
			first = first < 0 ? last : first;
		}
	}
	return first < 0 ? 1 : last - first + 1;
}

static void add_up(const struct cell *cells, size_t n_cells, struct sums *sums)
{
	struct digits squares;
	digits_zero(&squares);
	digits_zero(&sums->sum);
	sums->n = 0;
	sums->has_long = false;
	for (size_t i = 0; i < n_cells; i++) {
		const struct digits *value = &cells[i].value;
		if (cells[i].class != CSVR_CELL_NUMBER)
			continue;
		if (sums->n == 0 || digits_compare(value, &sums->min) < 0)
			sums->min = *value;
		if (sums->n == 0 || digits_compare(value, &sums->max) > 0)
			sums->max = *value;
		sums->n++;
		sums->has_long |= count_significant(value) > CSVR_MAX_DIGITS;
		digits_add(&sums->sum, value);
		const struct digits square = digits_product(value, value);
		digits_add(&squares, &square);
	}
	sums->spread = squares;
	digits_multiply_by(&sums->spread, sums->n);
	const struct digits square = digits_product(&sums->sum, &sums->sum);
	digits_subtract(&sums->spread, &square);
}

static struct csvr_value value_of_statistic(const struct csvr_column *column, const char *statistic)
{
	return column_value(column, csvr_statistic_find(statistic, strlen(statistic)), 1);
}

static double statistic_of(const struct csvr_column *column, const char *statistic)
{
	struct csvr_value value = value_of_statistic(column, statistic);
	if (value.kind != CSVR_VALUE_REAL)
		wrong("%s is absent", statistic);
	return value.real;
}

/* Sums and extremes are exact up to CSVR_MAX_DIGITS, unless they are beyond the range of doubles. An extreme
 * among longer numbers can be the nearest double of one of them. */
static void check_exact(const struct csvr_column *column, const char *statistic,
			const struct digits *expected, bool is_exact)
{
	const struct csvr_value value = value_of_statistic(column, statistic);
	char text[CSVR_NUMBER_TEXT_BYTES];
	struct numeral numeral;
	struct digits found;
	if (value.kind != CSVR_VALUE_REAL && value.kind != CSVR_VALUE_DECIMAL)
		wrong("%s is absent", statistic);
	if (value.kind == CSVR_VALUE_REAL)
		csvr_number_shortest(value.real, text);
	else
		snprintf(text, sizeof text, "%s", value.text);
	if (!digits_are_nearest(expected, 1, strtod(text, NULL)))
		wrong("%s: %s is not the nearest", statistic, text);
	if (!is_exact || (value.kind == CSVR_VALUE_REAL && isinf(value.real)))
		return;
	const bool is_negative = *text == '-';
	if (!parse_numeral(text + is_negative, strlen(text + is_negative), &numeral))
		wrong("%s: %s is no number", statistic, text);
	digits_zero(&found);
	add_digits(&numeral, &found);
	found.is_negative = is_negative;
	if (digits_compare(&found, expected) != 0)
		wrong("%s: %s is not exact", statistic, text);
}

static void check_nearest(const struct csvr_column *column, const char *statistic,
			  const struct digits *expected, uint32_t divisor)
{
	double found = statistic_of(column, statistic);
	if (!digits_are_nearest(expected, divisor, found))
		wrong("%s: %.17g is not the nearest double", statistic, found);
}

/* Compares a double, or its square, times `factor` with the spread. */
static int compare_spread(double value, bool is_root, uint32_t factor1, uint32_t factor2,
			  const struct digits *spread)
{
	struct digits found;
	digits_from_double(&found, value);
	if (is_root)
		found = digits_product(&found, &found);
	digits_multiply_by(&found, factor1);
	digits_multiply_by(&found, factor2);
	return digits_compare(&found, spread);
}

/* Within a unit in the last place: the neighbours of the result are on either side of the true
 * value. */
static void check_spread(const struct csvr_column *column, const char *statistic,
			 const struct sums *sums, bool is_root, uint32_t divisor)
{
	double found = statistic_of(column, statistic);
	double below = nextafter(found, 0), above = nextafter(found, INFINITY);
	if (isnan(found) || found < 0)
		wrong("%s: %.17g", statistic, found);
	if (found > 0 && compare_spread(below, is_root, sums->n, divisor, &sums->spread) > 0)
		wrong("%s: %.17g is too large", statistic, found);
	if (!isinf(above) && compare_spread(above, is_root, sums->n, divisor, &sums->spread) < 0)
		wrong("%s: %.17g is too small", statistic, found);
}

/* The product of two squares; false: it has no place. */
static bool multiply_squares(struct digits *product, const struct digits *a, const struct digits *b)
{
	if (a->low + b->low < POINT || a->high + b->high + 4 > N_LIMBS + POINT)
		return false;
	*product = digits_product(a, b);
	return true;
}

/* Compares (n - 1) sum^2 value^2 with n spread; 0 if a product has no place. */
static int compare_cv(double value, const struct sums *sums)
{
	struct digits square, square_of_sum = digits_product(&sums->sum, &sums->sum), found;
	struct digits expected = sums->spread;
	digits_from_double(&square, value);
	square = digits_product(&square, &square);
	if (!multiply_squares(&found, &square, &square_of_sum))
		return 0;
	digits_multiply_by(&found, sums->n - 1);
	digits_multiply_by(&expected, sums->n);
	return digits_compare(&found, &expected);
}

/* Within a unit in the last place. */
static void check_cv(const struct csvr_column *column, const struct sums *sums)
{
	double found = statistic_of(column, "cv");
	double below = nextafter(found, 0), above = nextafter(found, INFINITY);
	if (isnan(found) || found < 0)
		wrong("cv: %.17g", found);
	if (found > 0 && compare_cv(below, sums) > 0)
		wrong("cv: %.17g is too large", found);
	if (!isinf(above) && compare_cv(above, sums) < 0)
		wrong("cv: %.17g is too small", found);
}

/* The double nearest to max - min. */
static void check_range(const struct csvr_column *column)
{
	struct digits difference, min;
	digits_from_double(&difference, column->quantities[CSVR_QUANTITY_NUMBER].max.value);
	digits_from_double(&min, column->quantities[CSVR_QUANTITY_NUMBER].min.value);
	digits_subtract(&difference, &min);
	check_nearest(column, "range", &difference, 1);
}

static void check_statistics(const struct csvr_column *column, const struct sums *sums)
{
	if (column->cells[CSVR_CELL_NUMBER] != sums->n)
		wrong("%u numbers expected, %llu found", sums->n,
		      (unsigned long long)column->cells[CSVR_CELL_NUMBER]);
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_statistic *statistic = csvr_statistics[i];
		const bool is_cv = strcmp(statistic->name, "cv") == 0;
		const bool is_of_sample = is_cv || strcmp(statistic->name, "stddev") == 0 ||
					  strcmp(statistic->name, "variance") == 0 ||
					  strcmp(statistic->name, "sem") == 0;
		if ((is_cv && digits_is_zero(&sums->sum)) ||
		    strstr(statistic->name, "_length") != NULL)
			continue;
		if (statistic->needs == NULL &&
		    column_value(column, statistic, 1).kind == CSVR_VALUE_NONE &&
		    sums->n >= (is_of_sample ? 2u : 1u))
			wrong("%s is absent", statistic->name);
	}
	if (sums->n == 0)
		return;
	check_exact(column, "sum", &sums->sum, count_significant(&sums->sum) <= CSVR_MAX_DIGITS);
	check_nearest(column, "mean", &sums->sum, sums->n);
	check_exact(column, "min", &sums->min, !sums->has_long);
	check_exact(column, "max", &sums->max, !sums->has_long);
	check_spread(column, "stddev_pop", sums, true, sums->n);
	if (sums->n < 2)
		return;
	check_spread(column, "stddev", sums, true, sums->n - 1);
	check_spread(column, "variance", sums, false, sums->n - 1);
	/* n^2 (n - 1) sem^2 = spread */
	check_spread(column, "sem", sums, true, sums->n * (sums->n - 1));
	check_range(column);
	if (!digits_is_zero(&sums->sum))
		check_cv(column, sums);
}

static csvr_collection all_aggregates(void)
{
	return csvr_collection_of(&(struct csvr_statistic_options){ .all = true });
}

static void open_column(struct csvr_column *column)
{
	csvr_column_init(column);
	if (csvr_column_collect(column, all_aggregates()) != CSVR_OK)
		need(NULL);
}

/* The state of an aggregate is a function of the numbers, whatever batches they were added in. */
static void check_states(const struct csvr_column *merged, const struct csvr_column *whole)
{
	struct csvr_encoder a, b;
	csvr_encoder_init(&a);
	csvr_encoder_init(&b);
	csvr_collected_encode(merged->collected, all_aggregates(), &a);
	csvr_collected_encode(whole->collected, all_aggregates(), &b);
	if (a.is_out_of_memory || b.is_out_of_memory)
		need(NULL);
	if (a.n_bytes != b.n_bytes || memcmp(a.bytes, b.bytes, a.n_bytes) != 0)
		wrong("merged: another state of the aggregates");
	csvr_encoder_clear(&a);
	csvr_encoder_clear(&b);
}

/* The merged column has the same sums, to the last digit, hence the same statistics. */
static void check_merged(const struct csvr_column *merged, const struct csvr_column *whole)
{
	static const char *const statistics[] = { "sum", "stddev_pop", "min", "max" };
	if (merged->cells[CSVR_CELL_NUMBER] != whole->cells[CSVR_CELL_NUMBER])
		wrong("merged: another count");
	for (size_t i = 0; i < 4 && whole->cells[CSVR_CELL_NUMBER] > 0; i++) {
		const struct csvr_value a = value_of_statistic(merged, statistics[i]);
		const struct csvr_value b = value_of_statistic(whole, statistics[i]);
		if (a.kind != b.kind || a.real != b.real || strcmp(a.text, b.text) != 0)
			wrong("merged: %s: %.17g%s expected, %.17g%s found", statistics[i], b.real,
			      b.text, a.real, a.text);
	}
}

/* ---- the target ---- */

static void add(struct csvr_column *column, const struct csvr_decimal *decimal)
{
	if (csvr_column_add(column, CSVR_CELL_NUMBER,
			    &(struct csvr_number){ decimal->part, decimal->n_parts,
						   decimal->exponent, decimal->is_negative,
						   CSVR_QUANTITY_NUMBER, decimal->notation }) !=
	    CSVR_OK)
		need(NULL);
}

static void check_table(const struct table *table, struct csvr_string_list words, unsigned scale)
{
	static struct cell expected[MOST_CELLS];
	const struct csvr_parse_options options = { .null_values = words };
	struct csvr_cell_rules rules;
	struct csvr_column half[2], mixed;
	bool is_converted[MOST_CELLS];
	if (csvr_cell_rules_init(&rules, &options, '.', NULL) != CSVR_OK)
		need(NULL);
	open_column(&half[0]);
	open_column(&half[1]);
	open_column(&mixed);
	for (size_t i = 0; i < table->n_cells; i++) {
		size_t n_bytes;
		const unsigned char *text = cell_text(table, i, &n_bytes);
		classify(text, n_bytes, words, &expected[i]);
	}
	convert(table, &rules, scale, expected, &mixed, is_converted);
	for (size_t i = 0; i < table->n_cells; i++) {
		size_t n_bytes;
		const unsigned char *text = cell_text(table, i, &n_bytes);
		struct csvr_decimal decimal;
		csvr_decimal_parse(&decimal, &rules, text, n_bytes);
		check_cell(&expected[i], &decimal, text, n_bytes);
		if (decimal.class != CSVR_CELL_NUMBER)
			continue;
		add(&half[i % 2], &decimal);
		if (!is_converted[i])
			add(&mixed, &decimal);
	}
	static struct sums sums;
	add_up(expected, table->n_cells, &sums);
	check_statistics(&mixed, &sums);
	if (csvr_column_merge(&half[0], &half[1]) != CSVR_OK)
		need(NULL);
	check_merged(&half[0], &mixed);
	check_states(&half[0], &mixed);
	csvr_column_clear(&half[0]);
	csvr_column_clear(&half[1]);
	csvr_column_clear(&mixed);
	csvr_cell_rules_clear(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape tape = { data, size };
	const char *const *list = null_lists[draw_below(&tape, N_NULL_LISTS)];
	unsigned scale = draw_below(&tape, CSVR_MAX_SCALE + 1);
	struct csvr_string_list words = { list, 0 };
	while (list[words.n_words] != NULL)
		words.n_words++;
	struct table table;
	parse_cells(&table, &tape);
	check_table(&table, words, scale);
	free(table.memory);
	return 0;
}
