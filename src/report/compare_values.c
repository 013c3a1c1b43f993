/* compare_values.c - the changes of the frequent values of a column, and of the number of distinct ones */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>

#include "report/compare_internal.h"

const struct csvr_snapshot_item *csvr_find_item(const struct csvr_snapshot_column *column,
						const struct csvr_snapshot_item *item)
{
	for (size_t i = 0; i < column->n_items; i++)
		if (column->items[i].is_number == item->is_number &&
		    csvr_name_compare(&column->items[i].text, &item->text) == 0)
			return &column->items[i];
	return NULL;
}

double csvr_evidence_of_item(struct csvr_part before, struct csvr_part now, double k)
{
	/* At most n / k values have k of n cells. */
	return k <= 0 ? 0
		      : csvr_evidence_of_shares(before, now) -
				csvr_logarithm((before.n + now.n) / k);
}

/* ---- values that are frequent in one report only ---- */

/* The most frequent values of `of` that are not among those of `other`. */
struct gone {
	const struct csvr_snapshot_column *of, *other;
	double n_of, n_other; /* cells */
	double most_other; /* cells that a value may have that is not among those of `other` */
};

/* Cells of a value that a column does not list: 0 if it lists all values. */
static double most_unlisted(const struct csvr_snapshot_column *column)
{
	return csvr_snapshot_has_all_items(column) ? 0 : column->items[column->n_items - 1].n_cells;
}

/* Whether chance is excluded; `*size`: by how much the share differs at least. */
static bool is_gone(const struct gone *gone, const struct csvr_snapshot_item *item, double *size)
{
	const struct csvr_part here = { item->n_cells, gone->n_of };
	const struct csvr_part there = { gone->most_other, gone->n_other };
	*size = csvr_share(here) - csvr_share(there);
	return *size > 0 && csvr_find_item(gone->other, item) == NULL &&
	       csvr_evidence_of_item(there, here, here.k) >= CSVR_CHANGE_EVIDENCE;
}

static void add_gone(struct csvr_comparer *comparer, const struct gone *gone, bool is_new)
{
	enum { MOST_NAMED = 3 };
	const bool is_complete = gone->most_other == 0;
	struct csvr_change change = { .kind = CSVR_CHANGE_VALUES };
	struct csvr_sentence sentence = { .n_bytes = 0 };
	size_t n = 0;
	csvr_sentence_add(&sentence, "%s: ",
			  is_complete ? is_new ? "new values" : "values that are gone"
			  : is_new    ? "values that are now frequent"
				      : "values that are no longer frequent");
	for (size_t i = 0; i < gone->of->n_items; i++) {
		const struct csvr_snapshot_item *item = &gone->of->items[i];
		double size;
		if (!is_gone(gone, item, &size))
			continue;
		change.size += size;
		if (n++ >= MOST_NAMED)
			continue;
		csvr_sentence_add(&sentence, "%s", n > 1 ? ", " : "");
		if (item->is_number)
			csvr_sentence_add(&sentence, "%s", item->text.text);
		else
			csvr_sentence_add_text(&sentence, &item->text);
		csvr_sentence_add(&sentence, " (");
		csvr_sentence_add_share(&sentence, item->n_cells / gone->n_of);
		csvr_sentence_add(&sentence, ")");
	}
	if (n > MOST_NAMED)
		csvr_sentence_add(&sentence, " and %zu more", n - MOST_NAMED);
	csvr_change_add(comparer, &change, &sentence);
}

static void find_gone(struct csvr_comparer *comparer, const struct csvr_snapshot_column *of,
		      const struct csvr_snapshot_column *other, bool is_new)
{
	const struct gone gone = { .of = of,
				   .other = other,
				   .n_of = csvr_snapshot_n_present(of),
				   .n_other = csvr_snapshot_n_present(other),
				   .most_other = most_unlisted(other) };
	double size;
	bool is_any = false;
	for (size_t i = 0; i < of->n_items && !is_any; i++)
		is_any = is_gone(&gone, &of->items[i], &size);
	if (is_any)
		add_gone(comparer, &gone, is_new);
}

