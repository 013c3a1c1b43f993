/* stat_top.c - the most frequent values of a column, and how frequent they are
 *
 * Values are equal as for `distinct`. They are known if the column has few of them; the counts are exact.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/calendar.h"
#include "stats/column_type.h"
#include "stats/distribution.h"
#include "stats/few_values.h"
#include "stats/sample_internal.h"
#include "stats/statistics.h"

/* The bytes of a text of which only the start is kept, without a part of a character of UTF-8 at the end. */
static size_t prefix_bytes(const unsigned char *bytes)
{
	enum { N = CSVR_SAMPLE_PREFIX_BYTES };
	static const unsigned char longer[] = { 0, 0xc0, 0xe0, 0xf0 };
	for (size_t n = 1; n < sizeof longer; n++) {
		const unsigned char byte = bytes[N - n];
		/* The first byte of the last character, which has more than n bytes if it is that great. */
		if ((byte & 0xc0) != 0x80)
			return byte >= longer[n] ? N - n : N;
	}
	return N;
}

static void set_text(struct csvr_value *value, const struct csvr_sample_value *text)
{
	value->kind = CSVR_VALUE_BYTES;
	value->bytes = text->bytes;
	value->n_bytes = text->size <= CSVR_SAMPLE_TEXT_BYTES ? (size_t)text->size
							      : prefix_bytes(text->bytes);
}

/* A double has all digits of short numbers; of others up to 40 are written. */
static void set_number(struct csvr_value *value, const struct csvr_sample_value *number)
{
	enum { PLAIN_TO = 40 };
	struct csvr_digits decimal;
	value->kind = CSVR_VALUE_REAL;
	value->real = csvr_sample_value_to_double(number);
	if (number->form == CSVR_FORM_DOUBLE)
		return;
	csvr_sample_value_to_decimal(number, &decimal);
	if (decimal.n_digits > CSVR_MAX_DIGITS)
		return;
	value->kind = CSVR_VALUE_DECIMAL;
	csvr_digits_text(&decimal, PLAIN_TO, value->text);
}

/* A date or time, in the notation of the cells. A forged state may have one that no cell has, which is shown in
 * seconds. */
static void set_time(struct csvr_value *value, const struct csvr_sample_value *time,
		     const struct csvr_column *column)
{
	enum { DECIMALS = CSVR_MAX_FRACTION_DIGITS, MOST_DIGITS = 16 };
	static const int64_t unit = INT64_C(1000000000000000000); /* 10^DECIMALS */
	struct csvr_digits decimal;
	csvr_sample_value_to_decimal(time, &decimal);
	if (decimal.power > MOST_DIGITS || decimal.n_digits - decimal.power > DECIMALS) {
		set_number(value, time);
		return;
	}
	__int128 scaled = 0;
	for (int i = 0; i < decimal.power + DECIMALS; i++)
		scaled = scaled * 10 + (i < decimal.n_digits ? decimal.digit[i] - '0' : 0);
	scaled = decimal.is_negative ? -scaled : scaled;
	const int64_t fraction = (int64_t)((scaled % unit + unit) % unit);
	struct csvr_time parts = { .seconds = (int64_t)((scaled - fraction) / unit) };
	snprintf(parts.fraction, sizeof parts.fraction, "%018" PRId64, fraction);
	for (int i = DECIMALS; i > 0 && parts.fraction[i - 1] == '0'; i--)
		parts.fraction[i - 1] = '\0';
	value->kind = CSVR_VALUE_TIME;
	csvr_time_text(&parts, time->quantity, column->quantities[time->quantity].notation,
		       csvr_column_type(column) == CSVR_TYPE_DATE, value->text);
}

/* Cells that a value has at least which further passes find. */
static uint64_t least_frequent(const struct csvr_column *column)
{
	return csvr_sample_n_cells(column->cells) / CSVR_FREQUENT_SHARE + 1;
}

/* Of a column of many values, those that further passes have found. */
static size_t find_frequent(const struct csvr_subject *subject, size_t n,
			    struct csvr_sample_entry *top)
{
	const struct csvr_refined *refined = subject->column->refined;
	if (subject->state == NULL || !subject->is_requested)
		return 0;
	if (subject->wants != NULL) {
		subject->wants->least_frequent = least_frequent(subject->column);
		subject->wants->frequent = csvr_refined_next_step(refined,
								  subject->wants->least_frequent);
	}
	if (refined == NULL)
		return 0;
	const size_t n_found = refined->n_frequent < n ? refined->n_frequent : n;
	for (size_t i = 0; i < n_found; i++)
		top[i] = refined->frequent[i];
	return n_found;
}

static size_t set_items(const struct csvr_subject *subject, size_t n, struct csvr_value *items)
{
	struct csvr_sample_entry top[CSVR_MAX_ITEMS];
	const struct csvr_sample *sample = csvr_all_values_of(subject);
	const size_t n_found = sample != NULL ? csvr_sample_top(sample, n, top)
					      : find_frequent(subject, n, top);
	for (size_t i = 0; i < n_found; i++) {
		items[i] = (struct csvr_value){ .n_cells = top[i].count };
		items[i].n_all_cells = csvr_sample_n_cells(subject->column->cells);
		if (top[i].value.form == CSVR_FORM_TEXT)
			set_text(&items[i], &top[i].value);
		else if (top[i].value.quantity != CSVR_QUANTITY_NUMBER)
			set_time(&items[i], &top[i].value, subject->column);
		else
			set_number(&items[i], &top[i].value);
	}
	return n_found;
}

static size_t all_items(const struct csvr_subject *subject, struct csvr_value items[CSVR_MAX_ITEMS])
{
	return set_items(subject, CSVR_MAX_ITEMS, items);
}

static struct csvr_value first_item(const struct csvr_subject *subject)
{
	struct csvr_value item = { .kind = CSVR_VALUE_NONE };
	set_items(subject, 1, &item);
	return item;
}

const struct csvr_statistic csvr_stat_top = {
	.name = "top",
	.definition =
		"the most frequent value; JSON has the ten most frequent ones, with counts. Of "
		"equally frequent ones numbers come first, in ascending order, then texts, by "
		"bytes. Absent where there are more than 4,096 distinct values (in reports of more "
		"than 256 columns 1,024, of more than 1,024 columns 256), unless --exact "
		"finds values that more than 1/2048 of the cells have",
	.needs = &csvr_sample_aggregate,
	.needs_by_default = &csvr_few_values_aggregate,
	.value = first_item,
	.items = all_items
};

static struct csvr_value top_count(const struct csvr_subject *subject)
{
	const struct csvr_value item = first_item(subject);
	if (item.kind == CSVR_VALUE_NONE)
		return item;
	return (struct csvr_value){ .kind = CSVR_VALUE_COUNT, .count = item.n_cells };
}

const struct csvr_statistic csvr_stat_top_count = {
	.name = "top_count",
	.definition = "cells that have the most frequent value; absent where top is",
	.needs = &csvr_sample_aggregate,
	.value = top_count
};
