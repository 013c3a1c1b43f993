/* condition.c - the conditions of --where */
#include "parse/condition.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "parse/date_time.h"

/* ---- the parts ---- */

/* Those of two characters come before those that these begin with. */
static const struct {
	const char *text;
	enum csvr_comparison comparison;
} operators[] = { { "!=", CSVR_NOT_EQUAL }, { "<=", CSVR_AT_MOST }, { ">=", CSVR_AT_LEAST },
		  { "=", CSVR_EQUAL },      { "<", CSVR_LESS },     { ">", CSVR_GREATER },
		  { "~", CSVR_LIKE } };

struct parts {
	struct csvr_slice column, value;
	bool is_column_quoted, is_value_quoted;
	enum csvr_comparison comparison;
};

static struct csvr_slice trimmed(const char *start, const char *end)
{
	const unsigned char *first = (const unsigned char *)start;
	const unsigned char *last = (const unsigned char *)end;
	csvr_trim(&first, &last);
	return (struct csvr_slice){ first, (size_t)(last - first) };
}

static bool is_quote(unsigned char byte)
{
	return byte == '"' || byte == '\'';
}

/* The length of the operator at `at`; 0: there is none. */
static size_t operator_at(const char *at, enum csvr_comparison *comparison)
{
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
		const size_t n = strlen(operators[i].text);
		if (strncmp(at, operators[i].text, n) == 0) {
			*comparison = operators[i].comparison;
			return n;
		}
	}
	return 0;
}

/* Removes a pair of quotes around the value. */
static void unquote_value(struct parts *parts)
{
	struct csvr_slice *value = &parts->value;
	parts->is_value_quoted = value->n_bytes >= 2 && is_quote(*value->start) &&
				 value->start[value->n_bytes - 1] == *value->start;
	value->start += parts->is_value_quoted;
	value->n_bytes -= 2 * (size_t)parts->is_value_quoted;
}

/* Splits at the first operator from `at` on; `*next` is where to look for another one. False: there is none. */
static bool split(const char *condition, const char *at, struct parts *parts, const char **next)
{
	size_t n = 0;
	while (*at != '\0' && (n = operator_at(at, &parts->comparison)) == 0)
		at++;
	if (n == 0)
		return false;
	parts->column = trimmed(condition, at);
	parts->value = trimmed(at + n, at + strlen(at));
	parts->is_column_quoted = false;
	unquote_value(parts);
	*next = at + 1;
	return true;
}

/* Splits a condition that begins with a quote. False: the quote is not closed, or no operator follows. */
static bool split_quoted(const char *condition, struct parts *parts)
{
	const char *open = condition + strspn(condition, " \t");
	const char *close = strchr(open + 1, *open), *next;
	if (close == NULL)
		return false;
	const char *at = close + 1 + strspn(close + 1, " \t");
	enum csvr_comparison ignored;
	if (operator_at(at, &ignored) == 0 || !split(condition, at, parts, &next))
		return false;
	parts->column = (struct csvr_slice){ (const unsigned char *)open + 1,
					     (size_t)(close - open - 1) };
	parts->is_column_quoted = true;
	return true;
}

static bool begins_with_quote(const char *condition)
{
	return is_quote((unsigned char)condition[strspn(condition, " \t")]);
}

/* Divides a condition at its first operator. */
static bool split_first(const char *condition, struct parts *parts)
{
	const char *next;
	return begins_with_quote(condition) ? split_quoted(condition, parts)
					    : split(condition, condition, parts, &next);
}

/* ---- the value ---- */

static enum csvr_quantity quantity_of(enum csvr_cell_class class)
{
	switch (class) {
	case CSVR_CELL_NUMBER:
		return CSVR_QUANTITY_NUMBER;
	case CSVR_CELL_DATE:
	case CSVR_CELL_DATETIME:
		return CSVR_QUANTITY_DATE;
	case CSVR_CELL_TIME:
		return CSVR_QUANTITY_TIME;
	default:
		return CSVR_N_QUANTITIES;
	}
}

/* Classifies the value, which is written with a decimal point, or with a comma if the option says that files are. */
static void classify(struct csvr_decimal *decimal, const struct parts *parts,
		     const struct csvr_parse_options *options)
{
	static const struct csvr_cell_rules point = { .decimal = '.' }, comma = { .decimal = ',' };
	decimal->class = CSVR_CELL_TEXT;
	if (parts->is_value_quoted || parts->comparison == CSVR_LIKE)
		return;
	csvr_decimal_parse(decimal, &point, parts->value.start, parts->value.n_bytes);
	if (decimal->class == CSVR_CELL_TEXT && options->decimal == ',')
		csvr_decimal_parse(decimal, &comma, parts->value.start, parts->value.n_bytes);
}

