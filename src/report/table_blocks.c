/* table_blocks.c - the layout of one block per column: a title, then pairs of a name and a value
 *
 * Shape    the pairs are written downwards, in as many pair columns as fit the terminal; these are as
 *          wide in all blocks. Values that a column does not have are left out.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "report/table_internal.h"

enum {
	INDENT = 2,
	LABEL_GAP = 2, /* between a name and its value */
	PAIR_GAP = 4,
	MOST_DIGITS = 7,
	SHORTEST_TEXT = 4, /* widths to which texts of cells are cut: on the narrowest terminal, */
	LONGEST_TEXT = 24 /* and on any other, to leave room for two pairs in 80 columns */
};

/* The pair columns. */
struct grid {
	size_t label_width, value_width, n_columns;
};

static size_t largest(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Sets the form of the values, and measures the pairs. */
static struct grid measure(struct csvr_table *table)
{
	const struct csvr_report *report = table->report;
	const size_t room = (size_t)report->options->width;
	struct grid grid = { 0 };
	struct csvr_table_cell cell;
	for (size_t i = 0; i < table->n_stats; i++)
		grid.label_width = largest(grid.label_width, strlen(table->stats[i]->name));
	const size_t used = INDENT + grid.label_width + LABEL_GAP;
	const size_t text_width = room < used + SHORTEST_TEXT ? SHORTEST_TEXT : room - used;
	table->form = (struct csvr_table_form){ .has_bars = table->report->options->has_share_bars,
						.number_bytes = SIZE_MAX,
						.time_width = SIZE_MAX,
						.has_shares = true };
	for (size_t i = 0; i < table->n_stats; i++)
		table->columns[i] = (struct csvr_table_column){
			.digits = MOST_DIGITS,
			.text_width = text_width < LONGEST_TEXT ? text_width : LONGEST_TEXT
		};
	for (size_t r = 0; r < table->block.n_rows; r++)
		for (size_t i = 0; i < table->n_stats; i++)
			if (csvr_table_format(table, r, i, &cell))
				grid.value_width = largest(grid.value_width, cell.width);
	const size_t pair = grid.label_width + LABEL_GAP + grid.value_width;
	grid.n_columns = room < INDENT + pair ? 1 : 1 + (room - INDENT - pair) / (PAIR_GAP + pair);
	return grid;
}

/* Writes a pair; returns the spaces that precede the next one. */
static size_t write_pair(const struct csvr_table *table, const struct grid *grid, size_t row,
			 size_t stat)
{
	const char *label = table->stats[stat]->name;
	struct csvr_table_cell cell;
	csvr_table_format(table, row, stat, &cell);
	csvr_table_style(table->report->options, CSVR_DIM_ON, table->stream);
	fputs(label, table->stream);
	csvr_table_style(table->report->options, CSVR_STYLE_OFF, table->stream);
	csvr_table_pad(grid->label_width + LABEL_GAP - strlen(label), table->stream);
	fputs(cell.text, table->stream);
	return grid->value_width - cell.width + PAIR_GAP;
}

static void write_pairs(const struct csvr_table *table, const struct grid *grid, size_t row)
{
	size_t shown[CSVR_MAX_SHOWN], n_shown = 0;
	struct csvr_table_cell cell;
	for (size_t i = 0; i < table->n_stats; i++)
		if (csvr_table_format(table, row, i, &cell))
			shown[n_shown++] = i;
	const size_t n_lines = (n_shown + grid->n_columns - 1) / grid->n_columns;
	for (size_t line = 0; line < n_lines; line++) {
		size_t n_spaces = INDENT;
		for (size_t i = line; i < n_shown; i += n_lines) {
			csvr_table_pad(n_spaces, table->stream);
			n_spaces = write_pair(table, grid, row, shown[i]);
		}
		putc('\n', table->stream);
	}
}

void csvr_table_write_blocks(struct csvr_table *table)
{
	const struct grid grid = measure(table);
	csvr_table_measure_labels(table);
	csvr_table_cut_names(table, (size_t)table->report->options->width);
	for (size_t r = 0; r < table->block.n_rows && !ferror(table->stream); r++) {
		if (r > 0)
			putc('\n', table->stream);
		csvr_table_style(table->report->options, CSVR_TITLE_ON, table->stream);
		csvr_table_write_joined(table, r);
		csvr_table_style(table->report->options, CSVR_STYLE_OFF, table->stream);
		putc('\n', table->stream);
		write_pairs(table, &grid, r);
	}
}
