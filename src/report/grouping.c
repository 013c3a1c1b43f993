/* grouping.c - the groups of a table as reports show them */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/grouping.h"

#include <stdlib.h>
#include <string.h>

#include "report/writers.h"
#include "stats/column_type.h"
#include "stats/distribution.h"

const struct csvr_groups *csvr_shown_groups(const struct csvr_data_table *table)
{
	return table->groups != NULL && csvr_groups_have_keys(table->groups) ? table->groups : NULL;
}

/* ---- titles of keys ---- */

/* The title of a key if its files give it different names. */
static struct csvr_name item_as_written(const struct csvr_parse_options *parse, size_t key)
{
	static const char file[] = ":file";
	const char *item = parse->group_by.word[key];
	item += strcmp(item, file) == 0;
	return (struct csvr_name){ item, strlen(item) };
}

struct csvr_name csvr_key_title(const struct csvr_groups *groups,
				const struct csvr_parse_options *parse, size_t key)
{
	struct csvr_name title = { NULL, 0 };
	if (groups != NULL)
		title = csvr_groups_title(groups, key);
	return title.text != NULL ? title : item_as_written(parse, key);
}

struct csvr_name csvr_grouping_title(const struct csvr_grouping *grouping, size_t key)
{
	return csvr_key_title(grouping->groups, grouping->report->parse, key);
}

struct csvr_name csvr_document_key_title(const struct csvr_document *document, size_t key)
{
	struct csvr_name common = { NULL, 0 };
	for (size_t t = 0; t < document->n_tables; t++) {
		const struct csvr_groups *groups = csvr_shown_groups(
			csvr_summary_table(document->summary, t));
		if (groups == NULL)
			continue;
		const struct csvr_name title = csvr_groups_title(groups, key);
		if (title.text == NULL ||
		    (common.text != NULL && csvr_name_compare(&title, &common) != 0))
			return item_as_written(document->parse, key);
		common = title;
	}
	return common.text != NULL ? common : item_as_written(document->parse, key);
}

/* ---- statistics ---- */

/* Those of groups by default. More of them would make a report of many groups hard to read. */
static bool is_default(const struct csvr_statistic *statistic)
{
	static const char *const names[] = { "count",  "missing", "invalid", "mean",
					     "stddev", "min",     "max" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(statistic->name, names[i]) == 0)
			return true;
	return false;
}

/* A file has no groups, so groups have no files. */
static bool is_of_groups(const struct csvr_statistic *statistic,
			 const struct csvr_statistic_options *requested)
{
	if (strcmp(statistic->name, "files") == 0)
		return false;
	return (requested->all && !requested->is_implied) || requested->names.n_words > 0
		       ? csvr_statistic_is_requested(statistic, requested)
		       : is_default(statistic);
}

size_t csvr_document_group_statistics(const struct csvr_document *document,
				      const struct csvr_statistic *stats[CSVR_MAX_SHOWN])
{
	size_t n = 0;
	for (size_t i = 0; i < document->known.n_items; i++)
		if (is_of_groups(document->known.item[i], document->requested))
			stats[n++] = document->known.item[i];
	return n;
}

/* Whether a statistic that people see only if it is not 0 is 0 in all groups: the cells of all groups are those of the
 * columns. */
static bool is_zero_everywhere(const struct csvr_grouping *grouping,
			       const struct csvr_statistic *statistic)
{
	for (size_t i = 0; i < grouping->n_columns; i++) {
		const struct csvr_value value = csvr_report_row_value(&grouping->columns[i],
								      statistic);
		if (value.kind != CSVR_VALUE_COUNT || value.count > 0)
			return false;
	}
	return true;
}

static void choose_statistics(struct csvr_grouping *grouping)
{
	const struct csvr_report *report = grouping->report;
	size_t n = 0;
	grouping->n_stats = csvr_document_group_statistics(report->document, grouping->stats);
	if (!csvr_writer_of(report->options->format)->is_for_people)
		return;
	for (size_t i = 0; i < grouping->n_stats; i++) {
		const struct csvr_statistic *statistic = grouping->stats[i];
		const bool is_optional = statistic->in_table == CSVR_SHOW_IF_NONZERO &&
					 !csvr_statistic_is_requested(statistic, report->requested);
		if (!is_optional || !is_zero_everywhere(grouping, statistic))
			grouping->stats[n++] = statistic;
	}
	grouping->n_stats = n;
}

/* ---- columns ---- */

/* Without --select, columns of text and booleans would only repeat the counts of rows. */
static bool has_amounts(const struct csvr_column *column)
{
	return csvr_column_quantity(column) != CSVR_N_QUANTITIES;
}

static enum csvr_status choose_columns(struct csvr_grouping *grouping)
{
	const struct csvr_report *report = grouping->report;
	const struct csvr_data_table *table = report->table;
	const bool are_selected = report->parse->select.n_words > 0;
	const size_t n_columns = csvr_data_table_count_columns(table);
	grouping->columns = calloc(n_columns + 1, sizeof *grouping->columns);
	if (grouping->columns == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_columns; i++) {
		if (csvr_groups_is_key(grouping->groups, i) ||
		    (!are_selected && !has_amounts(&table->columns[i].stats)))
			continue;
		csvr_report_row_init(&grouping->columns[grouping->n_columns++], report, i,
				     &table->columns[i].stats);
	}
	return CSVR_OK;
}

/* ---- opening ---- */

enum csvr_status csvr_grouping_open(struct csvr_grouping *grouping,
				    const struct csvr_report *report)
{
	*grouping = (struct csvr_grouping){ .report = report,
					    .groups = csvr_shown_groups(report->table) };
	if (grouping->groups == NULL)
		return CSVR_OK;
	grouping->n_groups = csvr_groups_count(grouping->groups);
	grouping->n_keys = csvr_groups_n_keys(grouping->groups);
	const enum csvr_status status = choose_columns(grouping);
	if (status == CSVR_OK)
		choose_statistics(grouping);
	return status;
}

void csvr_grouping_close(struct csvr_grouping *grouping)
{
	free(grouping->columns);
}

/* ---- rows ---- */

void csvr_group_cells_init(struct csvr_group_cells *cells, struct csvr_distribution *distribution)
{
	csvr_column_init(&cells->column);
	cells->distribution = distribution;
}

void csvr_group_cells_clear(struct csvr_group_cells *cells)
{
	csvr_groups_column_clear(&cells->column);
}

enum csvr_status csvr_grouping_fill_row(const struct csvr_grouping *grouping, size_t group,
					size_t column, struct csvr_group_cells *cells,
					struct csvr_report_row *row)
{
	*row = grouping->columns[column];
	const enum csvr_status status = csvr_groups_column(grouping->groups, group, row->index,
							   row->column, &cells->column);
	/* It may remember values of another group at the same address. */
	csvr_distribution_init(cells->distribution);
	row->column = &cells->column;
	row->distribution = cells->distribution;
	row->n_rows = csvr_groups_n_rows(grouping->groups, group);
	return status;
}
