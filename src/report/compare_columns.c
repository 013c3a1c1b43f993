/* compare_columns.c - the changes of a column: schema, shares of cells, and values with an order */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>

#include "report/compare_internal.h"

/* ---- schema ---- */

bool csvr_types_are_alike(enum csvr_type a, enum csvr_type b)
{
	static const enum csvr_type kinds[CSVR_N_TYPES] = {
		[CSVR_TYPE_EMPTY] = CSVR_TYPE_EMPTY,     [CSVR_TYPE_INTEGER] = CSVR_TYPE_DECIMAL,
		[CSVR_TYPE_DECIMAL] = CSVR_TYPE_DECIMAL, [CSVR_TYPE_BOOLEAN] = CSVR_TYPE_BOOLEAN,
		[CSVR_TYPE_DATE] = CSVR_TYPE_DATETIME,   [CSVR_TYPE_DATETIME] = CSVR_TYPE_DATETIME,
		[CSVR_TYPE_TIME] = CSVR_TYPE_TIME,       [CSVR_TYPE_TEXT] = CSVR_TYPE_TEXT,
		[CSVR_TYPE_MIXED] = CSVR_TYPE_MIXED,
	};
	return kinds[a] == kinds[b];
}

static struct csvr_part part_of(double k, double n)
{
	return (struct csvr_part){ k, n };
}

static bool shares_differ(double k1, double n1, double k2, double n2)
{
	return n1 > 0 && n2 > 0 && k1 / n1 != k2 / n2 &&
	       csvr_evidence_of_shares(part_of(k1, n1), part_of(k2, n2)) >= CSVR_CHANGE_EVIDENCE;
}

/* Cells that are not missing. */
static double n_filled(const struct csvr_snapshot_column *column)
{
	return csvr_snapshot_n_present(column) + column->cells[CSVR_CELL_NAN] +
	       column->cells[CSVR_CELL_INFINITE];
}

static bool is_pure(const struct csvr_snapshot_column *column)
{
	return column->type != CSVR_TYPE_MIXED && column->n_invalid == 0;
}

/* Whether chance can make a column of one type one of the other: some of its cells are of other classes, and their
 * shares do not differ. */
static bool is_type_chance(const struct csvr_snapshot_column *before,
			   const struct csvr_snapshot_column *now)
{
	if (csvr_types_are_alike(before->type, now->type))
		return false;
	if (before->type == CSVR_TYPE_EMPTY || now->type == CSVR_TYPE_EMPTY)
		return !shares_differ(before->cells[CSVR_CELL_MISSING], before->n_rows,
				      now->cells[CSVR_CELL_MISSING], now->n_rows);
	if (is_pure(before) && is_pure(now) && before->type != CSVR_TYPE_TEXT &&
	    now->type != CSVR_TYPE_TEXT)
		return false;
	bool differ = false;
	for (int class = 0; class < CSVR_N_CELL_CLASSES && !differ; class ++)
		differ = class != CSVR_CELL_MISSING &&
			 shares_differ(before->cells[class], n_filled(before), now->cells[class],
				       n_filled(now));
	/* A column of texts has no invalid cells, so it is pure only if all are texts. */
	const double texts_before = before->cells[CSVR_CELL_TEXT],
		     texts_now = now->cells[CSVR_CELL_TEXT];
	const bool are_apart = (texts_before == n_filled(before) && texts_now == 0 &&
				is_pure(now)) ||
			       (texts_now == n_filled(now) && texts_before == 0 && is_pure(before));
	return !differ && !are_apart;
}

static void add_type(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
		     const struct csvr_snapshot_column *now)
{
	struct csvr_change change = { .kind = CSVR_CHANGE_TYPE,
				      .old_text = csvr_type_name(before->type),
				      .new_text = csvr_type_name(now->type) };
	struct csvr_sentence sentence = { .n_bytes = 0 };
	if (before->type == now->type || is_type_chance(before, now))
		return;
	csvr_sentence_add(&sentence, "type changed from %s to %s", change.old_text,
			  change.new_text);
	csvr_change_add(comparer, &change, &sentence);
}

