/* change_tests.c - whether two samples differ by more than chance */
#include "report/change_tests.h"

#include <float.h>
#include <math.h>

/* ---- functions that the C library would take from libm, where results differ between machines ---- */

double csvr_logarithm(double number)
{
	static const double ln2 = 0.6931471805599453;
	int exponent;
	double mantissa = frexp(number, &exponent);
	if (mantissa < 0.7071067811865476) {
		mantissa *= 2;
		exponent--;
	}
	/* ln m = 2 artanh((m - 1) / (m + 1)); the argument is below 0.172. */
	enum { TERMS = 12 };
	const double argument = (mantissa - 1) / (mantissa + 1), square = argument * argument;
	double sum = 0;
	for (int i = TERMS; i-- > 0;)
		sum = sum * square + 1.0 / (2 * i + 1);
	return exponent * ln2 + 2 * argument * sum;
}

double csvr_square_root(double number)
{
	if (number <= 0)
		return 0;
	int exponent;
	const double mantissa = frexp(number, &exponent);
	const double even = exponent % 2 != 0 ? mantissa * 2 : mantissa;
	const int half = (exponent - (exponent % 2 != 0)) / 2;
	/* Newton's method for a number from 0.5 to 2 */
	double root = 0.5 + even / 2;
	for (int i = 0; i < 6; i++)
		root = (root + even / root) / 2;
	return ldexp(root, half);
}

static double greater(double a, double b)
{
	return a > b ? a : b;
}

/* ---- shares ---- */

/* The Kullback-Leibler divergence of two shares; `q` is neither 0 nor 1, unless `p` is. */
static double divergence(double p, double q)
{
	double sum = 0;
	if (p > 0)
		sum += p * csvr_logarithm(p / q);
	if (p < 1)
		sum += (1 - p) * csvr_logarithm((1 - p) / (1 - q));
	return greater(sum, 0);
}

/* Chernoff's bound for draws with replacement also holds without (Hoeffding 1963): of all cells, `k` are marked, and
 * `n` are drawn of which `hits` are marked. */
static double evidence_of_draws(double n, double hits, double k, double n_all)
{
	if (n <= 0 || k <= 0 || k >= n_all)
		return 0;
	return n * divergence(hits / n, k / n_all);
}

/* ln of a bound of how much likelier an event is among samples of fixed sizes than if each cell is of the second sample
 * with probability n / n_all, independently: 1 / P(the size is n) <= sqrt(8 n_all p q). */
static double price_of_sizes(double n, double n_other)
{
	return csvr_logarithm(8 * n * n_other / (n + n_other)) / 2;
}

/* The hypergeometric probability of `more.k` marked cells or more. A term is bounded by Stirling's formula, and as
 * the probabilities are logarithmically concave, the ratio of the first two terms bounds that of all. */
static double evidence_of_counts(struct csvr_part fewer, struct csvr_part more)
{
	static const double two_pi = 6.283185307179586;
	const double a = more.k, b = more.n - more.k, c = fewer.k, d = fewer.n - fewer.k;
	const double k = a + c, rest = b + d, share = more.n / (more.n + fewer.n);
	const double ratio = c / (a + 1) * (b / (d + 1));
	if (a <= 0 || b <= 0 || c <= 0 || d <= 0 || ratio >= 1)
		return 0;
	return k * divergence(a / k, share) + rest * divergence(b / rest, share) +
	       csvr_logarithm(two_pi * a * c / k) / 2 + csvr_logarithm(two_pi * b * d / rest) / 2 +
	       csvr_logarithm(1 - ratio) - price_of_sizes(more.n, fewer.n);
}

double csvr_evidence_of_shares(struct csvr_part before, struct csvr_part now)
{
	const double n_all = before.n + now.n, k = before.k + now.k;
	if (before.n <= 0 || now.n <= 0 || k <= 0 || k >= n_all)
		return 0;
	/* The number of marked cells in one sample is that of cells of the sample among the marked ones, and so on: four
	 * ways to see one distribution, each with a bound. The fifth bound is close, but needs some cells of all kinds. */
	double most = evidence_of_draws(now.n, now.k, k, n_all);
	most = greater(most, evidence_of_draws(before.n, before.k, k, n_all));
	most = greater(most, evidence_of_draws(k, now.k, now.n, n_all));
	most = greater(most, evidence_of_draws(n_all - k, now.n - now.k, now.n, n_all));
	return greater(most, csvr_share(now) > csvr_share(before)
				     ? evidence_of_counts(before, now)
				     : evidence_of_counts(now, before));
}