/* The length of a word or sign at `at` by which other languages join conditions; 0: there is none. */
static size_t conjunction_at(const char *at)
{
	static const char *const words[] = { " and ", " AND ", " or ", " OR ", "&&", "||" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncmp(at, words[i], strlen(words[i])) == 0)
			return strlen(words[i]);
	return 0;
}

/*
 * Whether the value goes on with another condition, as in 1 and y>2. It would be compared as a text, and the
 * report would be of the wrong rows without a word. One in quotes does so if they are those of two values: 'a' and y='b'.
 */
static bool has_second_condition(const struct parts *parts)
{
	const char *value = (const char *)parts->value.start, *at = value;
	const char *end = value + parts->value.n_bytes;
	enum csvr_comparison ignored;
	if (parts->is_value_quoted && memchr(value, value[-1], parts->value.n_bytes) == NULL)
		return false;
	size_t n = 0;
	while (at < end && (n = conjunction_at(at)) == 0)
		at++;
	if (n == 0)
		return false;
	for (at += n; at < end; at++)
		if (operator_at(at, &ignored) > 0)
			return true;
	return false;
}

/* Whether a text to be compared by order is the start of a number or a date: 1,5 or 2024-13-01. The report would be of the
 * wrong rows without a word. */
static bool is_almost_number(const struct parts *parts)
{
	const struct csvr_slice *value = &parts->value;
	size_t n_digits = 0;
	if (parts->is_value_quoted || parts->comparison == CSVR_EQUAL ||
	    parts->comparison == CSVR_NOT_EQUAL || parts->comparison == CSVR_LIKE)
		return false;
	for (size_t i = 0; i < value->n_bytes; i++) {
		const unsigned char byte = value->start[i];
		n_digits += byte >= '0' && byte <= '9';
		if ((byte < '0' || byte > '9') && memchr(" +,-./:T", byte, 8) == NULL)
			return false;
	}
	return n_digits > 0;
}

static enum csvr_status fail(struct csvr_error *error, const char *problem)
{
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0, "%s", problem);
}

enum csvr_status csvr_condition_check(const char *condition,
				      const struct csvr_parse_options *options,
				      struct csvr_error *error)
{
	struct parts parts;
	struct csvr_decimal decimal;
	enum csvr_comparison ignored;
	if (!split_first(condition, &parts))
		return fail(
			error,
			begins_with_quote(condition)
				? "no operator after the quoted name; close the quote, and write "
				  "one of = != < <= > >= ~ and a value after it"
				: "no operator; write a column, one of = != < <= > >= ~, and a "
				  "value, such as 'temp>=0'");
	if (parts.column.n_bytes == 0)
		return fail(error, "no column before the operator; write its name or number there");
	if (!parts.is_column_quoted && parts.column.start[parts.column.n_bytes - 1] == '!')
		return fail(error,
			    "there is no such operator; write one of = != < <= > >= ~, or put the "
			    "column in quotes");
	if (parts.value.n_bytes == 0)
		return csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"no value after the operator; to keep the rows that have one, "
			"write '%.*s~*'",
			(int)parts.column.n_bytes, (const char *)parts.column.start);
	if (!parts.is_value_quoted && operator_at((const char *)parts.value.start, &ignored) > 0)
		return fail(error,
			    "the value begins with an operator; write one of = != < <= > >= ~, or "
			    "put the value in quotes");
	if (!parts.is_value_quoted && is_quote(*parts.value.start))
		return fail(error,
			    "the quote is not closed; close it, or put the other kind of quote "
			    "around the value");
	if (has_second_condition(&parts))
		return fail(error,
			    "the value contains another condition; give --where once for each, of "
			    "which all must hold, or put the value in quotes");
	classify(&decimal, &parts, options);
	if ((decimal.class == CSVR_CELL_NAN || decimal.class == CSVR_CELL_INFINITE) &&
	    parts.comparison != CSVR_EQUAL && parts.comparison != CSVR_NOT_EQUAL)
		return fail(error,
			    "the value is not a finite number, and has no place in their order; "
			    "use = or !=, or put it in quotes");
	if (decimal.class == CSVR_CELL_TEXT && is_almost_number(&parts))
		return fail(
			error,
			"the value is neither a number nor a date nor a time; write numbers as "
			"1.5, dates as 2024-01-31 and times as 10:30:00, or put a text in quotes");
	return CSVR_OK;
}

/* ---- the column ---- */

