/* table_groups.c - the groups of a table: a heading, and a line for each group and column
 *
 * Shape    lines are computed and laid out in pages, so that the memory is bounded; a report of at most 10,000 lines has one
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/number_format.h"
#include "report/table_internal.h"

enum {
	MOST_GROUPS = 1000, /* without --verbose */
	ROWS_OF_PAGE = 10000
};

static const struct csvr_name missing_key = { "-", 1 };

/* The groups that are written at a time. */
struct page {
	const struct csvr_grouping *grouping;
	struct csvr_table table;
	struct csvr_group_cells *cells; /* of each row, since values point to them */
	size_t n_cells;
};

/* ---- heading ---- */

/* "Groups by station, month: 413 (temperature)" */
static void write_heading(const struct csvr_grouping *grouping, FILE *stream)
{
	const struct csvr_report_options *options = grouping->report->options;
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(grouping->n_groups, count);
	putc('\n', stream);
	csvr_table_style(options, CSVR_TITLE_ON, stream);
	fputs("Groups by ", stream);
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name title = csvr_grouping_title(grouping, k);
		fputs(k > 0 ? ", " : "", stream);
		csvr_escape_plain(stream, title.text, title.n_bytes);
	}
	fprintf(stream, ": %s", count);
	csvr_table_style(options, CSVR_STYLE_OFF, stream);
	if (grouping->n_columns == 1) {
		fputs(" (", stream);
		csvr_escape_plain(stream, grouping->columns[0].name,
				  grouping->columns[0].name_bytes);
		putc(')', stream);
	} else if (grouping->n_columns == 0) {
		fputs(" (no column of numbers, dates or times; --select names others)", stream);
	}
	putc('\n', stream);
}

/* "... and 9,000 more groups" */
static void write_rest(size_t n_left, FILE *stream)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	if (n_left == 0)
		return;
	csvr_number_count(n_left, count);
	fprintf(stream, "... and %s more group%s; --verbose shows all, --format=csv has them\n",
		count, n_left == 1 ? "" : "s");
}

/* ---- labels ---- */

/* Whether a key is digits with at most one point, and perhaps a sign. */
static bool is_plain_decimal(const struct csvr_table_name *name)
{
	const char *at = name->name, *end = at + name->n_bytes;
	size_t n_digits = 0, n_points = 0, n_others = 0;
	at += at < end && (*at == '-' || *at == '+');
	for (; at < end; at++) {
		n_digits += *at >= '0' && *at <= '9';
		n_points += *at == '.';
		n_others += (*at < '0' || *at > '9') && *at != '.';
	}
	return n_digits > 0 && n_points <= 1 && n_others == 0;
}

static void set_titles(struct page *page)
{
	static const char title[] = "column";
	const struct csvr_grouping *grouping = page->grouping;
	struct csvr_table *table = &page->table;
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name name = csvr_grouping_title(grouping, k);
		table->labels[k] = (struct csvr_table_label){ .title = name.text,
							      .title_bytes = name.n_bytes };
	}
	table->n_labels = grouping->n_keys;
	if (grouping->n_columns > 1)
		table->labels[table->n_labels++] =
			(struct csvr_table_label){ .title = title, .title_bytes = strlen(title) };
}

static void set_names(struct page *page, size_t group, size_t row)
{
	struct csvr_table *table = &page->table;
	struct csvr_table_name *names = &table->names[row * table->n_labels];
	for (size_t k = 0; k < page->grouping->n_keys; k++) {
		struct csvr_name key = csvr_groups_key(page->grouping->groups, group, k);
		const bool is_missing = key.text == NULL;
		if (is_missing)
			key = missing_key;
		names[k] = (struct csvr_table_name){ .name = key.text, .n_bytes = key.n_bytes };
		if (!is_missing && !is_plain_decimal(&names[k]))
			table->labels[k].is_right = false;
	}
	if (table->n_labels > page->grouping->n_keys)
		names[page->grouping->n_keys] =
			(struct csvr_table_name){ .name = table->block.rows[row].name,
						  .n_bytes = table->block.rows[row].name_bytes };
}

/* ---- pages ---- */

static enum csvr_status open_page(struct page *page, size_t n_rows)
{
	struct csvr_table *table = &page->table;
	const enum csvr_status status = csvr_table_reserve(table, n_rows);
	table->block.rows = calloc(n_rows, sizeof *table->block.rows);
	page->cells = calloc(n_rows, sizeof *page->cells);
	if (table->block.rows == NULL || page->cells == NULL)
		return CSVR_NO_MEMORY;
	for (; page->n_cells < n_rows; page->n_cells++)
		csvr_group_cells_init(&page->cells[page->n_cells],
				      page->grouping->report->distribution);
	return status;
}

static void close_page(struct page *page)
{
	for (size_t i = 0; i < page->n_cells; i++)
		csvr_group_cells_clear(&page->cells[i]);
	free(page->cells);
	csvr_table_clear(&page->table);
}

/* Groups [first, last). */
static enum csvr_status write_page(struct page *page, size_t first, size_t last)
{
	const struct csvr_grouping *grouping = page->grouping;
	struct csvr_table *table = &page->table;
	enum csvr_status status = CSVR_OK;
	for (size_t k = 0; k < grouping->n_keys; k++)
		table->labels[k].is_right = true;
	table->block.n_rows = 0;
	for (size_t g = first; g < last; g++) {
		for (size_t i = 0; i < grouping->n_columns && status == CSVR_OK; i++) {
			const size_t row = table->block.n_rows++;
			status = csvr_grouping_fill_row(grouping, g, i, &page->cells[row],
							&table->block.rows[row]);
			if (status != CSVR_OK)
				return status;
			set_names(page, g, row);
			csvr_table_compute(table, row);
		}
	}
	csvr_table_write_block(table);
	return csvr_stream_status(table->stream);
}

static enum csvr_status write_pages(const struct csvr_grouping *grouping, FILE *stream)
{
	const bool are_all = grouping->report->options->verbose ||
			     grouping->n_groups <= MOST_GROUPS;
	const size_t n_shown = are_all ? grouping->n_groups : MOST_GROUPS;
	const size_t n_fitting = ROWS_OF_PAGE / grouping->n_columns;
	const size_t step = n_fitting == 0 ? 1 : n_fitting < n_shown ? n_fitting : n_shown;
	struct page page = { .grouping = grouping };
	csvr_table_init(&page.table, grouping->report, stream);
	page.table.stats = grouping->stats;
	page.table.n_stats = grouping->n_stats;
	set_titles(&page);
	enum csvr_status status = open_page(&page, step * grouping->n_columns);
	for (size_t g = 0; g < n_shown && status == CSVR_OK; g += step) {
		if (g > 0)
			putc('\n', stream);
		status = write_page(&page, g, n_shown - g < step ? n_shown : g + step);
	}
	close_page(&page);
	if (status == CSVR_OK)
		write_rest(grouping->n_groups - n_shown, stream);
	return status;
}

enum csvr_status csvr_table_write_groups(const struct csvr_report *report, FILE *stream)
{
	struct csvr_grouping grouping;
	if (csvr_shown_groups(report->table) == NULL)
		return CSVR_OK;
	enum csvr_status status = csvr_grouping_open(&grouping, report);
	if (status == CSVR_OK)
		write_heading(&grouping, stream);
	if (status == CSVR_OK && grouping.n_columns > 0 && grouping.n_groups > 0)
		status = write_pages(&grouping, stream);
	csvr_grouping_close(&grouping);
	return status != CSVR_OK ? status : csvr_stream_status(stream);
}
