/* test_compare.c - the bounds of probabilities hold for any distribution; rules; damaged reports
 *
 * A bound e^-E that holds is reached by at most a share e^-E of pairs of samples. The shares are counted at 2%, where
 * they can be seen, with 1,500 pairs for each distribution and each two sizes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "report/change_tests.h"
#include "report/compare.h"

/* ---- functions ---- */

START_TEST(logarithms_and_roots_are_those_of_libm)
{
	for (int i = 0; i < 100000; i++) {
		const double mantissa = 1 + (double)below(1U << 30) * 0x1p-30;
		const double number = ldexp(mantissa, (int)below(2000) - 1000);
		const double log_of = log(number), root = sqrt(number);
		ck_assert_double_le(fabs(csvr_logarithm(number) - log_of),
				    1e-15 + fabs(log_of) * 1e-15);
		ck_assert_double_le(fabs(csvr_square_root(number) - root), root * 1e-15);
	}
	ck_assert_double_eq(csvr_square_root(0), 0);
	ck_assert_double_eq(csvr_logarithm(1), 0);
}
END_TEST

/* ---- samples ---- */

static double draw_uniform(void)
{
	return ((double)(next_random() >> 11) + 0.5) * 0x1p-53;
}

static double draw_normal(void)
{
	return sqrt(-2 * log(draw_uniform())) * cos(6.283185307179586 * draw_uniform());
}

static double draw_offset(void)
{
	return 1e9 + draw_normal();
}

static double draw_heavy(void)
{
	return exp(3 * draw_normal());
}

static double draw_cauchy(void)
{
	return tan(3.141592653589793 * (draw_uniform() - 0.5));
}

static double draw_few(void)
{
	return below(3);
}

static double draw_rare(void)
{
	return below(50) == 0 ? 1000 : 0;
}

static double draw_rarest(void)
{
	return below(2000) == 0 ? 1e9 : draw_uniform();
}

static double draw_ids(void)
{
	return below(100000);
}

static double (*const draws[])(void) = { draw_uniform, draw_normal, draw_offset,
					 draw_heavy,   draw_cauchy, draw_few,
					 draw_rare,    draw_rarest, draw_ids };
enum { N_DRAWS = sizeof draws / sizeof draws[0], MOST_VALUES = 1000 };

struct sample {
	double values[MOST_VALUES]; /* ascending */
	size_t n;
	struct csvr_snapshot_histogram histogram;
	struct csvr_snapshot_column column;
};

static int compare_doubles(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* Sets all that a snapshot has of numbers. */
static void describe(struct sample *sample)
{
	struct csvr_snapshot_column *column = &sample->column;
	const size_t n = sample->n;
	const double *values = sample->values;
	qsort(sample->values, n, sizeof *sample->values, compare_doubles);
	*column = (struct csvr_snapshot_column){ .type = CSVR_TYPE_DECIMAL, .n_rows = (double)n };
	column->cells[CSVR_CELL_NUMBER] = (double)n;
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++)
		sum += values[i] - values[0];
	const double mean = sum / (double)n;
	size_t n_distinct = 0;
	for (size_t i = 0; i < n; i++) {
		const double deviation = values[i] - values[0] - mean;
		squares += deviation * deviation;
		n_distinct += i == 0 || values[i] != values[i - 1];
	}
	csvr_snapshot_set(&column->min, values[0], false);
	csvr_snapshot_set(&column->max, values[n - 1], false);
	csvr_snapshot_set(&column->mean, mean + values[0], false);
	csvr_snapshot_set(&column->stddev, sqrt(squares / (double)(n - 1)), false);
	csvr_snapshot_set(&column->distinct, (double)n_distinct, false);
	for (size_t i = 0; i < CSVR_SNAPSHOT_PERCENTILES; i++) {
		const double rank = (double)(n - 1) * csvr_snapshot_percents[i] / 100;
		const size_t low = (size_t)rank, high = low + 1 < n ? low + 1 : low;
		const double part = rank - (double)low;
		csvr_snapshot_set(&column->percentiles[i],
				  part == 0 ? values[low]
					    : values[low] * (1 - part) + values[high] * part,
				  false);
	}
	struct csvr_snapshot_histogram *histogram = &sample->histogram;
	*histogram = (struct csvr_snapshot_histogram){ .min = values[0],
						       .max = values[n - 1],
						       .n_bins = CSVR_HISTOGRAM_BINS };
	const double range = histogram->max - histogram->min;
	if (range == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		/* As the doubtful values near edges do not matter here, they are not counted exactly. */
		const size_t bin = (size_t)((values[i] - values[0]) / range * CSVR_HISTOGRAM_BINS);
		histogram->counts[bin < CSVR_HISTOGRAM_BINS ? bin : CSVR_HISTOGRAM_BINS - 1]++;
	}
	column->histogram = histogram;
}