/* A column that is lost, new or renamed. */
static void add_presence(struct csvr_comparer *comparer, enum csvr_change_kind kind,
			 const struct csvr_snapshot_column *before,
			 const struct csvr_snapshot_column *now, const char *reason)
{
	struct csvr_change change = { .kind = kind };
	struct csvr_sentence sentence = { .n_bytes = 0 };
	if (kind == CSVR_CHANGE_RENAMED) {
		change.old_text = before->name.text;
		change.new_text = now->name.text;
		csvr_sentence_add(&sentence, "was named ");
		csvr_sentence_add_text(&sentence, &before->name);
		csvr_sentence_add(&sentence, " before: %s", reason);
	} else {
		change.old_text = before != NULL ? csvr_type_name(before->type) : NULL;
		change.new_text = now != NULL ? csvr_type_name(now->type) : NULL;
		csvr_sentence_add(&sentence, "the column is %s (%s)", now != NULL ? "new" : "gone",
				  now != NULL ? change.new_text : change.old_text);
	}
	csvr_change_add(comparer, &change, &sentence);
}

/* ---- shares of cells ---- */

static void add_share(struct csvr_comparer *comparer, enum csvr_change_kind kind, const char *cells,
		      struct csvr_part before, struct csvr_part now)
{
	if (!shares_differ(before.k, before.n, now.k, now.n))
		return;
	const double old_share = csvr_share(before), new_share = csvr_share(now);
	struct csvr_change change = { .kind = kind,
				      .has_numbers = true,
				      .old_number = old_share,
				      .new_number = new_share,
				      .size = fabs(new_share - old_share) };
	struct csvr_sentence sentence = { .n_bytes = 0 };
	csvr_sentence_add(&sentence, "%s cells %s from ", cells,
			  new_share > old_share ? "rose" : "fell");
	csvr_sentence_add_share(&sentence, old_share);
	csvr_sentence_add(&sentence, " to ");
	csvr_sentence_add_share(&sentence, new_share);
	csvr_change_add(comparer, &change, &sentence);
}

static double n_nan(const struct csvr_snapshot_column *column)
{
	return column->cells[CSVR_CELL_NAN] + column->cells[CSVR_CELL_INFINITE];
}

static void add_shares(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
		       const struct csvr_snapshot_column *now)
{
	add_share(comparer, CSVR_CHANGE_MISSING, "missing",
		  part_of(before->cells[CSVR_CELL_MISSING], before->n_rows),
		  part_of(now->cells[CSVR_CELL_MISSING], now->n_rows));
	add_share(comparer, CSVR_CHANGE_NAN, "nan and infinite",
		  part_of(n_nan(before), before->n_rows), part_of(n_nan(now), now->n_rows));
	if (csvr_types_are_alike(before->type, now->type))
		add_share(comparer, CSVR_CHANGE_INVALID, "invalid",
			  part_of(before->n_invalid, before->n_rows),
			  part_of(now->n_invalid, now->n_rows));
}

/* ---- values with an order ---- */

/* Values of one report that are beyond all values of the other one. */
struct outside {
	double share;
	bool is_old; /* the values of before */
	bool is_below;
	double limit, reach; /* the extreme of the others, and of these */
};

/* The values that exclude chance, of which there are most; share 0: there are none. */
static struct outside find_outside(const struct csvr_snapshot_column *before,
				   const struct csvr_snapshot_column *now)
{
	struct outside greatest = { 0 };
	if (!before->min.is_known || !before->max.is_known || !now->min.is_known ||
	    !now->max.is_known)
		return greatest;
	for (int i = 0; i < 4; i++) {
		const bool is_old = (i & 1) != 0, is_below = (i & 2) != 0;
		const struct csvr_snapshot_column *of = is_old ? before : now;
		const struct csvr_snapshot_column *others = is_old ? now : before;
		const double limit = is_below ? others->min.value : others->max.value;
		const double n = csvr_snapshot_n_values(of);
		const double share = csvr_share_outside(of, limit, is_below);
		/* The share is a quotient that was rounded. */
		const double n_outside = share * n * (1 - 0x1p-40);
		if (share > greatest.share &&
		    csvr_evidence_of_new(n_outside, n, csvr_snapshot_n_values(others)) >=
			    CSVR_CHANGE_EVIDENCE)
			greatest = (struct outside){ share, is_old, is_below, limit,
						     is_below ? of->min.value : of->max.value };
	}
	return greatest;
}

