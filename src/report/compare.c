/* compare.c - the changes from one report to another */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/compare.h"

#include <stdlib.h>
#include <string.h>

#include "report/compare_internal.h"

void csvr_diff_free(struct csvr_diff *diff)
{
	if (diff == NULL)
		return;
	for (size_t t = 0; t < diff->n_tables; t++)
		free(diff->tables[t].columns);
	free(diff->tables);
	free(diff->changes);
	free(diff->is_matched);
	csvr_arena_clear(&diff->strings);
	csvr_snapshot_free(diff->now);
	free(diff);
}

const struct csvr_compared_column *csvr_diff_column(const struct csvr_diff *diff, size_t table,
						    size_t column)
{
	const struct csvr_compared_table *of = &diff->tables[table];
	const struct csvr_snapshot_column *wanted = &of->now->columns[column];
	if (of->before == NULL)
		return NULL;
	/* Lost columns are between those of now, so that it is at its index or after it. */
	size_t i = column;
	while (of->columns[i].now != wanted)
		i++;
	return &of->columns[i];
}

/* ---- changes ---- */

static bool append_change(struct csvr_diff *diff, const struct csvr_change *change)
{
	struct csvr_change *grown = csvr_array_grow(diff->changes, &diff->capacity,
						    diff->n_changes + 1, sizeof *grown);
	if (grown == NULL)
		return false;
	diff->changes = grown;
	grown[diff->n_changes++] = *change;
	return true;
}

void csvr_change_add(struct csvr_comparer *comparer, struct csvr_change *change,
		     const struct csvr_sentence *sentence)
{
	struct csvr_diff *diff = comparer->diff;
	const struct csvr_change_rule rule = csvr_change_rule_for(comparer->rules, change->kind,
								  comparer->name, diff->is_matched);
	change->table = comparer->table;
	change->column = comparer->column;
	change->threshold = rule.threshold;
	change->is_off = rule.is_off;
	change->is_beyond = !rule.is_off && (csvr_change_types[change->kind].unit == NULL ||
					     change->size > rule.threshold);
	change->sentence = csvr_arena_copy(&diff->strings, sentence->text, sentence->n_bytes);
	const bool is_complete = change->sentence != NULL && append_change(diff, change);
	comparer->is_out_of_memory |= !is_complete;
	diff->n_beyond += is_complete && change->is_beyond;
}

/* How far beyond its rule a change is. Those without a size come first. */
static double rank_of(const struct csvr_change *change)
{
	static const double most = 1e300;
	if (csvr_change_types[change->kind].unit == NULL)
		return most;
	return change->threshold > 0 ? change->size / change->threshold : change->size;
}

static int compare_changes(const void *left, const void *right)
{
	const struct csvr_change *a = left, *b = right;
	if (a->is_beyond != b->is_beyond)
		return a->is_beyond ? -1 : 1;
	const double rank_a = rank_of(a), rank_b = rank_of(b);
	if (rank_a != rank_b)
		return rank_a > rank_b ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->sentence, b->sentence);
}

static void sort_changes(struct csvr_diff *diff, size_t first)
{
	const size_t n = diff->n_changes - first;
	if (n > 1)
		qsort(diff->changes + first, n, sizeof *diff->changes, compare_changes);
}

/* ---- columns ---- */

/* Lists the columns as they are now, each lost one after the column that it followed. */
static void order_columns(struct csvr_compared_table *table, const uint32_t *match,
			  const bool *is_taken)
{
	const size_t n_before = table->before != NULL ? table->before->n_columns : 0;
	const size_t n_now = table->now != NULL ? table->now->n_columns : 0;
	size_t n = 0;
	/* Lost columns at the start */
	for (size_t k = 0; k < n_before && !is_taken[k]; k++)
		table->columns[n++].before = &table->before->columns[k];
	for (size_t i = 0; i < n_now; i++) {
		struct csvr_compared_column *column = &table->columns[n++];
		column->now = &table->now->columns[i];
		if (n_before == 0 || match[i] == CSVR_NO_INDEX)
			continue;
		column->before = &table->before->columns[match[i]];
		for (size_t k = match[i] + (size_t)1; k < n_before && !is_taken[k]; k++)
			table->columns[n++].before = &table->before->columns[k];
	}
	table->n_columns = n;
}