static void draw_sample(struct sample *sample, double (*draw)(void), size_t n)
{
	sample->n = n;
	for (size_t i = 0; i < n; i++)
		sample->values[i] = draw();
	describe(sample);
}

/* The distance of Kolmogorov and Smirnov, by its definition. */
static double distance_of(const struct sample *a, const struct sample *b)
{
	double most = 0;
	size_t i = 0, j = 0;
	while (i < a->n && j < b->n) {
		const double at = a->values[i] < b->values[j] ? a->values[i] : b->values[j];
		while (i < a->n && a->values[i] == at)
			i++;
		while (j < b->n && b->values[j] == at)
			j++;
		const double here = fabs((double)i / (double)a->n - (double)j / (double)b->n);
		most = here > most ? here : most;
	}
	return most;
}

static double outside_of(const struct sample *of, double limit, bool is_below)
{
	double n = 0;
	for (size_t i = 0; i < of->n; i++)
		n += is_below ? of->values[i] < limit : of->values[i] > limit;
	return n / (double)of->n;
}

/* ---- bounds ---- */

static const size_t sizes[][2] = { { 5, 5 },     { 5, 400 },   { 400, 5 },   { 40, 60 },
				   { 300, 300 }, { 100, 900 }, { 1000, 50 }, { 1000, 1000 } };
enum { N_SIZES = sizeof sizes / sizeof sizes[0], N_PAIRS = 1500 };

/* ln(2 / 2%), as each direction has half. 2% of 1,500 is 30, with a standard deviation of 5.4. */
static const double evidence_of_two_percent = 4.605170185988091;
enum { MOST_ALARMS = 62 };

START_TEST(chance_reaches_an_evidence_as_rarely_as_is_said)
{
	static struct sample before, now;
	double (*const draw)(void) = draws[_i / N_SIZES];
	const size_t *size = sizes[_i % N_SIZES];
	int n_means = 0, n_distances = 0, n_distinct = 0, n_outside = 0;
	random_state = (uint64_t)_i;
	for (int i = 0; i < N_PAIRS; i++) {
		double deviation, change;
		draw_sample(&before, draw, size[0]);
		draw_sample(&now, draw, size[1]);
		n_means += csvr_evidence_of_means(&before.column, &now.column, &deviation) >=
			   evidence_of_two_percent;
		const struct csvr_distance found = csvr_distance_of(&before.column, &now.column);
		n_distances += found.evidence >= evidence_of_two_percent;
		ck_assert_double_le(found.distance, distance_of(&before, &now) + 1e-12);
		const struct csvr_distinct was = csvr_distinct_of(&before.column, 1);
		const struct csvr_distinct is = csvr_distinct_of(&now.column, 1);
		n_distinct += csvr_evidence_of_distinct(&was, &is, &change) >=
			      evidence_of_two_percent;
		const double limit = before.values[before.n - 1];
		const double outside = csvr_share_outside(&now.column, limit, false);
		ck_assert_double_le(outside, outside_of(&now, limit, false) + 1e-12);
		n_outside += csvr_evidence_of_new(outside * (double)now.n, (double)now.n,
						  (double)before.n) >= evidence_of_two_percent;
	}
	ck_assert_int_le(n_means, MOST_ALARMS);
	ck_assert_int_le(n_distances, MOST_ALARMS);
	ck_assert_int_le(n_distinct, MOST_ALARMS);
	ck_assert_int_le(n_outside, MOST_ALARMS);
}
END_TEST

