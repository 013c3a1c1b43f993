/* change_distance.c - how far two distributions are apart, of which some values and counts are known
 *
 * Both the percentiles and the bins of histograms bound the share of the values up to a place, or below it. Where the
 * least share of one sample is greater than the most of the other one, the distributions differ by at least that.
 */
#include <math.h>

#include "report/change_tests.h"

/* One more each for the minimum and the maximum, and the ends of a histogram. */
enum { MOST_BOUNDS = CSVR_SNAPSHOT_PERCENTILES + CSVR_HISTOGRAM_BINS + 4 };

/* A share of the values up to `at` (is_below: less than `at`). */
struct bound {
	double at, share;
	bool is_below;
};

struct bounds {
	struct bound least[MOST_BOUNDS],
		most[MOST_BOUNDS]; /* shares; all of `most` are below `at` */
	size_t n_least, n_most;
};

static void add_least(struct bounds *bounds, double at, double share, bool is_below)
{
	bounds->least[bounds->n_least++] = (struct bound){ at, share > 0 ? share : 0, is_below };
}

static void add_most(struct bounds *bounds, double at, double share)
{
	bounds->most[bounds->n_most++] = (struct bound){ at, share < 1 ? share : 1, true };
}

/* An estimate is in the same bucket as the value, whose width is at most 2^-6 of it. */
static double margin_of(const struct csvr_snapshot_value *value)
{
	return value->is_estimate ? fabs(value->value) / 64 : 0;
}

static void add_percentiles(struct bounds *bounds, const struct csvr_snapshot_column *column,
			    double n)
{
	for (size_t i = 0; i < CSVR_SNAPSHOT_PERCENTILES; i++) {
		const struct csvr_snapshot_value *value = &column->percentiles[i];
		if (!value->is_known)
			continue;
		/* It is between the values of these ranks, from 0. */
		const double rank = (n - 1) * csvr_snapshot_percents[i] / 100;
		const double low = (double)(uint64_t)rank, high = rank > low ? low + 1 : low;
		const double margin = margin_of(value);
		add_least(bounds, value->value + margin, (low + 1) / n, false);
		add_most(bounds, value->value - margin, high / n);
	}
}

static void add_histogram(struct bounds *bounds, const struct csvr_snapshot_histogram *histogram,
			  double n)
{
	const double min = histogram->min, range = histogram->max - min;
	/* More than the rounding of an edge, so that no value is on its wrong side. */
	const double margin = (fabs(min) + fabs(histogram->max)) * 0x1p-50;
	double n_before = 0;
	for (size_t i = 1; i < histogram->n_bins; i++) {
		const double edge = min + range * ((double)i / (double)histogram->n_bins);
		n_before += histogram->counts[i - 1];
		add_least(bounds, edge + margin, (n_before - histogram->max_error) / n, true);
		add_most(bounds, edge - margin, (n_before + histogram->max_error) / n);
	}
}

static void set_bounds(struct bounds *bounds, const struct csvr_snapshot_column *column)
{
	const double n = csvr_snapshot_n_values(column);
	bounds->n_least = bounds->n_most = 0;
	if (n <= 0)
		return;
	add_percentiles(bounds, column, n);
	if (column->histogram != NULL)
		add_histogram(bounds, column->histogram, n);
	if (column->max.is_known)
		add_least(bounds, column->max.value, 1, false);
	if (column->min.is_known)
		add_most(bounds, column->min.value, 0);
}

/* A least share of one sample, and the most of the other one at the same place. */
struct excess {
	double at, least, most;
	double n_least, n_most; /* the sizes of the samples */
	bool is_rise;
};

/* Notes an excess if it is the greatest one, and its evidence: of all places where the values of both samples can be
 * divided, of which there are fewer than values, one has it. */
static void note_excess(struct csvr_distance *found, const struct excess *excess)
{
	const double n = excess->n_least + excess->n_most;
	const double rounding = 0x1p-40;
	const struct csvr_part low = { excess->most * excess->n_most * (1 + rounding),
				       excess->n_most };
	const struct csvr_part high = { excess->least * excess->n_least * (1 - rounding),
					excess->n_least };
	const double distance = excess->least - excess->most;
	if (distance <= 0)
		return;
	const double evidence = low.k <= low.n
					? csvr_evidence_of_shares(low, high) - csvr_logarithm(n)
					: 0;
	if (evidence > found->evidence)
		found->evidence = evidence;
	if (distance <= found->distance)
		return;
	found->distance = distance;
	found->at = excess->at;
	found->least = excess->least;
	found->most = excess->most;
	found->is_rise = excess->is_rise;
}

