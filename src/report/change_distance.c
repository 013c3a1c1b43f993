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

/* Where `least` of one sample exceeds `most` of the other by most. */
static void find_greatest(struct csvr_distance *found, const struct bounds *one,
			  const struct bounds *other, bool is_rise)
{
	for (size_t i = 0; i < one->n_least; i++)
		for (size_t j = 0; j < other->n_most; j++) {
			const struct bound *least = &one->least[i], *most = &other->most[j];
			const bool is_comparable = least->at < most->at ||
						   (least->is_below && least->at == most->at);
			const double distance = least->share - most->share;
			if (!is_comparable || distance <= found->distance)
				continue;
			*found = (struct csvr_distance){ .distance = distance,
							 .at = least->at,
							 .least = least->share,
							 .most = most->share,
							 .is_rise = is_rise };
		}
}

/* Histograms of the same range have the same edges. */
static void compare_bins(struct csvr_distance *found, const struct csvr_snapshot_column *before,
			 const struct csvr_snapshot_column *now)
{
	const struct csvr_snapshot_histogram *a = before->histogram, *b = now->histogram;
	if (a == NULL || b == NULL || a->n_bins != b->n_bins || a->min != b->min ||
	    a->max != b->max)
		return;
	const double n1 = csvr_snapshot_n_values(before), n2 = csvr_snapshot_n_values(now);
	double n_before = 0, n_now = 0;
	for (size_t i = 1; i < a->n_bins; i++) {
		n_before += a->counts[i - 1];
		n_now += b->counts[i - 1];
		const bool is_rise = n_before / n1 > n_now / n2;
		const double least = is_rise ? (n_before - a->max_error) / n1
					     : (n_now - b->max_error) / n2;
		const double most = is_rise ? (n_now + b->max_error) / n2
					    : (n_before + a->max_error) / n1;
		const double range = a->max - a->min;
		if (least - most > found->distance)
			*found = (struct csvr_distance){ .distance = least - most,
							 .at = a->min + range * ((double)i /
										 (double)a->n_bins),
							 .least = least,
							 .most = most,
							 .is_rise = is_rise };
	}
}

struct csvr_distance csvr_distance_of(const struct csvr_snapshot_column *before,
				      const struct csvr_snapshot_column *now)
{
	struct csvr_distance found = { 0 };
	struct bounds of_before, of_now;
	const double n1 = csvr_snapshot_n_values(before), n2 = csvr_snapshot_n_values(now);
	set_bounds(&of_before, before);
	set_bounds(&of_now, now);
	find_greatest(&found, &of_before, &of_now, true);
	find_greatest(&found, &of_now, &of_before, false);
	compare_bins(&found, before, now);
	if (found.distance <= 0)
		return found;
	/* Each sample is apart from the true distribution by some part of the distance: Massart's inequality for both, with
	 * the parts for which both bounds are equal. */
	const double roots = csvr_square_root(n1) + csvr_square_root(n2);
	const double n = n1 / roots * (n2 / roots);
	found.evidence = 2 * found.distance * found.distance * n - csvr_logarithm(2);
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
