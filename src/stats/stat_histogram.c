/* stat_histogram.c - how many values of a column are in each of some equal intervals */
#include "stats/histogram.h"

#include <math.h>
#include <string.h>

#include "stats/blend.h"

typedef unsigned __int128 u128;

enum { BINS = CSVR_HISTOGRAM_BINS, HIGHEST = 8 };

_Static_assert(2 * CSVR_SPARKLINE_BARS <= CSVR_VALUE_TEXT_BYTES, "for digits and blanks");

struct bins {
	struct csvr_ordered_value min, max;
	uint64_t counts[BINS];
	/* Values that are perhaps in another bin, by the bins in which they may be: those from the first on are
	 * added, those after the last are subtracted. */
	uint64_t doubtful[BINS + 1];
};

/* ---- the bin of a value ---- */

/* Where a double is, in bins; NAN: unknown, as the range is tiny. Halves do not overflow. */
static double position_of(const struct bins *bins, double value)
{
	const double range = bins->max.nearest / 2 - bins->min.nearest / 2;
	return (value / 2 - bins->min.nearest / 2) / range * BINS;
}

/* A bound of the error of position_of, also for decimals, whose nearest doubles are known. */
static double position_error(const struct bins *bins)
{
	const double range = bins->max.nearest / 2 - bins->min.nearest / 2;
	const double min = fabs(bins->min.nearest), max = fabs(bins->max.nearest);
	const double most = (min > max ? min : max) / 2;
	return (most / range + 1) * BINS * 0x1p-49;
}

/* Whether a value is before the start of a bin: exactly. */
static bool is_before(const struct bins *bins, const struct csvr_ordered_value *value, int bin)
{
	struct csvr_blend blend = { 0 };
	csvr_blend_add(&blend, *value, BINS);
	csvr_blend_subtract(&blend, bins->min, (uint64_t)(BINS - bin));
	csvr_blend_subtract(&blend, bins->max, (uint64_t)bin);
	return csvr_blend_sign(&blend) < 0;
}

static int clamp_bin(double position)
{
	return position >= BINS ? BINS - 1 : position > 0 ? (int)position : 0;
}

static int bin_of(const struct bins *bins, const struct csvr_ordered_value *value)
{
	const double position = position_of(bins, value->nearest), error = position_error(bins);
	const int edge = position >= BINS ? BINS : position > 0 ? (int)(position + 0.5) : 0;
	if (fabs(position - edge) > error)
		return clamp_bin(position);
	int bin = edge < BINS ? edge : BINS - 1;
	while (bin > 0 && is_before(bins, value, bin))
		bin--;
	while (bin + 1 < BINS && !is_before(bins, value, bin + 1))
		bin++;
	return bin;
}

/* ---- counting ---- */

static void count_value(void *context, const struct csvr_ordered_value *value, uint64_t n_values)
{
	struct bins *bins = context;
	bins->counts[bin_of(bins, value)] += n_values;
}

/* The bins from `first` to `last` in which a bucket has its values, perhaps, and where it starts and ends. */
struct span {
	int first, last;
	double low, high;
};

/* Divides the values of a bucket as if they had equal distances. */
static void count_evenly(struct bins *bins, const struct span *span, uint64_t n_values)
{
	const double width = span->high - span->low;
	uint64_t n_before = 0;
	for (int bin = span->first; bin < span->last; bin++) {
		const double share = (bin + 1 - span->low) / width;
		uint64_t n = share >= 1 ? n_values : (uint64_t)(share * (double)n_values);
		n = n > n_values ? n_values : n < n_before ? n_before : n;
		bins->counts[bin] += n - n_before;
		n_before = n;
	}
	bins->counts[span->last] += n_values - n_before;
}

/* A bucket in which one bin ends and another starts must be known around that edge, another one completely. */
static void want_bucket(const struct bins *bins, struct csvr_distribution *distribution,
			const struct csvr_bucket *bucket, const struct span *span)
{
	const double min = bins->min.nearest, max = bins->max.nearest;
	/* More than the errors of `edge` and of position_of. */
	const double margin = (fabs(min) + fabs(max)) * 0x1p-46;
	const double share = (double)span->last / BINS;
	const double edge = min * (1 - share) + max * share;
	if (span->last == span->first + 1 && isfinite(margin) && margin > 0)
		csvr_distribution_want_part(distribution, bucket->n_before, edge - margin,
					    edge + margin);
	else
		csvr_distribution_want(distribution, bucket->n_before);
}