static void compare_listed(struct csvr_comparer *comparer, struct csvr_compared_table *table,
			   const char *const *reasons)
{
	struct csvr_diff *diff = comparer->diff;
	for (size_t i = 0; i < table->n_columns && !comparer->is_out_of_memory; i++) {
		struct csvr_compared_column *column = &table->columns[i];
		const size_t index = column->now != NULL
					     ? (size_t)(column->now - table->now->columns)
					     : 0;
		comparer->column = (uint32_t)i;
		comparer->name = column->now != NULL ? &column->now->name : &column->before->name;
		column->first_change = diff->n_changes;
		/* Items of rules are about this column, whether it has changed or not. */
		(void)csvr_change_rule_for(comparer->rules, CSVR_CHANGE_LOST, comparer->name,
					   diff->is_matched);
		if (column->before != NULL)
			(void)csvr_change_rule_for(comparer->rules, CSVR_CHANGE_LOST,
						   &column->before->name, diff->is_matched);
		csvr_compare_column(comparer, column->before, column->now,
				    column->now != NULL ? reasons[index] : NULL);
		sort_changes(diff, column->first_change);
		column->n_changes = diff->n_changes - column->first_change;
		table->n_changed_columns += column->n_changes > 0;
	}
}

/* Compares the columns of a table that is in both. */
static void compare_columns(struct csvr_comparer *comparer, struct csvr_compared_table *table)
{
	const size_t n_before = table->before->n_columns, n_now = table->now->n_columns;
	uint32_t *match = calloc(n_now + 1, sizeof *match);
	const char **reasons = calloc(n_now + 1, sizeof(const char *));
	bool *is_taken = calloc(n_before + 1, sizeof *is_taken);
	table->columns = calloc(n_before + n_now + 1, sizeof *table->columns);
	if (match == NULL || reasons == NULL || is_taken == NULL || table->columns == NULL ||
	    csvr_match_columns(table->before, table->now, match, reasons) != CSVR_OK) {
		comparer->is_out_of_memory = true;
	} else {
		for (size_t i = 0; i < n_now; i++)
			if (match[i] != CSVR_NO_INDEX)
				is_taken[match[i]] = true;
		order_columns(table, match, is_taken);
		compare_listed(comparer, table, reasons);
	}
	free(match);
	free(reasons);
	free(is_taken);
}

/* ---- tables ---- */

static void add_rows(struct csvr_comparer *comparer, const struct csvr_compared_table *table)
{
	const double before = table->before->n_rows, now = table->now->n_rows;
	const double least = before < now ? before : now, most = before < now ? now : before;
	struct csvr_change change = { .kind = CSVR_CHANGE_ROWS,
				      .has_numbers = true,
				      .old_number = before,
				      .new_number = now };
	if (before == now)
		return;
	struct csvr_sentence sentence = { .n_bytes = 0 };
	csvr_sentence_add(&sentence, "rows %s from ", now > before ? "rose" : "fell");
	csvr_sentence_add_count(&sentence, before);
	csvr_sentence_add(&sentence, " to ");
	csvr_sentence_add_count(&sentence, now);
	/* No rows are less than any share of some. */
	change.size = least > 0 ? most / least - 1 : most * 1e6;
	csvr_change_add(comparer, &change, &sentence);
}