static double count_hits(double share, size_t n)
{
	double hits = 0;
	for (size_t i = 0; i < n; i++)
		hits += draw_uniform() < share;
	return hits;
}

START_TEST(equal_shares_reach_an_evidence_as_rarely_as_is_said)
{
	static const double shares[] = { 0.001, 0.02, 0.3, 0.5, 0.9, 0.999 };
	const size_t *size = sizes[_i];
	random_state = (uint64_t)_i;
	for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
		int n_alarms = 0;
		for (int i = 0; i < N_PAIRS; i++) {
			const struct csvr_part before = { count_hits(shares[s], size[0]),
							  (double)size[0] };
			const struct csvr_part now = { count_hits(shares[s], size[1]),
						       (double)size[1] };
			n_alarms += csvr_evidence_of_shares(before, now) >= evidence_of_two_percent;
		}
		ck_assert_int_le(n_alarms, MOST_ALARMS);
	}
}
END_TEST

START_TEST(differences_that_matter_are_found)
{
	static struct sample before, now;
	random_state = 1;
	for (int i = 0; i < 100; i++) {
		double deviation;
		draw_sample(&before, draw_normal, 1000);
		draw_sample(&now, draw_normal, 1000);
		for (size_t j = 0; j < now.n; j++)
			now.values[j] += 0.6;
		describe(&now);
		ck_assert_double_ge(csvr_evidence_of_means(&before.column, &now.column, &deviation),
				    CSVR_CHANGE_EVIDENCE);
		const struct csvr_distance found = csvr_distance_of(&before.column, &now.column);
		ck_assert_double_ge(found.evidence, CSVR_CHANGE_EVIDENCE);
		ck_assert(found.is_rise);
	}
	/* 1% of 10,000 cells, and 2%; none of 1,000, and 3%; 21 cells of one sample only, by the rule of 2^-21. */
	ck_assert_double_ge(csvr_evidence_of_shares((struct csvr_part){ 100, 10000 },
						    (struct csvr_part){ 200, 10000 }),
			    CSVR_CHANGE_EVIDENCE);
	ck_assert_double_ge(csvr_evidence_of_shares((struct csvr_part){ 0, 1000 },
						    (struct csvr_part){ 30, 1000 }),
			    CSVR_CHANGE_EVIDENCE);
	ck_assert_double_ge(csvr_evidence_of_new(21, 100, 100), CSVR_CHANGE_EVIDENCE);
	ck_assert_double_lt(csvr_evidence_of_new(20, 100, 100), CSVR_CHANGE_EVIDENCE);
}
END_TEST

/* ---- rules ---- */

static struct csvr_change_rule rule_of(const char *first, const char *second,
				       enum csvr_change_kind kind, const char *column)
{
	const char *items[] = { first, second };
	const struct csvr_string_list list = { items, second != NULL ? 2 : first != NULL ? 1 : 0 };
	const struct csvr_name name = { column, column != NULL ? strlen(column) : 0 };
	for (size_t i = 0; i < list.n_words; i++) {
		struct csvr_change_rule rule;
		ck_assert_int_eq(csvr_change_rule_parse(items[i], &rule, NULL), CSVR_OK);
	}
	return csvr_change_rule_for(&list, kind, column != NULL ? &name : NULL, NULL);
}

