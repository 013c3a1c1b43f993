/* table_layout.c - the table of one line per column: a form that fits the terminal
 *
 * Shape   a block that is wider than the terminal loses, in this order, letters of long names, the counts
 *         of which it shows the shares, half of the gaps, digits of fractions, the alignment at the decimal
 *         mark, and more letters (see forms). Integers are shortened last. If that is not enough, the statistics
 *         are continued once below; if they would have to be continued more often, the layout is one block
 *         per column.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "report/table_internal.h"

enum {
	/* Identifiers of 64 bits are integers of up to 20 digits, with a sign or a digit more. */
	LONG_NUMBER = 22,
	/* Milliseconds since 1970 are integers of 13 digits. */
	SHORT_NUMBER = 14,
	MOST_DIGITS = 7,
	NAME_WRAPPED = 24 /* width of names when the statistics are wrapped */
};

/* From roomy to tight. */
/* clang-format off */
static const struct csvr_table_form forms[] = {
	/* digits, gap, name, text, time, number, shares, aligned, bars */
	{ 7, 2, SIZE_MAX, 24, SIZE_MAX, SIZE_MAX, true, true, false },
	{ 7, 2, 24, 24, 19, LONG_NUMBER, true, true, false },
	{ 7, 2, 16, 20, 19, LONG_NUMBER, false, true, false },
	{ 6, 2, 16, 20, 16, LONG_NUMBER, false, true, false },
	{ 5, 2, 16, 16, 16, LONG_NUMBER, false, true, false },
	{ 5, 1, 16, 16, 10, LONG_NUMBER, false, true, false },
	{ 7, 2, 16, 16, 10, LONG_NUMBER, false, false, false },
	{ 6, 1, 16, 16, 10, LONG_NUMBER, false, false, false },
	{ 5, 1, 16, 12, 10, LONG_NUMBER, false, false, false },
	{ 4, 1, 12, 10, 10, LONG_NUMBER, false, false, false },
	{ 4, 1, 10, 8, 10, LONG_NUMBER, false, false, false },
	{ 4, 1, 10, 8, 10, SHORT_NUMBER, false, false, false },
};
/* clang-format on */

enum {
	N_FORMS = sizeof forms / sizeof forms[0],
	/* The first forms: those that are not too tight for optional statistics, and to keep names apart
	 * without numbers. */
	N_DECENT_FORMS = 9
};

/* ---- measuring ---- */