/* The index of the column with that name; SIZE_MAX: there is none. `folded` has room for the name. */
static size_t find_name(struct csvr_slice column, bool folds, char *folded,
			const struct csvr_slice *names, size_t n_names)
{
	if (folds) {
		memcpy(folded, column.start, column.n_bytes);
		column.n_bytes = csvr_fold_name(folded, column.n_bytes);
		column.start = (const unsigned char *)folded;
	}
	for (size_t i = 0; i < n_names; i++)
		if (names[i].n_bytes == column.n_bytes &&
		    memcmp(names[i].start, column.start, column.n_bytes) == 0)
			return i;
	return SIZE_MAX;
}

static size_t find_number(struct csvr_slice column, size_t n_names)
{
	enum { MOST_DIGITS = 9 };
	size_t number = 0;
	if (column.n_bytes > MOST_DIGITS)
		return SIZE_MAX;
	for (size_t i = 0; i < column.n_bytes; i++) {
		if (column.start[i] < '0' || column.start[i] > '9')
			return SIZE_MAX;
		number = number * 10 + (size_t)(column.start[i] - '0');
	}
	return number >= 1 && number <= n_names ? number - 1 : SIZE_MAX;
}

/* Divides a condition after the longest name of a column that it begins with; after a number of one, if that is none. */
static size_t find_column(const char *text, bool folds, char *folded,
			  const struct csvr_slice *names, size_t n_names, struct parts *parts)
{
	size_t column = SIZE_MAX;
	if (!split_first(text, parts))
		return SIZE_MAX;
	if (parts->is_column_quoted)
		return find_name(parts->column, folds, folded, names, n_names);
	struct parts other;
	for (const char *at = text; split(text, at, &other, &at);) {
		const size_t found = find_name(other.column, folds, folded, names, n_names);
		if (found == SIZE_MAX || other.value.n_bytes == 0)
			continue;
		column = found;
		*parts = other;
	}
	return column != SIZE_MAX ? column : find_number(parts->column, n_names);
}

enum csvr_status csvr_condition_resolve(struct csvr_condition *condition, const char *text,
					const struct csvr_parse_options *options,
					const struct csvr_slice *names, size_t n_names,
					struct csvr_arena *strings, const char **column_name)
{
	static const struct csvr_slice nothing = { (const unsigned char *)"", 0 };
	struct parts parts = { .column = nothing, .value = nothing, .comparison = CSVR_EQUAL };
	char *folded = malloc(strlen(text) + 1);
	if (folded == NULL)
		return CSVR_NO_MEMORY;
	condition->column = find_column(text, options->fold_names, folded, names, n_names, &parts);
	free(folded);
	condition->comparison = parts.comparison;
	condition->value_bytes = parts.value.n_bytes;
	condition->value = csvr_arena_copy(strings, (const char *)parts.value.start,
					   parts.value.n_bytes);
	*column_name = csvr_arena_copy(strings, (const char *)parts.column.start,
				       parts.column.n_bytes);
	if (condition->value == NULL || *column_name == NULL)
		return CSVR_NO_MEMORY;
	condition->is_ascii = true;
	for (size_t i = 0; i < parts.value.n_bytes; i++)
		condition->is_ascii &= parts.value.start[i] < 0x80;
	classify(&condition->decimal, &parts, options);
	condition->quantity = quantity_of(condition->decimal.class);
	condition->has_threshold = 0;
	return CSVR_OK;
}

/* Whether a text, which may be empty, is missing. */
static bool is_missing(const struct csvr_cell_rules *rules, struct csvr_decimal *decimal,
		       const unsigned char *text, size_t n_bytes)
{
	if (n_bytes == 0 || csvr_is_null_word(rules, text, n_bytes))
		return true;
	if (rules->n_null_numbers == 0 || csvr_is_certainly_text(rules, text, n_bytes))
		return false;
	csvr_decimal_parse(decimal, rules, text, n_bytes);
	return decimal->class == CSVR_CELL_MISSING;
}

void csvr_condition_set_rules(struct csvr_condition *condition, const struct csvr_cell_rules *rules)
{
	struct csvr_decimal decimal;
	condition->rules = rules;
	condition->means_missing = condition->quantity == CSVR_N_QUANTITIES &&
				   is_missing(rules, &decimal,
					      (const unsigned char *)condition->value,
					      condition->value_bytes);
}

/* ---- comparing ---- */

enum { PART_DIGITS = 18 };
static const uint64_t part_limit = UINT64_C(1000000000000000000); /* 10^18 */