START_TEST(a_rule_replaces_what_it_names)
{
	ck_assert_double_eq(rule_of(NULL, NULL, CSVR_CHANGE_MISSING, "x").threshold, 0.01);
	ck_assert_double_eq(rule_of("missing=0.25", NULL, CSVR_CHANGE_MISSING, "x").threshold,
			    0.25);
	ck_assert_double_eq(rule_of("missing", NULL, CSVR_CHANGE_MISSING, "x").threshold, 0);
	ck_assert_double_eq(rule_of("missing=0.25", NULL, CSVR_CHANGE_MEAN, "x").threshold, 0.1);
	ck_assert(rule_of("all=off", NULL, CSVR_CHANGE_LOST, "x").is_off);
	ck_assert(rule_of("all=off", NULL, CSVR_CHANGE_ROWS, NULL).is_off);
	ck_assert(!rule_of("all=off", "mean=2", CSVR_CHANGE_MEAN, "x").is_off);
	ck_assert(rule_of("mean=2", "all=off", CSVR_CHANGE_MEAN, "x").is_off);
	/* Those for columns precede the others. */
	ck_assert_double_eq(rule_of("x:mean=3", "mean=2", CSVR_CHANGE_MEAN, "x").threshold, 3);
	ck_assert_double_eq(rule_of("x:mean=3", "mean=2", CSVR_CHANGE_MEAN, "y").threshold, 2);
	ck_assert_double_eq(rule_of("t_*:mean=3", NULL, CSVR_CHANGE_MEAN, "t_1").threshold, 3);
	ck_assert_double_eq(rule_of("t_*:mean=3", NULL, CSVR_CHANGE_MEAN, "u_1").threshold, 0.1);
	/* Names may have colons and equals signs. */
	ck_assert_double_eq(rule_of("a:b=c:mean=3", NULL, CSVR_CHANGE_MEAN, "a:b=c").threshold, 3);
}
END_TEST

START_TEST(what_is_no_rule_is_rejected)
{
	static const char *const items[] = { "",         "=",        "mean=",      "mean=x",
					     "mean=-1",  "mean=1e3", "mean=1.2.3", "mean=.",
					     "Mean",     "means=1",  "column:",    "column:x=1",
					     "lost=0.5", "type=1",   "off",        "mean=Off",
					     "mean 0.1", "mean=inf", "mean=1 2",   "x:" };
	struct csvr_change_rule rule;
	struct csvr_error error;
	for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
		ck_assert_msg(csvr_change_rule_parse(items[i], &rule, &error) ==
				      CSVR_INVALID_OPTION,
			      "%s", items[i]);
		ck_assert_uint_gt(strlen(error.message), 10);
	}
	(void)csvr_change_rule_parse("means=1", &rule, &error);
	ck_assert_str_eq(error.message, "unknown kind of change 'means'; did you mean mean?");
}
END_TEST

/* ---- comparisons ---- */

static struct csvr_snapshot *snapshot_of(const char *const *names, size_t n)
{
	struct csvr_snapshot *snapshot = csvr_snapshot_new();
	ck_assert_ptr_nonnull(snapshot);
	snapshot->tables = calloc(1, sizeof *snapshot->tables);
	snapshot->n_tables = 1;
	snapshot->tables[0].columns = calloc(n + 1, sizeof(struct csvr_snapshot_column));
	snapshot->tables[0].n_columns = n;
	for (size_t i = 0; i < n; i++)
		snapshot->tables[0].columns[i].name = csvr_snapshot_text(snapshot, names[i],
									 strlen(names[i]));
	csvr_snapshot_finish(snapshot);
	return snapshot;
}

START_TEST(lost_columns_follow_the_column_that_they_followed)
{
	static const char *const old_names[] = { "first", "alpha", "second", "beta", "third" };
	static const char *const new_names[] = { "second", "other", "alpha" };
	static const char *const order[] = { "first", "second", "beta", "third", "other", "alpha" };
	static const struct csvr_string_list no_rules;
	struct csvr_snapshot *before = snapshot_of(old_names, 5), *now = snapshot_of(new_names, 3);
	struct csvr_diff *diff;
	ck_assert_int_eq(csvr_compare_snapshots(before, now, &no_rules, &diff), CSVR_OK);
	ck_assert_uint_eq(diff->tables[0].n_columns, 6);
	for (size_t i = 0; i < 6; i++) {
		const struct csvr_compared_column *column = &diff->tables[0].columns[i];
		ck_assert_str_eq(column->now != NULL ? column->now->name.text
						     : column->before->name.text,
				 order[i]);
	}
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(csvr_diff_column(diff, 0, i)->now->name.text, new_names[i]);
	ck_assert_uint_eq(diff->n_changes, 4);
	ck_assert_uint_eq(diff->n_beyond, 4);
	csvr_diff_free(diff);
	csvr_snapshot_free(before);
}
END_TEST