/* ---- values that are frequent in both ---- */

static void add_shares(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
		       const struct csvr_snapshot_column *now)
{
	const double n1 = csvr_snapshot_n_present(before), n2 = csvr_snapshot_n_present(now);
	const struct csvr_snapshot_item *greatest = NULL;
	struct csvr_change change = { .kind = CSVR_CHANGE_SHARES, .has_numbers = true };
	size_t n = 0;
	for (size_t i = 0; i < now->n_items; i++) {
		const struct csvr_snapshot_item *item = &now->items[i];
		const struct csvr_snapshot_item *old = csvr_find_item(before, item);
		if (old == NULL)
			continue;
		const struct csvr_part was = { old->n_cells, n1 }, is = { item->n_cells, n2 };
		const double size = fabs(csvr_share(is) - csvr_share(was));
		if (csvr_evidence_of_item(was, is, was.k + is.k) < CSVR_CHANGE_EVIDENCE)
			continue;
		n++;
		if (size <= change.size)
			continue;
		greatest = item;
		change.size = size;
		change.old_number = csvr_share(was);
		change.new_number = csvr_share(is);
	}
	if (greatest == NULL)
		return;
	struct csvr_sentence sentence = { .n_bytes = 0 };
	csvr_sentence_add(&sentence, "share of ");
	if (greatest->is_number)
		csvr_sentence_add(&sentence, "%s", greatest->text.text);
	else
		csvr_sentence_add_text(&sentence, &greatest->text);
	csvr_sentence_add(&sentence, " %s from ",
			  change.new_number > change.old_number ? "rose" : "fell");
	csvr_sentence_add_share(&sentence, change.old_number);
	csvr_sentence_add(&sentence, " to ");
	csvr_sentence_add_share(&sentence, change.new_number);
	if (n > 1)
		csvr_sentence_add(&sentence, ", and %zu others changed less", n - 1);
	csvr_change_add(comparer, &change, &sentence);
}

/* ---- distinct values ---- */

static void add_distinct(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
			 const struct csvr_snapshot_column *now)
{
	if (!before->distinct.is_known || !now->distinct.is_known || before->has_more ||
	    now->has_more)
		return;
	const struct csvr_diff *diff = comparer->diff;
	const struct csvr_distinct was = csvr_distinct_of(before, diff->before->n_columns);
	const struct csvr_distinct is = csvr_distinct_of(now, diff->now->n_columns);
	double size;
	if (csvr_evidence_of_distinct(&was, &is, &size) < CSVR_CHANGE_EVIDENCE)
		return;
	struct csvr_change change = { .kind = CSVR_CHANGE_DISTINCT,
				      .has_numbers = true,
				      .old_number = before->distinct.value,
				      .new_number = now->distinct.value,
				      .size = fabs(size) };
	struct csvr_sentence sentence = { .n_bytes = 0 };
	csvr_sentence_add(&sentence, "distinct values %s from %s", size > 0 ? "rose" : "fell",
			  before->distinct.is_estimate ? "about " : "");
	csvr_sentence_add_count(&sentence, change.old_number);
	csvr_sentence_add(&sentence, " to %s", now->distinct.is_estimate ? "about " : "");
	csvr_sentence_add_count(&sentence, change.new_number);
	csvr_sentence_add(&sentence, ", which the number of rows does not explain");
	csvr_change_add(comparer, &change, &sentence);
}

void csvr_compare_values(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
			 const struct csvr_snapshot_column *now)
{
	if (before->n_items > 0 && now->n_items > 0) {
		find_gone(comparer, now, before, true);
		find_gone(comparer, before, now, false);
		add_shares(comparer, before, now);
	}
	add_distinct(comparer, before, now);
}