static void add_table(struct csvr_comparer *comparer, const struct csvr_compared_table *table)
{
	const bool is_new = table->before == NULL;
	const struct csvr_snapshot_table *of = is_new ? table->now : table->before;
	struct csvr_change change = { .kind = is_new ? CSVR_CHANGE_NEW : CSVR_CHANGE_LOST };
	struct csvr_sentence sentence = { .n_bytes = 0 };
	csvr_sentence_add(&sentence, "the table is %s: ", is_new ? "new" : "gone");
	csvr_sentence_add_count(&sentence, (double)of->n_columns);
	csvr_sentence_add(&sentence, " column%s, ", of->n_columns == 1 ? "" : "s");
	csvr_sentence_add_count(&sentence, of->n_rows);
	csvr_sentence_add(&sentence, " row%s", of->n_rows == 1 ? "" : "s");
	csvr_change_add(comparer, &change, &sentence);
}

static void compare_table(struct csvr_comparer *comparer, struct csvr_compared_table *table)
{
	struct csvr_diff *diff = comparer->diff;
	comparer->table = (uint32_t)(table - diff->tables);
	comparer->column = CSVR_NO_INDEX;
	comparer->name = NULL;
	table->first_change = diff->n_changes;
	if (table->before == NULL || table->now == NULL)
		add_table(comparer, table);
	else
		add_rows(comparer, table);
	table->n_own_changes = diff->n_changes - table->first_change;
	if (table->before != NULL && table->now != NULL)
		compare_columns(comparer, table);
	table->n_changes = diff->n_changes - table->first_change;
}

/* Lists the tables as they are now, then the lost ones. */
static enum csvr_status list_tables(struct csvr_diff *diff)
{
	const struct csvr_snapshot *before = diff->before, *now = diff->now;
	uint32_t *match = calloc(now->n_tables + 1, sizeof *match);
	bool *is_taken = calloc(before->n_tables + 1, sizeof *is_taken);
	diff->tables = calloc(now->n_tables + before->n_tables, sizeof *diff->tables);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (match != NULL && is_taken != NULL && diff->tables != NULL)
		status = csvr_match_tables(before, now, match);
	for (size_t t = 0; t < now->n_tables && status == CSVR_OK; t++) {
		struct csvr_compared_table *table = &diff->tables[diff->n_tables++];
		table->now = &now->tables[t];
		if (match[t] == CSVR_NO_INDEX)
			continue;
		table->before = &before->tables[match[t]];
		is_taken[match[t]] = true;
	}
	for (size_t t = 0; t < before->n_tables && status == CSVR_OK; t++)
		if (!is_taken[t])
			diff->tables[diff->n_tables++].before = &before->tables[t];
	free(match);
	free(is_taken);
	return status;
}

enum csvr_status csvr_compare_snapshots(const struct csvr_snapshot *before,
					struct csvr_snapshot *now,
					const struct csvr_string_list *rules,
					struct csvr_diff **diff)
{
	struct csvr_diff *made = calloc(1, sizeof *made);
	*diff = NULL;
	if (made == NULL) {
		csvr_snapshot_free(now);
		return CSVR_NO_MEMORY;
	}
	csvr_arena_init(&made->strings);
	made->before = before;
	made->now = now;
	struct csvr_comparer comparer = { .diff = made, .rules = rules };
	made->is_matched = calloc(rules->n_words + 1, sizeof *made->is_matched);
	comparer.is_out_of_memory = made->is_matched == NULL || list_tables(made) != CSVR_OK;
	for (size_t t = 0; t < made->n_tables && !comparer.is_out_of_memory; t++)
		compare_table(&comparer, &made->tables[t]);
	if (comparer.is_out_of_memory) {
		csvr_diff_free(made);
		return CSVR_NO_MEMORY;
	}
	*diff = made;
	return CSVR_OK;
}

enum csvr_status csvr_compare(const struct csvr_snapshot *before, const char *old_path,
			      const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			      const struct csvr_settings *settings, struct csvr_diff **diff)
{
	struct csvr_snapshot *now;
	*diff = NULL;
	enum csvr_status status = csvr_snapshot_of_summary(summary, inputs, settings, &now);
	if (status == CSVR_OK)
		status = csvr_compare_snapshots(before, now, &settings->report.change_rules, diff);
	if (status == CSVR_OK)
		(*diff)->old_path = old_path;
	return status;
}