START_TEST(texts_are_those_of_json)
{
	struct csvr_snapshot *snapshot = csvr_snapshot_new();
	const struct csvr_name text = csvr_snapshot_text(snapshot, "a\xff\xc3\xa4\0\xe2\x82", 7);
	ck_assert_uint_eq(text.n_bytes, 1 + 3 + 2 + 1 + 3 + 3);
	ck_assert_mem_eq(text.text, "a\xEF\xBF\xBD\xc3\xa4\0\xEF\xBF\xBD\xEF\xBF\xBD",
			 text.n_bytes);
	csvr_snapshot_free(snapshot);
}
END_TEST

/* ---- reports in JSON ---- */

#ifdef HAVE_JANSSON

static const char report[] =
	"{\"columns\": [{\"name\": \"x\", \"type\": \"integer\", \"count\": 3, \"missing\": 1, \"nan\": 0, "
	"\"infinite\": 0, \"invalid\": 0, \"distinct\": 2, \"top\": [{\"value\": 1, \"count\": 2}, "
	"{\"value\": 5, \"count\": 1}], \"rows\": 4, \"mean\": 2.33, \"stddev\": 2.3, \"min\": 1, \"p1\": 1, "
	"\"median\": 1, \"p99_approximate\": true, \"p99\": 4.9, \"max\": 5, \"histogram\": {\"min\": 1, "
	"\"max\": 5, \"counts\": [2, 0, 1], \"max_error\": 1}, \"cells\": {\"number\": 3, \"missing\": 1, "
	"\"nan\": 0, \"infinite\": 0, \"boolean\": 0, \"date\": 0, \"datetime\": 0, \"time\": 0, "
	"\"text\": 0}}], \"files\": 1, \"rows\": 4}";

static enum csvr_status read_report(const char *text, size_t n_bytes,
				    struct csvr_snapshot **snapshot)
{
	struct csvr_error error = { .status = CSVR_OK };
	const enum csvr_status status = csvr_snapshot_of_json(text, n_bytes, snapshot, &error);
	ck_assert(status == CSVR_OK || status == CSVR_INVALID_FILE);
	ck_assert((status == CSVR_OK) == (*snapshot != NULL));
	ck_assert(status == CSVR_OK || strlen(error.message) > 10);
	return status;
}

START_TEST(a_report_is_read)
{
	struct csvr_snapshot *snapshot;
	ck_assert_int_eq(read_report(report, strlen(report), &snapshot), CSVR_OK);
	const struct csvr_snapshot_column *column = &snapshot->tables[0].columns[0];
	ck_assert_str_eq(column->name.text, "x");
	ck_assert_double_eq(csvr_snapshot_n_values(column), 3);
	ck_assert_uint_eq(column->n_items, 2);
	ck_assert(csvr_snapshot_has_all_items(column));
	ck_assert(column->percentiles[6].is_estimate && !column->percentiles[3].is_estimate);
	ck_assert(!column->percentiles[1].is_known);
	ck_assert_double_eq(column->histogram->counts[2], 1);
	csvr_snapshot_free(snapshot);
}
END_TEST