/* The digits of a magnitude from the first that is not 0 on: 0.d1 d2 d3... times 10^power. */
struct digit_string {
	int power;
	size_t n_digits;
	unsigned char digit[CSVR_DECIMAL_PARTS * PART_DIGITS];
};

static void write_digits(const struct csvr_decimal *decimal, struct digit_string *digits)
{
	digits->n_digits = 0;
	for (size_t i = decimal->n_parts; i-- > 0;) {
		uint64_t part = decimal->part[i];
		for (size_t j = PART_DIGITS; j-- > 0; part /= 10)
			digits->digit[digits->n_digits + j] = (unsigned char)(part % 10);
		digits->n_digits += PART_DIGITS;
	}
	size_t n_zeros = 0;
	while (n_zeros < digits->n_digits && digits->digit[n_zeros] == 0)
		n_zeros++;
	digits->power = decimal->exponent + (int)(digits->n_digits - n_zeros);
	digits->n_digits -= n_zeros;
	memmove(digits->digit, digits->digit + n_zeros, digits->n_digits);
	while (digits->n_digits > 0 && digits->digit[digits->n_digits - 1] == 0)
		digits->n_digits--;
}

static int compare_magnitudes(const struct csvr_decimal *a, const struct csvr_decimal *b)
{
	struct digit_string left, right;
	if (a->n_parts == 1 && b->n_parts == 1 && a->exponent == b->exponent)
		return (a->part[0] > b->part[0]) - (a->part[0] < b->part[0]);
	write_digits(a, &left);
	write_digits(b, &right);
	if (left.n_digits == 0 || right.n_digits == 0)
		return (left.n_digits > 0) - (right.n_digits > 0);
	if (left.power != right.power)
		return left.power < right.power ? -1 : 1;
	const size_t n = left.n_digits < right.n_digits ? left.n_digits : right.n_digits;
	const int order = memcmp(left.digit, right.digit, n);
	return order != 0 ? (order > 0) - (order < 0) : (left.n_digits > n) - (right.n_digits > n);
}

static bool is_zero(const struct csvr_decimal *decimal)
{
	for (size_t i = 0; i < decimal->n_parts; i++)
		if (decimal->part[i] != 0)
			return false;
	return true;
}

int csvr_decimal_compare(const struct csvr_decimal *a, const struct csvr_decimal *b)
{
	const int sign_a = is_zero(a) ? 0 : a->is_negative ? -1 : 1;
	const int sign_b = is_zero(b) ? 0 : b->is_negative ? -1 : 1;
	if (sign_a != sign_b)
		return sign_a < sign_b ? -1 : 1;
	const int order = compare_magnitudes(a, b);
	return sign_a < 0 ? -order : order;
}

/* ---- thresholds ---- */

static int compare_value(const struct csvr_condition *condition, int64_t value, unsigned scale)
{
	const uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	struct csvr_decimal decimal = { .is_negative = value < 0, .exponent = -(int)scale };
	decimal.part[0] = magnitude % part_limit;
	decimal.part[1] = magnitude / part_limit;
	decimal.n_parts = decimal.part[1] != 0 ? 2 : 1;
	return csvr_decimal_compare(&decimal, &condition->decimal);
}

