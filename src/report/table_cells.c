/* table_cells.c - the values of a block, and each as the text of a cell */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "report/table_internal.h"

void csvr_table_style(const struct csvr_report_options *options, const char *sequence, FILE *stream)
{
	if (options->color)
		fputs(sequence, stream);
}

void csvr_table_pad(size_t n, FILE *stream)
{
	fprintf(stream, "%*s", (int)n, "");
}

/* ---- values ---- */

static void free_rows(struct csvr_table *table)
{
	free(table->values);
	free(table->names);
	free(table->sorted);
	table->values = NULL;
	table->names = NULL;
	table->sorted = NULL;
	table->capacity = 0;
}

void csvr_table_clear(struct csvr_table *table)
{
	free_rows(table);
	free(table->block.rows);
	table->block = (struct csvr_report_block){ 0 };
}

void csvr_table_init(struct csvr_table *table, const struct csvr_report *report, FILE *stream)
{
	static const char title[] = "column";
	*table = (struct csvr_table){ .report = report,
				      .stream = stream,
				      .stats = report->stats,
				      .n_stats = report->n_stats,
				      .n_labels = 1 };
	table->labels[0] = (struct csvr_table_label){ .title = title,
						      .title_bytes = strlen(title) };
}

enum csvr_status csvr_table_reserve(struct csvr_table *table, size_t n_rows)
{
	if (n_rows <= table->capacity)
		return CSVR_OK;
	free_rows(table);
	table->values = calloc(n_rows * table->n_stats, sizeof *table->values);
	table->names = calloc(n_rows * table->n_labels, sizeof *table->names);
	table->sorted = calloc(n_rows, sizeof(struct csvr_table_name *));
	if ((table->values == NULL && table->n_stats > 0) || table->names == NULL ||
	    table->sorted == NULL)
		return CSVR_NO_MEMORY;
	table->capacity = n_rows;
	return CSVR_OK;
}

/* The text of a real number is needed for each form that is tried, and takes long to compute. */
static void set_text(struct csvr_value *value)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	if (value->kind != CSVR_VALUE_REAL)
		return;
	csvr_number_shortest(value->real, text);
	memcpy(value->text, text, sizeof value->text - 1);
	value->text[sizeof value->text - 1] = '\0';
}

void csvr_table_compute(struct csvr_table *table, size_t row)
{
	for (size_t i = 0; i < table->n_stats; i++) {
		struct csvr_value *value = &table->values[row * table->n_stats + i];
		*value = csvr_report_row_value(&table->block.rows[row], table->stats[i]);
		set_text(value);
	}
}

enum csvr_status csvr_table_fill(struct csvr_table *table, const struct csvr_file *file)
{
	enum csvr_status status = csvr_report_block_fill(&table->block, table->report, file);
	if (status == CSVR_OK)
		status = csvr_table_reserve(table, table->block.n_rows);
	for (size_t r = 0; r < table->block.n_rows && status == CSVR_OK; r++) {
		const struct csvr_report_row *row = &table->block.rows[r];
		table->names[r] = (struct csvr_table_name){ .name = row->name,
							    .n_bytes = row->name_bytes };
		csvr_table_compute(table, r);
	}
	return status;
}

/* ---- texts ---- */

enum { SHARE_BAR_WIDTH = 6 };

/* Writes the bar of a share; returns its bytes. Any share but 0 is visible, and any but 1 leaves the bar incomplete. */
static size_t format_share_bar(uint64_t count, uint64_t of, enum csvr_bars form, char *text)
{
	static const char *const blocks[] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };
	enum { EIGHTHS = 8 };
	const bool has_blocks = form == CSVR_BARS_BLOCKS;
	const unsigned step = has_blocks ? 1 : EIGHTHS, most = SHARE_BAR_WIDTH * EIGHTHS;
	const char *start = text;
	unsigned filled = (unsigned)((unsigned __int128)count * (most / step) / of) * step;
	if (filled == 0 && count > 0)
		filled = step;
	for (unsigned i = 0; i < SHARE_BAR_WIDTH; i++) {
		const unsigned part = filled > EIGHTHS ? EIGHTHS : filled;
		text = stpcpy(text, has_blocks ? blocks[part] : part > 0 ? "#" : ".");
		filled -= part;
	}
	return (size_t)(text - start);
}

/* Writes the share of the rows that a count is, if the form says so after its bar; returns the width. */
static size_t format_share(const struct csvr_table *table, const struct csvr_report_row *row,
			   uint64_t count, bool has_parentheses, char *text)
{
	/* Bars start at the same column of the terminal if all shares are as wide as the widest. */
	static const char widest[] = ">99.9%";
	char share[CSVR_SHARE_BYTES];
	const size_t n = csvr_number_share(count, row->n_rows, share);
	size_t width = 0;
	if (table->form.has_bars) {
		text += format_share_bar(count, row->n_rows, table->report->options->bars, text);
		const size_t n_spaces = sizeof widest - n;
		text += sprintf(text, "%*s", (int)n_spaces, "");
		width = SHARE_BAR_WIDTH + n_spaces;
	}
	return width + (size_t)sprintf(text, has_parentheses ? "(%s)" : "%s", share);
}