static void count_bucket(struct bins *bins, struct csvr_distribution *distribution,
			 const struct csvr_bucket *bucket)
{
	const double narrow = 0.25, error = position_error(bins);
	struct span span = { .low = position_of(bins, bucket->least),
			     .high = position_of(bins, bucket->greatest) };
	span.first = clamp_bin(span.low - error);
	span.last = clamp_bin(span.high + error);
	if (span.first == span.last && error < 1) {
		bins->counts[span.first] += bucket->n_values;
		return;
	}
	/* Where hardly any value of the sample is in a bucket, its width is the better guess. */
	const uint64_t n_known = csvr_distribution_n_known(distribution, bucket);
	if (n_known == 0 || (n_known != bucket->n_values && span.high - span.low <= narrow))
		count_evenly(bins, &span, bucket->n_values);
	else
		csvr_distribution_visit(distribution, bucket, count_value, bins);
	if (n_known != bucket->n_values) {
		want_bucket(bins, distribution, bucket, &span);
		bins->doubtful[span.first] += bucket->n_values;
		bins->doubtful[span.last + 1] -= bucket->n_values;
	}
}

static void count_parts(struct bins *bins, struct csvr_distribution *distribution,
			const struct csvr_bucket *bucket)
{
	const uint64_t end = bucket->n_before + bucket->n_values;
	for (uint64_t rank = bucket->n_before; rank < end;) {
		const struct csvr_bucket part = csvr_distribution_part(distribution, bucket, rank);
		count_bucket(bins, distribution, &part);
		rank = part.n_before + part.n_values;
	}
}

static uint64_t most_doubtful(const struct bins *bins)
{
	uint64_t n = 0, most = 0;
	for (int bin = 0; bin < BINS; bin++) {
		n += bins->doubtful[bin]; /* modulo 2^64 */
		most = n > most ? n : most;
	}
	return most;
}

bool csvr_histogram_of(struct csvr_distribution *distribution, const struct csvr_column *column,
		       struct csvr_histogram *histogram)
{
	return csvr_histogram_want(distribution, column, histogram, NULL);
}

bool csvr_histogram_want(struct csvr_distribution *distribution, const struct csvr_column *column,
			 struct csvr_histogram *histogram, struct csvr_wants *wants)
{
	const void *buckets = csvr_collected_state(column->collected, &csvr_buckets_aggregate);
	const void *sample = csvr_collected_state(column->collected, &csvr_sample_aggregate);
	if (buckets == NULL || sample == NULL ||
	    !csvr_distribution_open(distribution, column, buckets, sample))
		return false;
	distribution->wants = wants;
	struct bins bins = { .min = csvr_distribution_find(distribution, 0) };
	bins.max = csvr_distribution_find(distribution, distribution->n_values - 1);
	/* They decide where bins start. */
	if (!csvr_ordered_value_is_known(&bins.min))
		csvr_distribution_want(distribution, 0);
	if (!csvr_ordered_value_is_known(&bins.max))
		csvr_distribution_want(distribution, distribution->n_values - 1);
	histogram->min = csvr_distribution_value(distribution, bins.min.nearest, false);
	histogram->max = csvr_distribution_value(distribution, bins.max.nearest, false);
	if (bins.min.nearest == bins.max.nearest) {
		histogram->n_bins = 1;
		histogram->counts[0] = distribution->n_values;
		histogram->max_error = 0;
		return true;
	}
	struct csvr_bucket bucket = { 0 };
	while (csvr_buckets_next(distribution->buckets, &bucket))
		count_parts(&bins, distribution, &bucket);
	histogram->n_bins = BINS;
	memcpy(histogram->counts, bins.counts, sizeof bins.counts);
	histogram->max_error = most_doubtful(&bins);
	return true;
}

/* ---- the statistic ---- */

static struct csvr_value histogram(const struct csvr_subject *subject)
{
	struct csvr_histogram histogram;
	struct csvr_value value = { .kind = CSVR_VALUE_HISTOGRAM };
	if (!csvr_histogram_want(subject->distribution, subject->column, &histogram,
				 subject->wants))
		return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	value.is_approximate = histogram.max_error > 0;
	uint64_t bars[CSVR_SPARKLINE_BARS] = { 0 }, most = 1;
	for (size_t i = 0; i < histogram.n_bins; i++) {
		uint64_t *bar = &bars[i * CSVR_SPARKLINE_BARS / CSVR_HISTOGRAM_BINS];
		*bar += histogram.counts[i];
		most = *bar > most ? *bar : most;
	}
	for (size_t i = 0; i < CSVR_SPARKLINE_BARS; i++) {
		value.text[2 * i] = (char)('0' + ((u128)bars[i] * HIGHEST + most - 1) / most);
		value.text[2 * i + 1] = i + 1 < CSVR_SPARKLINE_BARS ? ' ' : '\0';
	}
	return value;
}

const struct csvr_statistic csvr_stat_histogram = {
	.name = "histogram",
	.definition =
		"how many values are in each of 40 equal intervals from min to max: in JSON all "
		"counts; in other formats a bar for each pair, as a character or as its height "
		"from 0 to 8",
	.needs = &csvr_sample_aggregate,
	.also_needs = &csvr_buckets_aggregate,
	.value = histogram
};