/* Returns whether all values are outside. */
static bool add_range(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
		      const struct csvr_snapshot_column *now)
{
	const struct outside outside = find_outside(before, now);
	const struct csvr_snapshot_column *of = outside.is_old ? before : now;
	if (outside.share <= 0)
		return false;
	struct csvr_change change = { .kind = CSVR_CHANGE_RANGE,
				      .has_numbers = csvr_snapshot_quantity(now) ==
						     CSVR_QUANTITY_NUMBER,
				      .old_number = outside.is_old ? outside.reach : outside.limit,
				      .new_number = outside.is_old ? outside.limit : outside.reach,
				      .size = outside.share };
	if (!change.has_numbers) {
		change.old_text = csvr_value_text(comparer, before, change.old_number);
		change.new_text = csvr_value_text(comparer, now, change.new_number);
	}
	const char *extreme = outside.is_below ? "minimum" : "maximum";
	struct csvr_sentence sentence = { .n_bytes = 0 };
	if (outside.share >= 1)
		csvr_sentence_add(&sentence, "all");
	else
		csvr_sentence_add_share(&sentence, outside.share);
	csvr_sentence_add(&sentence, "%s %s values %s %s the %s %s of ",
			  outside.share < 1 ? " or more of the" : "",
			  outside.is_old ? "old" : "new", outside.is_old ? "were" : "are",
			  outside.is_below ? "below" : "above", outside.is_old ? "new" : "old",
			  extreme);
	csvr_sentence_add_value(&sentence, of, outside.limit);
	csvr_sentence_add(&sentence, "; the %s %s ", extreme, outside.is_old ? "was" : "is");
	csvr_sentence_add_value(&sentence, of, outside.reach);
	csvr_change_add(comparer, &change, &sentence);
	return outside.share >= 1;
}

static void add_mean(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
		     const struct csvr_snapshot_column *now)
{
	double deviation;
	if (!before->mean.is_known || !now->mean.is_known || !before->stddev.is_known ||
	    !now->stddev.is_known || !before->min.is_known || !now->min.is_known ||
	    !before->max.is_known || !now->max.is_known || before->mean.value == now->mean.value ||
	    csvr_evidence_of_means(before, now, &deviation) < CSVR_CHANGE_EVIDENCE)
		return;
	const double unit = before->stddev.value > 0 ? before->stddev.value : deviation;
	struct csvr_change change = { .kind = CSVR_CHANGE_MEAN,
				      .has_numbers = true,
				      .old_number = before->mean.value,
				      .new_number = now->mean.value };
	change.size = fabs(change.new_number - change.old_number) / unit;
	struct csvr_sentence sentence = { .n_bytes = 0 };
	csvr_sentence_add(&sentence, "mean %s from ",
			  change.new_number > change.old_number ? "rose" : "fell");
	csvr_sentence_add_number(&sentence, change.old_number);
	csvr_sentence_add(&sentence, " to ");
	csvr_sentence_add_number(&sentence, change.new_number);
	csvr_sentence_add(&sentence, ", by ");
	csvr_sentence_add_brief(&sentence, change.size);
	csvr_sentence_add(&sentence, " standard deviations");
	csvr_change_add(comparer, &change, &sentence);
}

/* A bound of a share. */
static void add_bound(struct csvr_sentence *sentence, double share, bool is_least)
{
	if (share >= 1 || share <= 0) {
		csvr_sentence_add(sentence, share >= 1 ? "all" : "none");
		return;
	}
	csvr_sentence_add(sentence, is_least ? "at least " : "at most ");
	csvr_sentence_add_share(sentence, share);
}