/* A statistic that was not requested by name may be shown as a share alone, which is shorter. */
static size_t format_count(const struct csvr_table *table, const struct csvr_report_row *row,
			   const struct csvr_statistic *statistic, uint64_t count,
			   struct csvr_table_cell *cell, char *text)
{
	const bool has_share = statistic->has_share && count > 0;
	if (has_share && !table->form.has_shares &&
	    !csvr_statistic_is_requested(statistic, table->report->requested))
		return format_share(table, row, count, false, text);
	const size_t n = csvr_number_count(count, text);
	if (!has_share || !table->form.has_shares)
		return n;
	cell->has_share = true;
	cell->mark = (size_t)(text - cell->text) + n;
	text[n] = ' ';
	return n + 1 + format_share(table, row, count, true, text + n + 1);
}

static size_t format_number(const struct csvr_table *table, const struct csvr_value *value,
			    int digits, char *text)
{
	const int round_digits = table->report->options->round_digits;
	if (round_digits < 0)
		return csvr_number_brief(value->text, digits, table->form.number_bytes, text);
	return csvr_value_fixed(value, round_digits, text);
}

/* The bytes of a date or time that fit a width: without fractions of a second; of a date and time, without
 * seconds; without the time. */
static size_t shorten_time(const char *time, size_t width)
{
	enum { DATE_BYTES = 10, MINUTE_BYTES = 16 }; /* 2024-01-31T10:30 */
	const size_t n_bytes = strlen(time);
	const bool has_date = n_bytes >= DATE_BYTES && (time[4] == '-' || time[4] == '/');
	if (n_bytes <= width)
		return n_bytes;
	if (has_date && width < MINUTE_BYTES)
		return DATE_BYTES;
	if (has_date && n_bytes > MINUTE_BYTES && strcspn(time, ".") > width)
		return MINUTE_BYTES;
	return strcspn(time, ".");
}

/* Writes a value as a text of the cell, from `text` on; returns its width. */
static size_t format_text(const struct csvr_table *table, const struct csvr_value *value,
			  size_t text_width, char *text)
{
	if (value->kind == CSVR_VALUE_BYTES)
		return csvr_escape_head((const char *)value->bytes, value->n_bytes, text_width,
					text, CSVR_NUMBER_TEXT_BYTES);
	const char *bytes = value->word != NULL ? value->word : value->text;
	const size_t n_bytes = value->kind == CSVR_VALUE_TIME
				       ? shorten_time(bytes, table->form.time_width)
				       : strlen(bytes);
	return csvr_escape_head(bytes, n_bytes, SIZE_MAX, text, CSVR_NUMBER_TEXT_BYTES);
}

/* Writes the share of the cells that have an item of a list. */
static void append_share(const struct csvr_value *value, struct csvr_table_cell *cell)
{
	char share[CSVR_SHARE_BYTES];
	if (value->n_all_cells == 0)
		return;
	csvr_number_share(value->n_cells, value->n_all_cells, share);
	const size_t n_bytes = strlen(cell->text);
	cell->width += (size_t)snprintf(cell->text + n_bytes, sizeof cell->text - n_bytes, " (%s)",
					share);
}

/* Writes bars as characters that cover more and more of their cells; returns the width. Blanks at the end are left
 * out. */
static size_t format_histogram(const struct csvr_value *value, enum csvr_bars form, char *text)
{
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	const char *const *bars = form == CSVR_BARS_BLOCKS ? blocks : ascii;
	size_t width = 0, n_bars = 0;
	char *end = text;
	*end = '\0';
	for (const char *height = value->text; *height != '\0'; height++) {
		if (*height == ' ')
			continue;
		text = stpcpy(text, bars[*height - '0']);
		n_bars++;
		if (*height == '0')
			continue;
		width = n_bars;
		end = text;
	}
	*end = '\0';
	return width;
}

bool csvr_table_format(const struct csvr_table *table, size_t row, size_t stat,
		       struct csvr_table_cell *cell)
{
	const struct csvr_report *report = table->report;
	const struct csvr_table_column *column = &table->columns[stat];
	const struct csvr_value *value = &table->values[row * table->n_stats + stat];
	const char *mark = csvr_value_mark(value);
	const size_t n_mark = strlen(mark);
	*cell = (struct csvr_table_cell){ .is_flexible = value->kind == CSVR_VALUE_BYTES };
	memcpy(cell->text, mark, n_mark);
	char *text = cell->text + n_mark;
	switch (value->kind) {
	case CSVR_VALUE_NONE:
		cell->width = (size_t)sprintf(cell->text, "-");
		break;
	case CSVR_VALUE_COUNT:
		cell->width = n_mark + format_count(table, &table->block.rows[row],
						    table->stats[stat], value->count, cell, text);
		break;
	case CSVR_VALUE_REAL:
	case CSVR_VALUE_DECIMAL:
		cell->width = n_mark + format_number(table, value, column->digits, text);
		/* The point of a number with an exponent is not that of its value. */
		if (strchr(cell->text, 'e') == NULL)
			cell->mark = strcspn(cell->text, ".");
		break;
	case CSVR_VALUE_HISTOGRAM:
		cell->width = n_mark + format_histogram(value, report->options->bars, text);
		cell->is_text = true;
		break;
	default:
		cell->width = n_mark + format_text(table, value, column->text_width, text);
		cell->is_text = true;
	}
	if (cell->mark == 0 || !table->form.is_aligned)
		cell->mark = cell->width;
	append_share(value, cell);
	return value->kind != CSVR_VALUE_NONE;
}