/* The least value that is not less than that of the condition. */
static int64_t first_not_less(const struct csvr_condition *condition, unsigned scale)
{
	const int64_t limit = (int64_t)part_limit; /* magnitudes of values are less */
	int64_t low = -limit,
		high = limit; /* it is one of [low, high]; at `limit`, there is none */
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;
		if (compare_value(condition, middle, scale) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct csvr_threshold threshold_at(struct csvr_condition *condition, unsigned scale)
{
	struct csvr_threshold *threshold = &condition->thresholds[scale];
	if ((condition->has_threshold >> scale & 1) == 0) {
		threshold->first = first_not_less(condition, scale);
		threshold->is_equal = compare_value(condition, threshold->first, scale) == 0;
		condition->has_threshold |= UINT32_C(1) << scale;
	}
	return *threshold;
}

struct csvr_interval csvr_condition_interval(struct csvr_condition *condition, unsigned scale)
{
	const struct csvr_threshold threshold = threshold_at(condition, scale);
	const int64_t first = threshold.first;
	/* Greater values start here, and values that are less end before `first`. */
	const int64_t greater = first + threshold.is_equal;
	const uint64_t below = (uint64_t)first - (uint64_t)INT64_MIN;
	switch (condition->comparison) {
	case CSVR_EQUAL:
	case CSVR_NOT_EQUAL:
		if (!threshold.is_equal) /* no value is in it, or every value */
			return (struct csvr_interval){ INT64_MIN, UINT64_MAX,
						       condition->comparison == CSVR_EQUAL };
		return (struct csvr_interval){ first, 0, condition->comparison != CSVR_EQUAL };
	case CSVR_LESS:
		return (struct csvr_interval){ INT64_MIN, below - 1, false };
	case CSVR_AT_MOST:
		return (struct csvr_interval){ INT64_MIN, below - !threshold.is_equal, false };
	case CSVR_GREATER:
		return (struct csvr_interval){ greater, (uint64_t)INT64_MAX - (uint64_t)greater,
					       false };
	default:
		return (struct csvr_interval){ first, (uint64_t)INT64_MAX - (uint64_t)first,
					       false };
	}
}

/* ---- relations ---- */

bool csvr_condition_accepts(const struct csvr_condition *condition, enum csvr_relation relation)
{
	enum {
		LESS = 1 << CSVR_RELATION_LESS,
		EQUAL = 1 << CSVR_RELATION_EQUAL,
		GREATER = 1 << CSVR_RELATION_GREATER,
		OTHERS = 1 << CSVR_RELATION_MISSING | 1 << CSVR_RELATION_OTHER
	};
	static const unsigned char accepted[CSVR_N_COMPARISONS] = {
		[CSVR_EQUAL] = EQUAL,     [CSVR_NOT_EQUAL] = LESS | GREATER | OTHERS,
		[CSVR_LESS] = LESS,       [CSVR_AT_MOST] = LESS | EQUAL,
		[CSVR_GREATER] = GREATER, [CSVR_AT_LEAST] = GREATER | EQUAL,
		[CSVR_LIKE] = EQUAL,
	};
	return (accepted[condition->comparison] >> relation & 1) != 0;
}

static enum csvr_relation relation_of_order(int order)
{
	return order < 0   ? CSVR_RELATION_LESS
	       : order > 0 ? CSVR_RELATION_GREATER
			   : CSVR_RELATION_EQUAL;
}

static enum csvr_relation relate_text(const struct csvr_condition *condition,
				      struct csvr_decimal *decimal, struct csvr_slice text)
{
	if (is_missing(condition->rules, decimal, text.start, text.n_bytes))
		return CSVR_RELATION_MISSING;
	if (condition->comparison == CSVR_LIKE)
		return fnmatch(condition->value, (const char *)text.start, 0) == 0
			       ? CSVR_RELATION_EQUAL
			       : CSVR_RELATION_LESS;
	const size_t n = text.n_bytes < condition->value_bytes ? text.n_bytes
							       : condition->value_bytes;
	const int order = memcmp(text.start, condition->value, n);
	return relation_of_order(order != 0 ? order
					    : (text.n_bytes > n) - (condition->value_bytes > n));
}

bool csvr_condition_relate_time(struct csvr_condition *condition, struct csvr_slice text,
				enum csvr_relation *relation)
{
	struct csvr_quick_time time;
	if (!condition->rules->starts_time[*text.start] ||
	    !csvr_quick_time_read(&time, text.start, text.n_bytes))
		return false;
	*relation = CSVR_RELATION_OTHER;
	if (quantity_of(time.class) != condition->quantity)
		return true;
	const struct csvr_threshold threshold = threshold_at(condition, time.n_digits);
	*relation = time.value < threshold.first ? CSVR_RELATION_LESS : CSVR_RELATION_GREATER;
	if (time.value == threshold.first && threshold.is_equal)
		*relation = CSVR_RELATION_EQUAL;
	return true;
}

enum csvr_relation csvr_condition_relate(struct csvr_condition *condition,
					 struct csvr_decimal *decimal, struct csvr_slice text)
{
	const struct csvr_cell_rules *rules = condition->rules;
	decimal->class = CSVR_CELL_TEXT;
	if (condition->quantity == CSVR_N_QUANTITIES)
		return relate_text(condition, decimal, text);
	if (text.n_bytes == 0)
		return CSVR_RELATION_MISSING;
	if (csvr_is_certainly_text(rules, text.start, text.n_bytes))
		return CSVR_RELATION_OTHER;
	enum csvr_relation relation;
	if (condition->quantity != CSVR_QUANTITY_NUMBER &&
	    csvr_condition_relate_time(condition, text, &relation))
		return relation;
	csvr_decimal_parse(decimal, rules, text.start, text.n_bytes);
	if (decimal->class == CSVR_CELL_MISSING)
		return CSVR_RELATION_MISSING;
	if (quantity_of(decimal->class) != condition->quantity)
		return CSVR_RELATION_OTHER;
	return relation_of_order(csvr_decimal_compare(decimal, &condition->decimal));
}