static size_t largest(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Measures the cells that may be cut anywhere, or all others. */
static void measure_cells(struct csvr_table *table, size_t stat, bool are_flexible, bool *has_text,
			  bool *has_number)
{
	struct csvr_table_column *column = &table->columns[stat];
	struct csvr_table_cell cell;
	size_t widest = column->width;
	for (size_t r = 0; r < table->block.n_rows; r++) {
		const bool has_value = csvr_table_format(table, r, stat, &cell);
		if (cell.is_flexible != are_flexible)
			continue;
		if (cell.is_text) {
			widest = largest(widest, cell.width);
			*has_text = true;
		} else {
			column->before = largest(column->before, cell.mark);
			column->after = largest(column->after, cell.width - cell.mark);
			*has_number = *has_number || has_value;
		}
	}
	column->width = largest(widest, column->before + column->after);
}

/* Texts that may be cut are measured last: they may be as wide as the other cells. */
static void measure_column(struct csvr_table *table, size_t stat, int digits)
{
	struct csvr_table_column *column = &table->columns[stat];
	bool has_text = false, has_number = false;
	*column = (struct csvr_table_column){ .digits = digits,
					      .width = strlen(table->stats[stat]->name) };
	measure_cells(table, stat, false, &has_text, &has_number);
	column->text_width = largest(table->form.text_width, column->width);
	measure_cells(table, stat, true, &has_text, &has_number);
	column->is_left = has_text && !has_number;
}

/* Shows as many digits as fit into the width of each column. */
static void fill_with_digits(struct csvr_table *table)
{
	for (size_t i = 0; i < table->n_shown; i++) {
		struct csvr_table_column *column = &table->columns[table->shown[i]];
		const struct csvr_table_column narrow = *column;
		for (int digits = MOST_DIGITS; digits > narrow.digits; digits--) {
			measure_column(table, table->shown[i], digits);
			if (column->width <= narrow.width)
				break;
			*column = narrow;
		}
	}
}

/* Measures the statistics in the form of the table; returns their width, with gaps. Stops when that reaches
 * `room`. */
static size_t measure(struct csvr_table *table, size_t room)
{
	size_t total = 0;
	for (size_t i = 0; i < table->n_shown && total < room; i++) {
		measure_column(table, table->shown[i], table->form.digits);
		total += table->form.gap + table->columns[table->shown[i]].width;
	}
	return total;
}

/* Sets the form and cuts names to the room it leaves. False: it is too wide. */
static bool fits(struct csvr_table *table, const struct csvr_table_form *form, size_t widest,
		 bool *are_names_distinct)
{
	const size_t room = (size_t)table->report->options->width;
	table->form = *form;
	const size_t total = measure(table, room);
	const size_t least = csvr_table_width_of_labels(table, form->name_width);
	if (total >= room || least > room - total)
		return false;
	table->name_width = widest < room - total ? widest : room - total;
	*are_names_distinct = csvr_table_cut_names(table, table->name_width);
	return true;
}

/* Keeps a form if its statistics fit beside the names. */
static bool try_form(struct csvr_table *table, struct csvr_table_form form)
{
	const struct csvr_table_form before = table->form;
	table->form = form;
	if (measure(table, SIZE_MAX) <= (size_t)table->report->options->width - table->name_width)
		return true;
	table->form = before;
	measure(table, SIZE_MAX);
	return false;
}

/* Shows more of times, then bars, then more of texts, then of numbers, as far as there is room. */
static void fill_room(struct csvr_table *table)
{
	static const size_t times[] = { 19, 16 }, texts[] = { 24, 20, 16, 12 };
	const size_t n_times = sizeof times / sizeof times[0];
	const size_t n_texts = sizeof texts / sizeof texts[0];
	struct csvr_table_form form = table->form;
	for (size_t i = 0; i < n_times && times[i] > table->form.time_width; i++) {
		form.time_width = times[i];
		if (try_form(table, form))
			break;
	}
	form = table->form;
	form.has_bars = table->report->options->has_share_bars;
	if (form.has_bars)
		try_form(table, form);
	form = table->form;
	for (size_t i = 0; i < n_texts && texts[i] > table->form.text_width; i++) {
		form.text_width = texts[i];
		if (try_form(table, form))
			break;
	}
	fill_with_digits(table);
}

/* Chooses the first of the forms that fits, or a tighter decent one if that keeps names apart. False: none
 * fits. */
static bool choose_form(struct csvr_table *table, size_t n_forms)
{
	const size_t widest = csvr_table_measure_labels(table);
	size_t first = n_forms;
	bool are_distinct;
	for (size_t i = 0; i < n_forms && (first == n_forms || i < N_DECENT_FORMS); i++) {
		if (!fits(table, &forms[i], widest, &are_distinct))
			continue;
		if (are_distinct)
			return true;
		if (first == n_forms)
			first = i;
	}
	return first < n_forms && fits(table, &forms[first], widest, &are_distinct);
}

static void show_all(struct csvr_table *table)
{
	table->n_shown = table->n_stats;
	for (size_t i = 0; i < table->n_shown; i++)
		table->shown[i] = i;
}

/* Leaves out the last optional statistic. False: there is none. */
static bool leave_one_out(struct csvr_table *table)
{
	for (size_t i = table->n_shown; i-- > 0;) {
		const size_t stat = table->shown[i];
		if (table->stats[stat]->in_table != CSVR_SHOW_IF_ROOM ||
		    csvr_statistic_is_requested(table->stats[stat], table->report->requested))
			continue;
		table->n_shown--;
		memmove(&table->shown[i], &table->shown[i + 1],
			(table->n_shown - i) * sizeof table->shown[0]);
		return true;
	}
	return false;
}

/* Chooses the statistics and the form. False: the table is too wide in any form. */
static bool fit(struct csvr_table *table)
{
	bool has_room, is_optional_shown = true;
	show_all(table);
	while (!(has_room = choose_form(table, is_optional_shown ? N_DECENT_FORMS : N_FORMS)) &&
	       is_optional_shown)
		is_optional_shown = leave_one_out(table);
	if (!has_room)
		return false;
	fill_room(table);
	bool is_shown[CSVR_MAX_SHOWN] = { false };
	for (size_t i = 0; i < table->n_shown; i++)
		is_shown[table->shown[i]] = true;
	for (size_t i = 0; i < table->n_stats; i++)
		table->is_left_out[i] = table->is_left_out[i] || !is_shown[i];
	return true;
}

/* ---- writing ---- */

/* Spaces are written before the text that follows them, so that no line ends in one. */
static void put(const struct csvr_table *table, size_t *n_spaces, const char *text, size_t n)
{
	csvr_table_pad(*n_spaces, table->stream);
	fwrite(text, 1, n, table->stream);
	*n_spaces = 0;
}

static void write_heading(const struct csvr_table *table, size_t from, size_t to)
{
	const struct csvr_report *report = table->report;
	size_t width = table->name_width, n_spaces = 0;
	csvr_table_style(report->options, CSVR_TITLE_ON, table->stream);
	n_spaces = table->name_width - csvr_table_write_titles(table);
	for (size_t i = from; i < to; i++) {
		const struct csvr_table_column *column = &table->columns[table->shown[i]];
		const char *name = table->stats[table->shown[i]]->name;
		const size_t rest = column->width - strlen(name);
		n_spaces += table->form.gap + (column->is_left ? 0 : rest);
		put(table, &n_spaces, name, strlen(name));
		n_spaces = column->is_left ? rest : 0;
		width += table->form.gap + column->width;
	}
	csvr_table_style(report->options, CSVR_STYLE_OFF, table->stream);
	putc('\n', table->stream);
	csvr_table_style(report->options, CSVR_DIM_ON, table->stream);
	while (width-- > 0)
		putc('-', table->stream);
	csvr_table_style(report->options, CSVR_STYLE_OFF, table->stream);
	putc('\n', table->stream);
}

static void write_cell(const struct csvr_table *table, size_t row, size_t stat, size_t *n_spaces)
{
	const struct csvr_table_column *column = &table->columns[stat];
	struct csvr_table_cell cell;
	csvr_table_format(table, row, stat, &cell);
	*n_spaces += table->form.gap;
	if (cell.is_text || column->is_left) {
		put(table, n_spaces, cell.text, strlen(cell.text));
		*n_spaces = column->width - cell.width;
		return;
	}
	const size_t rest = column->after - (cell.width - cell.mark);
	*n_spaces += column->width - column->after - cell.mark;
	put(table, n_spaces, cell.text, cell.mark);
	*n_spaces += cell.has_share ? rest : 0;
	if (cell.width > cell.mark)
		put(table, n_spaces, cell.text + cell.mark, strlen(cell.text + cell.mark));
	*n_spaces += cell.has_share ? 0 : rest;
}

/* Writes the statistics [from, to), one line per column. */
static void write_lines(const struct csvr_table *table, size_t from, size_t to)
{
	write_heading(table, from, to);
	for (size_t r = 0; r < table->block.n_rows && !ferror(table->stream); r++) {
		size_t n_spaces = table->name_width - csvr_table_write_name(table, r);
		for (size_t i = from; i < to; i++)
			write_cell(table, r, table->shown[i], &n_spaces);
		putc('\n', table->stream);
	}
}

/* ---- statistics that do not fit side by side ---- */

/* The end of the statistics from `from` on that fit side by side: at least one. */
static size_t end_of_part(const struct csvr_table *table, size_t from)
{
	const size_t room = (size_t)table->report->options->width;
	size_t width = table->name_width, to = from;
	do
		width += table->form.gap + table->columns[table->shown[to]].width;
	while (width <= room && ++to < table->n_shown);
	return to > from ? to : from + 1;
}

/* Where a table that is continued once is divided: after the counts of cells. 0: a part would be too wide, or
 * empty. */
static size_t end_of_counts(const struct csvr_table *table)
{
	size_t end = 0;
	while (end < table->n_shown && table->stats[table->shown[end]]->is_cell_count)
		end++;
	return end > 0 && end < table->n_shown && end <= end_of_part(table, 0) &&
			       end_of_part(table, end) == table->n_shown
		       ? end
		       : 0;
}

static size_t first_end(const struct csvr_table *table)
{
	const size_t end = end_of_counts(table);
	return end > 0 ? end : end_of_part(table, 0);
}

static void set_wrapped_form(struct csvr_table *table, const struct csvr_table_form *form)
{
	const size_t most = form->name_width < NAME_WRAPPED ? form->name_width : NAME_WRAPPED;
	table->form = *form;
	csvr_table_measure_labels(table);
	table->name_width = csvr_table_width_of_labels(table, most);
	measure(table, SIZE_MAX);
}

static bool is_in_two(const struct csvr_table *table, bool is_after_counts)
{
	return is_after_counts ? end_of_counts(table) > 0
			       : end_of_part(table, first_end(table)) == table->n_shown;
}

/* Chooses the first decent form in which two parts are enough, preferably divided after the counts. False:
 * there is none, and the form is the first. */
static bool fit_in_two(struct csvr_table *table)
{
	show_all(table);
	for (size_t i = 0; i < 2 * N_DECENT_FORMS; i++) {
		struct csvr_table_form form = forms[i % N_DECENT_FORMS];
		const bool has_shares = form.has_shares, is_after_counts = i < N_DECENT_FORMS;
		form.has_shares = true;
		set_wrapped_form(table, &form);
		if (is_in_two(table, is_after_counts))
			return true;
		form.has_shares = has_shares;
		set_wrapped_form(table, &form);
		if (is_in_two(table, is_after_counts))
			return true;
	}
	set_wrapped_form(table, &forms[0]);
	return false;
}

/* Adds the bars of shares, unless another part would be needed. */
static void add_bars_in_two(struct csvr_table *table)
{
	const struct csvr_table_form before = table->form;
	struct csvr_table_form form = before;
	form.has_bars = table->report->options->has_share_bars;
	const bool is_after_counts = is_in_two(table, true);
	set_wrapped_form(table, &form);
	if (form.has_bars && !is_in_two(table, is_after_counts))
		set_wrapped_form(table, &before);
}

/* Writes as many statistics side by side as fit, then the next ones. */
static void write_wrapped(struct csvr_table *table)
{
	fill_with_digits(table);
	csvr_table_cut_names(table, table->name_width);
	for (size_t from = 0, to; from < table->n_shown; from = to) {
		to = from == 0 ? first_end(table) : end_of_part(table, from);
		if (from > 0)
			putc('\n', table->stream);
		write_lines(table, from, to);
	}
}

void csvr_table_write_block(struct csvr_table *table)
{
	const enum csvr_layout layout = table->report->options->layout;
	if (table->block.n_rows == 0)
		return;
	if (layout != CSVR_LAYOUT_BLOCKS && fit(table))
		write_lines(table, 0, table->n_shown);
	else if (layout != CSVR_LAYOUT_BLOCKS && fit_in_two(table)) {
		add_bars_in_two(table);
		write_wrapped(table);
	} else if (layout == CSVR_LAYOUT_TABLE)
		write_wrapped(table);
	else
		csvr_table_write_blocks(table);
}