/* What is read can be compared, with itself and with the report. */
static void compare_with_report(const char *text, size_t n_bytes)
{
	static const struct csvr_string_list no_rules;
	struct csvr_snapshot *damaged, *again, *whole;
	struct csvr_diff *diff;
	if (read_report(text, n_bytes, &damaged) != CSVR_OK)
		return;
	ck_assert_int_eq(read_report(text, n_bytes, &again), CSVR_OK);
	ck_assert_int_eq(csvr_compare_snapshots(damaged, again, &no_rules, &diff), CSVR_OK);
	ck_assert_uint_eq(diff->n_changes, 0);
	csvr_diff_free(diff);
	ck_assert_int_eq(read_report(report, strlen(report), &whole), CSVR_OK);
	ck_assert_int_eq(csvr_compare_snapshots(damaged, whole, &no_rules, &diff), CSVR_OK);
	csvr_diff_free(diff);
	csvr_snapshot_free(damaged);
}

START_TEST(a_damaged_report_is_rejected_or_harmless)
{
	char text[sizeof report];
	struct csvr_snapshot *snapshot;
	for (size_t n = 0; n < strlen(report); n++)
		ck_assert_int_eq(read_report(report, n, &snapshot), CSVR_INVALID_FILE);
	for (int i = 0; i < 50000; i++) {
		static const char bytes[] = "0123456789-.e\"{}[]:, \\u\xff";
		memcpy(text, report, sizeof report);
		for (unsigned n = 0; n <= below(3); n++)
			text[below(sizeof report - 1)] = bytes[below(sizeof bytes)];
		compare_with_report(text, strlen(report));
	}
}
END_TEST

START_TEST(what_is_no_report_is_rejected)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"null",
		"1",
		"name,x\na,1\n",
		"{\"columns\": []}",
		"{\"columns\": [], \"rows\": 1}",
		"{\"columns\": {}, \"rows\": 1, \"files\": 1}",
		"{\"columns\": [1], \"rows\": 1, \"files\": 1}",
		"{\"columns\": [{\"name\": \"x\"}], \"rows\": 1, \"files\": 1}",
		"{\"tables\": [], \"rows\": 1, \"files\": 1}",
		"{\"tables\": [{}], \"rows\": 1, \"files\": 1}",
		"{\"columns\": [], \"rows\": -1, \"files\": 1}",
		"{\"columns\": [], \"rows\": 1.5, \"files\": 1}",
		"{\"columns\": [], \"rows\": 1e300, \"files\": 1}",
	};
	struct csvr_snapshot *snapshot;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		ck_assert_msg(read_report(texts[i], strlen(texts[i]), &snapshot) ==
				      CSVR_INVALID_FILE,
			      "%s", texts[i]);
}
END_TEST

#endif

static void add_cases(Suite *suite)
{
	TCase *bounds = tcase_create("bounds");
	tcase_add_test(bounds, logarithms_and_roots_are_those_of_libm);
	tcase_add_loop_test(bounds, chance_reaches_an_evidence_as_rarely_as_is_said, 0,
			    N_DRAWS * N_SIZES);
	tcase_add_loop_test(bounds, equal_shares_reach_an_evidence_as_rarely_as_is_said, 0,
			    N_SIZES);
	tcase_add_test(bounds, differences_that_matter_are_found);
	suite_add_tcase(suite, bounds);
	TCase *rules = tcase_create("rules");
	tcase_add_test(rules, a_rule_replaces_what_it_names);
	tcase_add_test(rules, what_is_no_rule_is_rejected);
	suite_add_tcase(suite, rules);
	TCase *comparisons = tcase_create("comparisons");
	tcase_add_test(comparisons, lost_columns_follow_the_column_that_they_followed);
	tcase_add_test(comparisons, texts_are_those_of_json);
	suite_add_tcase(suite, comparisons);
#ifdef HAVE_JANSSON
	TCase *json = tcase_create("json");
	tcase_add_test(json, a_report_is_read);
	tcase_add_test(json, a_damaged_report_is_rejected_or_harmless);
	tcase_add_test(json, what_is_no_report_is_rejected);
	suite_add_tcase(suite, json);
#endif
}

int main(void)
{
	return check_main("compare", add_cases);
}
