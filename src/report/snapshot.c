/* snapshot.c - what a comparison uses of a report: its contents, and how they are set */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number_format.h"
#include "base/utf8.h"

const char *const csvr_snapshot_percentile_names[CSVR_SNAPSHOT_PERCENTILES] = {
	"p1", "p5", "p25", "median", "p75", "p95", "p99"
};
const int csvr_snapshot_percents[CSVR_SNAPSHOT_PERCENTILES] = { 1, 5, 25, 50, 75, 95, 99 };

struct csvr_snapshot *csvr_snapshot_new(void)
{
	struct csvr_snapshot *snapshot = calloc(1, sizeof *snapshot);
	if (snapshot != NULL)
		csvr_arena_init(&snapshot->strings);
	return snapshot;
}

void csvr_snapshot_free(struct csvr_snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	for (size_t t = 0; t < snapshot->n_tables; t++) {
		struct csvr_snapshot_table *table = &snapshot->tables[t];
		for (size_t i = 0; i < table->n_columns; i++) {
			free((void *)table->columns[i].histogram);
			free((void *)table->columns[i].items);
		}
		free(table->columns);
	}
	free(snapshot->tables);
	csvr_arena_clear(&snapshot->strings);
	free(snapshot);
}

struct csvr_name csvr_snapshot_text(struct csvr_snapshot *snapshot, const char *bytes,
				    size_t n_bytes)
{
	static const char replacement[] = "\xEF\xBF\xBD";
	enum { FACTOR = sizeof replacement - 1 };
	const struct csvr_name none = { NULL, 0 };
	char *text = malloc(n_bytes * FACTOR + 1);
	size_t n = 0;
	if (text == NULL)
		return none;
	for (size_t i = 0; i < n_bytes;) {
		uint32_t code;
		const size_t n_here = csvr_utf8_decode((const unsigned char *)bytes + i,
						       n_bytes - i, &code);
		if (n_here == 0) {
			memcpy(text + n, replacement, FACTOR);
			n += FACTOR;
			i++;
			continue;
		}
		memcpy(text + n, bytes + i, n_here);
		n += n_here;
		i += n_here;
	}
	const char *copy = csvr_arena_copy(&snapshot->strings, text, n);
	free(text);
	return (struct csvr_name){ copy, n };
}

void csvr_snapshot_set(struct csvr_snapshot_value *value, double number, bool is_estimate)
{
	if (isfinite(number))
		*value = (struct csvr_snapshot_value){ true, is_estimate, number };
}

bool csvr_snapshot_set_number(struct csvr_snapshot *snapshot, struct csvr_snapshot_item *item,
			      double number)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = csvr_number_shortest(number, text);
	/* JSON has no number for an infinite one. */
	item->is_number = isfinite(number);
	item->number = number;
	item->text = (struct csvr_name){ csvr_arena_copy(&snapshot->strings, text, n), n };
	return item->text.text != NULL;
}

void csvr_snapshot_finish(struct csvr_snapshot *snapshot)
{
	snapshot->n_rows = 0;
	snapshot->n_columns = 0;
	for (size_t t = 0; t < snapshot->n_tables; t++) {
		snapshot->n_rows += snapshot->tables[t].n_rows;
		snapshot->n_columns += snapshot->tables[t].n_columns;
	}
}

/* ---- what follows from the counts of a column ---- */

enum csvr_quantity csvr_snapshot_quantity(const struct csvr_snapshot_column *column)
{
	return csvr_type_quantity(column->type);
}

double csvr_snapshot_n_values(const struct csvr_snapshot_column *column)
{
	const enum csvr_quantity quantity = csvr_snapshot_quantity(column);
	double n = 0;
	if (quantity == CSVR_N_QUANTITIES)
		return 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (csvr_quantity_of((enum csvr_cell_class) class) == quantity)
			n += column->cells[class];
	return n;
}

double csvr_snapshot_n_present(const struct csvr_snapshot_column *column)
{
	double n = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (class != CSVR_CELL_MISSING && class != CSVR_CELL_NAN &&
		    class != CSVR_CELL_INFINITE)
			n += column->cells[class];
	return n;
}

bool csvr_snapshot_has_all_items(const struct csvr_snapshot_column *column)
{
	return column->n_items > 0 && column->distinct.is_known && !column->distinct.is_estimate &&
	       !column->has_more && column->distinct.value == (double)column->n_items;
}