double csvr_evidence_of_new(double k, double n, double n_other)
{
	if (k <= 0 || n <= 0 || n_other <= 0)
		return 0;
	return k * csvr_logarithm((n + n_other) / n);
}

/* ---- means ---- */

/* Bernstein's inequality for a sum of variables of mean 0, of that variance, none of which is above `most`. */
static double bernstein(double sum, double variance, double most)
{
	const double divisor = 2 * (variance + most * sum / 3);
	return divisor > 0 ? sum * sum / divisor : 0;
}

double csvr_evidence_of_means(const struct csvr_snapshot_column *before,
			      const struct csvr_snapshot_column *now, double *deviation)
{
	const double n1 = csvr_snapshot_n_values(before), n2 = csvr_snapshot_n_values(now);
	const double n_all = n1 + n2, difference = now->mean.value - before->mean.value;
	const double s1 = before->stddev.value, s2 = now->stddev.value;
	const double squares = (n1 - 1) * s1 * s1 + (n2 - 1) * s2 * s2 +
			       n1 / n_all * n2 * difference * difference;
	const double variance = squares / n_all;
	*deviation = csvr_square_root(variance);
	if (!isfinite(variance) || variance <= 0 || n1 < 2 || n2 < 2)
		return 0;
	/* Deviations from the mean of all, in the direction of the change and against it. */
	const double mean = before->mean.value + n2 / n_all * difference;
	const double min = before->min.value < now->min.value ? before->min.value : now->min.value;
	const double max = greater(before->max.value, now->max.value);
	const double along = difference > 0 ? max - mean : mean - min;
	const double against = difference > 0 ? mean - min : max - mean;
	const double sum = n1 / n_all * n2 * fabs(difference);
	const double p = n1 / n_all, q = n2 / n_all;
	const double split = bernstein(sum, n_all * p * q * variance,
				       greater(along * p, against * q)) -
			     price_of_sizes(n1, n2);
	double most = greater(bernstein(sum, n2 * variance, along),
			      bernstein(sum, n1 * variance, against));
	return greater(most, split);
}

/* ---- distinct values ---- */

struct csvr_distinct csvr_distinct_of(const struct csvr_snapshot_column *column, size_t n_columns)
{
	/* Standard errors by the number of columns (stat_distinct.c), of which more than 5.5 are less likely than
	 * 1e-7. */
	const double error = n_columns <= 256 ? 0.016 : n_columns <= 1024 ? 0.031 : 0.063;
	const double margin = 5.5 * error, n = csvr_snapshot_n_present(column);
	const double found = column->distinct.value;
	struct csvr_distinct distinct = { found, found, n };
	if (column->has_more) {
		distinct.least = found + 1;
		distinct.most = n;
	} else if (column->distinct.is_estimate) {
		distinct.least = found * (1 - margin);
		distinct.most = found * (1 + margin);
	}
	return distinct;
}

/* Evidence that `more` has more values than `fewer`; `*size` by what share. */
static double evidence_of_more(const struct csvr_distinct *more, const struct csvr_distinct *fewer,
			       double *size)
{
	/* A sample of n cells has at least n / m times the values of one of m > n cells. */
	const double factor = more->n > fewer->n ? fewer->n / more->n : 1;
	const double excess = factor * more->least - fewer->most;
	const double n_values = more->most + fewer->most;
	*size = 0;
	if (excess <= 0 || more->n <= 0 || fewer->n <= 0)
		return 0;
	*size = excess / fewer->most;
	/* Hoeffding: each value contributes between -1 and `factor`. */
	const double width = 1 + factor;
	return 2 * excess * excess / (n_values * width * width) - price_of_sizes(more->n, fewer->n);
}

double csvr_evidence_of_distinct(const struct csvr_distinct *before,
				 const struct csvr_distinct *now, double *size)
{
	double growth, loss;
	const double of_growth = evidence_of_more(now, before, &growth);
	const double of_loss = evidence_of_more(before, now, &loss);
	*size = growth > 0 ? growth : -loss / (1 + loss);
	return growth > 0 ? of_growth : of_loss;
}