static void add_quantiles(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
			  const struct csvr_snapshot_column *now)
{
	const struct csvr_distance found = csvr_distance_of(before, now);
	if (found.distance <= 0 || found.evidence < CSVR_CHANGE_EVIDENCE)
		return;
	struct csvr_change change = { .kind = CSVR_CHANGE_QUANTILES,
				      .has_numbers = true,
				      .old_number = found.is_rise ? found.least : found.most,
				      .new_number = found.is_rise ? found.most : found.least,
				      .size = found.distance };
	struct csvr_sentence sentence = { .n_bytes = 0 };
	csvr_sentence_add(&sentence, "values %s: of the old ones ",
			  found.is_rise ? "rose" : "fell");
	add_bound(&sentence, change.old_number, found.is_rise);
	csvr_sentence_add(&sentence, " are up to ");
	csvr_sentence_add_value(&sentence, now, found.at);
	csvr_sentence_add(&sentence, ", of the new ones ");
	add_bound(&sentence, change.new_number, !found.is_rise);
	csvr_change_add(comparer, &change, &sentence);
}

/* ---- columns ---- */

const char *const csvr_lacking_names[CSVR_N_LACKINGS] = {
	[CSVR_LACKS_PERCENTILES] = "percentiles",
	[CSVR_LACKS_HISTOGRAM] = "histogram",
	[CSVR_LACKS_DISTINCT] = "distinct",
	[CSVR_LACKS_TOP] = "top",
};

static bool has_distinct(const struct csvr_snapshot_column *column)
{
	return column->distinct.is_known && !column->has_more;
}

/* Notes what a column lacks that the other one has. */
static void note_lacking(bool lacks[CSVR_N_LACKINGS], const struct csvr_snapshot_column *column,
			 const struct csvr_snapshot_column *other)
{
	const bool knows_percentiles = column->percentiles[0].is_known;
	lacks[CSVR_LACKS_PERCENTILES] |= !knows_percentiles && other->percentiles[0].is_known;
	lacks[CSVR_LACKS_HISTOGRAM] |= column->histogram == NULL && other->histogram != NULL;
	lacks[CSVR_LACKS_DISTINCT] |= !has_distinct(column) && has_distinct(other);
	/* A column of too many values has no frequent ones, but an estimate of their number. */
	lacks[CSVR_LACKS_TOP] |= column->n_items == 0 && !has_distinct(column) &&
				 other->n_items > 0;
}

void csvr_compare_column(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
			 const struct csvr_snapshot_column *now, const char *reason)
{
	if (before == NULL || now == NULL) {
		add_presence(comparer, before == NULL ? CSVR_CHANGE_NEW : CSVR_CHANGE_LOST, before,
			     now, NULL);
		return;
	}
	if (reason != NULL)
		add_presence(comparer, CSVR_CHANGE_RENAMED, before, now, reason);
	add_type(comparer, before, now);
	add_shares(comparer, before, now);
	if (csvr_snapshot_n_present(before) > 0 && csvr_snapshot_n_present(now) > 0 &&
	    csvr_types_are_alike(before->type, now->type)) {
		note_lacking(comparer->diff->old_lacks, before, now);
		note_lacking(comparer->diff->new_lacks, now, before);
	}
	const enum csvr_quantity quantity = csvr_snapshot_quantity(now);
	if (csvr_snapshot_quantity(before) != quantity)
		return;
	/* If all values are greater, or less, the other changes follow from that. */
	if (quantity != CSVR_N_QUANTITIES && csvr_snapshot_n_values(before) > 0 &&
	    csvr_snapshot_n_values(now) > 0) {
		if (add_range(comparer, before, now))
			return;
		add_mean(comparer, before, now);
		add_quantiles(comparer, before, now);
	}
	if (csvr_types_are_alike(before->type, now->type))
		csvr_compare_values(comparer, before, now);
}