/* Where `least` of one sample exceeds `most` of the other one. */
static void find_excesses(struct csvr_distance *found, const struct bounds *one,
			  const struct bounds *other, struct excess excess)
{
	for (size_t i = 0; i < one->n_least; i++) {
		const struct bound *least = &one->least[i];
		excess.at = least->at;
		excess.least = least->share;
		excess.most = 1;
		for (size_t j = 0; j < other->n_most; j++) {
			const struct bound *most = &other->most[j];
			if ((least->at < most->at || (least->is_below && least->at == most->at)) &&
			    most->share < excess.most)
				excess.most = most->share;
		}
		note_excess(found, &excess);
	}
}

/* Histograms of the same range have the same edges. */
static void compare_bins(struct csvr_distance *found, const struct csvr_snapshot_histogram *a,
			 const struct csvr_snapshot_histogram *b, struct excess excess)
{
	if (a == NULL || b == NULL || a->n_bins != b->n_bins || a->min != b->min ||
	    a->max != b->max)
		return;
	const double range = a->max - a->min;
	double n_a = 0, n_b = 0;
	for (size_t i = 1; i < a->n_bins; i++) {
		n_a += a->counts[i - 1];
		n_b += b->counts[i - 1];
		excess.at = a->min + range * ((double)i / (double)a->n_bins);
		excess.least = (n_a - a->max_error) / excess.n_least;
		excess.most = (n_b + b->max_error) / excess.n_most;
		note_excess(found, &excess);
	}
}

struct csvr_distance csvr_distance_of(const struct csvr_snapshot_column *before,
				      const struct csvr_snapshot_column *now)
{
	struct csvr_distance found = { 0 };
	struct bounds of_before, of_now;
	const double n1 = csvr_snapshot_n_values(before), n2 = csvr_snapshot_n_values(now);
	if (n1 <= 0 || n2 <= 0)
		return found;
	set_bounds(&of_before, before);
	set_bounds(&of_now, now);
	const struct excess rise = { .n_least = n1, .n_most = n2, .is_rise = true };
	const struct excess fall = { .n_least = n2, .n_most = n1, .is_rise = false };
	find_excesses(&found, &of_before, &of_now, rise);
	find_excesses(&found, &of_now, &of_before, fall);
	compare_bins(&found, before->histogram, now->histogram, rise);
	compare_bins(&found, now->histogram, before->histogram, fall);
	if (found.distance <= 0)
		return found;
	/* Each sample is apart from the true distribution by some part of the distance: Massart's inequality for both, with
	 * the parts for which both bounds are equal. */
	const double roots = csvr_square_root(n1) + csvr_square_root(n2);
	const double n = n1 / roots * (n2 / roots);
	const double massart = 2 * found.distance * found.distance * n - csvr_logarithm(2);
	/* The greater of two bounds: each may be exceeded. */
	found.evidence = (massart > found.evidence ? massart : found.evidence) - csvr_logarithm(2);
	return found;
}

/* The share of the frequent values that are greater than `limit`, or (`is_below`) less. */
static double share_of_items(const struct csvr_snapshot_column *of, double limit, bool is_below)
{
	double n = 0;
	for (size_t i = 0; i < of->n_items; i++) {
		const struct csvr_snapshot_item *item = &of->items[i];
		if (item->is_number && (is_below ? item->number < limit : item->number > limit))
			n += item->n_cells;
	}
	return csvr_snapshot_quantity(of) == CSVR_QUANTITY_NUMBER && n > 0
		       ? n / csvr_snapshot_n_values(of)
		       : 0;
}

double csvr_share_outside(const struct csvr_snapshot_column *of, double limit, bool is_below)
{
	struct bounds bounds;
	double share = share_of_items(of, limit, is_below);
	set_bounds(&bounds, of);
	for (size_t i = 0; i < bounds.n_least && is_below; i++) {
		const struct bound *least = &bounds.least[i];
		if ((least->at < limit || (least->is_below && least->at == limit)) &&
		    least->share > share)
			share = least->share;
	}
	/* Values that are not below a place that is greater than the limit are above it. */
	for (size_t i = 0; i < bounds.n_most && !is_below; i++)
		if (bounds.most[i].at > limit && 1 - bounds.most[i].share > share)
			share = 1 - bounds.most[i].share;
	return share;
}

bool csvr_values_differ(const struct csvr_snapshot_column *before,
			const struct csvr_snapshot_column *now)
{
	double deviation;
	return csvr_distance_of(before, now).evidence >= CSVR_CHANGE_EVIDENCE ||
	       (before->stddev.is_known && now->stddev.is_known &&
		csvr_evidence_of_means(before, now, &deviation) >= CSVR_CHANGE_EVIDENCE);
}
