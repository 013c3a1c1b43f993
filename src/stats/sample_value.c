/* sample_value.c - values in one canonical form, and their hashes */
#include "stats/sample_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal_to_double.h"
#include "base/number_format.h"
#include "base/serialize.h"
#include "base/sha256.h"

/* 80 parts of 18 digits, more than any number has (parse/decimal.h). */
enum { MOST_PARTS = 80, MOST_DIGITS = MOST_PARTS * CSVR_DECIMAL_DIGITS };
/* A sign, the exponent and ":". */
enum { DIGITS_EXTRA = 16 };
/* Of a text that is too long; its SHA-256 follows. */
enum { PREFIX_BYTES = CSVR_SAMPLE_PREFIX_BYTES };
_Static_assert((int)PREFIX_BYTES + (int)CSVR_SHA256_BYTES == (int)CSVR_SAMPLE_TEXT_BYTES,
	       "both fill the kept bytes");

static const uint64_t short_limit = UINT64_C(1000000000000000); /* 10^15 */
static const uint64_t part_limit = UINT64_C(1000000000000000000); /* 10^18 */
enum { MIN_EXPONENT = -1100, MAX_EXPONENT = 308 }; /* of any digit of a number */

/* ---- hashes ---- */

uint64_t csvr_sample_hash(const struct csvr_sample_value *value, uint64_t seed)
{
	if (value->form == CSVR_FORM_DOUBLE)
		return csvr_sample_hash_double(value->word ^ seed, value->quantity);
	const uint64_t kind = (uint64_t)value->quantity << 4 | (uint64_t)value->form;
	uint64_t hash = csvr_sample_mix((uint64_t)(uint32_t)value->size << 8 | kind) ^ seed;
	if (value->form == CSVR_FORM_DECIMAL) {
		hash = csvr_sample_mix(hash ^ value->word);
	} else {
		const size_t n_bytes = csvr_sample_kept_bytes(value->size);
		size_t i = 0;
		for (; i + 8 <= n_bytes; i += 8)
			hash = csvr_sample_mix(hash ^ csvr_load8(value->bytes + i));
		hash = csvr_sample_mix(hash ^ csvr_load_few(value->bytes + i, n_bytes - i));
	}
	return hash + (hash == 0);
}

const char csvr_sample_anchor;

/* ---- entries ---- */

bool csvr_sample_entry_init(struct csvr_sample_entry *entry, const struct csvr_sample_value *value,
			    uint64_t count)
{
	entry->value = *value;
	entry->count = count;
	if (!csvr_form_has_bytes(value->form))
		return true;
	const size_t n_bytes = csvr_sample_kept_bytes(value->size);
	entry->value.own_bytes = malloc(n_bytes + 1);
	if (entry->value.own_bytes == NULL)
		return false;
	memcpy(entry->value.own_bytes, value->bytes, n_bytes);
	return true;
}

/* ---- texts ---- */

static void set_bytes(struct csvr_sample_value *value, enum csvr_value_form form,
		      const unsigned char *text, size_t n_bytes, struct csvr_sample_buffer *buffer)
{
	value->form = form;
	value->size = (int32_t)n_bytes;
	value->bytes = text;
	if (n_bytes > CSVR_SAMPLE_TEXT_BYTES) {
		struct csvr_sha256 digest;
		csvr_sha256_init(&digest);
		csvr_sha256_add(&digest, text, n_bytes);
		csvr_sha256_finish(&digest, buffer->bytes + PREFIX_BYTES);
		memcpy(buffer->bytes, text, PREFIX_BYTES);
		value->bytes = buffer->bytes;
	}
	value->hash = csvr_sample_hash(value, 0);
}

void csvr_sample_value_of_text(struct csvr_sample_value *value, const unsigned char *text,
			       size_t n_bytes, struct csvr_sample_buffer *buffer)
{
	value->quantity = CSVR_QUANTITY_NUMBER;
	set_bytes(value, CSVR_FORM_TEXT, text, n_bytes, buffer);
}

/* ---- numbers ---- */

static void set_double(struct csvr_sample_value *value, uint64_t part, int exponent,
		       bool is_negative)
{
	const double number = csvr_decimal_to_double(&part, 1, exponent, is_negative);
	value->form = CSVR_FORM_DOUBLE;
	value->size = 0;
	memcpy(&value->word, &number, sizeof number);
	value->hash = csvr_sample_hash(value, 0);
}

static bool is_short_exponent(int exponent)
{
	return exponent >= -CSVR_DOUBLE_MAX_EXPONENT && exponent <= CSVR_DOUBLE_MAX_EXPONENT;
}

static void set_part(struct csvr_sample_value *value, uint64_t part, int exponent, bool is_negative)
{
	/* Without its trailing zeros it has no more digits, and its exponent is in range too. */
	if (part == 0 || (part < short_limit && exponent >= -22 && exponent <= 22)) {
		set_double(value, part, exponent, is_negative);
		return;
	}
	for (; part % 10 == 0; part /= 10)
		exponent++;
	if (part < short_limit && is_short_exponent(exponent)) {
		set_double(value, part, exponent, is_negative);
		return;
	}
	value->form = CSVR_FORM_DECIMAL;
	value->size = exponent;
	value->word = is_negative ? -part : part;
	value->hash = csvr_sample_hash(value, 0);
}

/* All digits of a number of several parts; returns how many there are. */
static size_t write_digits(const struct csvr_number *number, char digits[MOST_DIGITS])
{
	size_t n_digits = 0;
	for (size_t i = number->n_parts; i-- > 0; n_digits += CSVR_DECIMAL_DIGITS) {
		uint64_t part = number->part[i];
		for (size_t j = CSVR_DECIMAL_DIGITS; j-- > 0; part /= 10)
			digits[n_digits + j] = (char)('0' + part % 10);
	}
	return n_digits;
}

static void set_parts(struct csvr_sample_value *value, const struct csvr_number *number,
		      struct csvr_sample_buffer *buffer)
{
	char text[DIGITS_EXTRA + MOST_DIGITS];
	char *first = text + DIGITS_EXTRA;
	int exponent = number->exponent;
	size_t n_digits = write_digits(number, first);
	for (; n_digits > 1 && *first == '0'; first++)
		n_digits--;
	for (; n_digits > 1 && first[n_digits - 1] == '0'; exponent++)
		n_digits--;
	if (n_digits <= CSVR_DECIMAL_DIGITS) {
		uint64_t part = 0;
		for (size_t i = 0; i < n_digits; i++)
			part = part * 10 + (uint64_t)(first[i] - '0');
		set_part(value, part, exponent, number->is_negative);
		return;
	}
	char start[DIGITS_EXTRA];
	const size_t n_start = (size_t)snprintf(start, sizeof start, "%d:%s",
						exponent + (int)n_digits - 1,
						number->is_negative ? "-" : "");
	first -= n_start;
	memcpy(first, start, n_start);
	n_digits += n_start;
	set_bytes(value, CSVR_FORM_DIGITS, (const unsigned char *)first, n_digits, buffer);
	if (value->bytes != buffer->bytes) {
		memcpy(buffer->bytes, first, n_digits);
		value->bytes = buffer->bytes;
	}
}

void csvr_sample_value_of_number(struct csvr_sample_value *value, const struct csvr_number *number,
				 struct csvr_sample_buffer *buffer)
{
	value->quantity = number->quantity;
	if (number->n_parts == 1)
		set_part(value, number->part[0], number->exponent, number->is_negative);
	else
		set_parts(value, number, buffer);
}

/* ---- order ---- */

/* Integers in the order of the doubles whose bits they are. */
static int64_t order_of_bits(uint64_t bits)
{
	return (bits >> 63) != 0 ? -(int64_t)(bits & INT64_MAX) : (int64_t)bits;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int csvr_sample_value_compare(const struct csvr_sample_value *a, const struct csvr_sample_value *b)
{
	const int list_a = csvr_sample_list_of(a), list_b = csvr_sample_list_of(b);
	if (list_a != list_b)
		return list_a < list_b ? -1 : 1;
	if (a->form == CSVR_FORM_DOUBLE)
		return compare(order_of_bits(a->word), order_of_bits(b->word));
	if (a->form == CSVR_FORM_DECIMAL)
		return a->size != b->size ? compare(a->size, b->size)
					  : compare((int64_t)a->word, (int64_t)b->word);
	const size_t n_a = csvr_sample_kept_bytes(a->size), n_b = csvr_sample_kept_bytes(b->size);
	const size_t n_both = n_a < n_b ? n_a : n_b;
	const int order = n_both > 0 ? memcmp(a->bytes, b->bytes, n_both) : 0;
	return order != 0 ? order : compare(a->size, b->size);
}

/* ---- doubles ---- */

/* The text of a value of form CSVR_FORM_DIGITS. */
struct long_number {
	bool is_negative;
	int exponent; /* of the first digit */
	const unsigned char *digits;
	size_t n_digits; /* that are kept */
};

/* Reads decimal digits from `*at` on, at most four. */
static int read_integer(const unsigned char **at, const unsigned char *end)
{
	int integer = 0;
	for (int i = 0; i < 4 && *at < end && **at >= '0' && **at <= '9'; i++, ++*at)
		integer = 10 * integer + (**at - '0');
	return integer;
}

/* False: it has no exponent. Nothing else is checked. */
static bool parse_long_number(const struct csvr_sample_value *value, struct long_number *number)
{
	const unsigned char *at = value->bytes;
	const unsigned char *end = at + (value->size <= CSVR_SAMPLE_TEXT_BYTES ? value->size
									       : PREFIX_BYTES);
	const bool is_below_one = at < end && *at == '-';
	at += is_below_one;
	number->exponent = read_integer(&at, end) * (is_below_one ? -1 : 1);
	if (at >= end || *at++ != ':')
		return false;
	number->is_negative = at < end && *at == '-';
	number->digits = at + number->is_negative;
	number->n_digits = (size_t)(end - number->digits);
	return true;
}

static double long_number_to_double(const struct csvr_sample_value *value)
{
	struct long_number number;
	uint64_t part[CSVR_SAMPLE_TEXT_BYTES / CSVR_DECIMAL_DIGITS + 1] = { 0 };
	if (!parse_long_number(value, &number))
		return 0;
	const size_t n_parts = (number.n_digits + CSVR_DECIMAL_DIGITS - 1) / CSVR_DECIMAL_DIGITS;
	for (size_t i = 0; i < number.n_digits; i++) {
		uint64_t *group = &part[(number.n_digits - 1 - i) / CSVR_DECIMAL_DIGITS];
		*group = 10 * *group + (uint64_t)(number.digits[i] - '0');
	}
	return csvr_decimal_to_double(part, n_parts, number.exponent + 1 - (int)number.n_digits,
				      number.is_negative);
}

double csvr_sample_value_to_double(const struct csvr_sample_value *value)
{
	double number;
	if (value->form == CSVR_FORM_DIGITS)
		return long_number_to_double(value);
	if (value->form == CSVR_FORM_DECIMAL) {
		const bool is_negative = (int64_t)value->word < 0;
		const uint64_t part = is_negative ? -value->word : value->word;
		return csvr_decimal_to_double(&part, 1, value->size, is_negative);
	}
	memcpy(&number, &value->word, sizeof number);
	return number;
}

/* ---- decimals ---- */

void csvr_sample_value_to_decimal(const struct csvr_sample_value *value,
				  struct csvr_digits *decimal)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	struct long_number number;
	*decimal = (struct csvr_digits){ 0 };
	if (value->form == CSVR_FORM_DOUBLE) {
		csvr_number_shortest(csvr_sample_value_to_double(value), text);
		csvr_digits_parse(text, decimal);
	} else if (value->form == CSVR_FORM_DECIMAL) {
		snprintf(text, sizeof text, "%" PRId64 "e%d", (int64_t)value->word, value->size);
		csvr_digits_parse(text, decimal);
	} else if (parse_long_number(value, &number)) {
		decimal->is_negative = number.is_negative;
		decimal->power = number.exponent + 1;
		for (int i = 0; i < (int)number.n_digits && i < CSVR_DIGITS_BYTES - 1; i++) {
			decimal->digit[i] = (char)number.digits[i];
			if (number.digits[i] != '0')
				decimal->n_digits = i + 1;
		}
		decimal->digit[decimal->n_digits] = '\0';
	}
}

static int order_of_decimals(const struct csvr_digits *a, const struct csvr_digits *b)
{
	const int sign_a = a->digit[0] == '0' ? 0 : a->is_negative ? -1 : 1;
	const int sign_b = b->digit[0] == '0' ? 0 : b->is_negative ? -1 : 1;
	if (sign_a != sign_b || sign_a == 0)
		return sign_a - sign_b;
	if (a->power != b->power)
		return sign_a * (a->power - b->power);
	const int order = strcmp(a->digit, b->digit);
	return order < 0 ? -sign_a : order > 0 ? sign_a : 0;
}

int csvr_sample_value_order_exactly(const struct csvr_sample_value *a,
				    const struct csvr_sample_value *b)
{
	struct csvr_digits decimal_a, decimal_b;
	csvr_sample_value_to_decimal(a, &decimal_a);
	csvr_sample_value_to_decimal(b, &decimal_b);
	const int order = order_of_decimals(&decimal_a, &decimal_b);
	return order != 0 ? order : csvr_sample_value_compare(a, b);
}

int csvr_sample_value_order(const struct csvr_sample_value *a, const struct csvr_sample_value *b)
{
	const bool is_number = a->form != CSVR_FORM_TEXT && b->form != CSVR_FORM_TEXT;
	if (!is_number || a->quantity != b->quantity)
		return csvr_sample_value_compare(a, b);
	/* Rounding keeps order. */
	const double left = csvr_sample_value_to_double(a), right = csvr_sample_value_to_double(b);
	if (left != right)
		return left < right ? -1 : 1;
	return csvr_sample_value_order_exactly(a, b);
}

/* ---- values from states ---- */

static bool is_double_canonical(uint64_t bits)
{
	double number;
	memcpy(&number, &bits, sizeof number);
	return bits == 0 || (isfinite(number) && fabs(number) >= 1e-290 && fabs(number) <= 1e305);
}

static bool is_decimal_canonical(const struct csvr_sample_value *value)
{
	const int exponent = value->size;
	const uint64_t part = (int64_t)value->word < 0 ? -value->word : value->word;
	return part < part_limit && part % 10 != 0 && exponent >= MIN_EXPONENT &&
	       exponent <= MAX_EXPONENT && (part >= short_limit || !is_short_exponent(exponent)) &&
	       isfinite(csvr_sample_value_to_double(value));
}

static bool is_digits_canonical(const struct csvr_sample_value *value)
{
	struct long_number number;
	char start[DIGITS_EXTRA];
	if (value->size > DIGITS_EXTRA + MOST_DIGITS || !parse_long_number(value, &number))
		return false;
	if (number.n_digits <= CSVR_DECIMAL_DIGITS || number.exponent > MAX_EXPONENT)
		return false;
	const int n_start = snprintf(start, sizeof start, "%d:%s", number.exponent,
				     number.is_negative ? "-" : "");
	const int n_all = value->size - n_start;
	if (n_start != number.digits - value->bytes ||
	    memcmp(start, value->bytes, (size_t)n_start) != 0 ||
	    number.exponent + 1 - n_all < MIN_EXPONENT)
		return false;
	for (size_t i = 0; i < number.n_digits; i++)
		if (number.digits[i] < '0' || number.digits[i] > '9')
			return false;
	const bool is_whole = value->size <= CSVR_SAMPLE_TEXT_BYTES;
	return number.digits[0] != '0' && (!is_whole || number.digits[n_all - 1] != '0') &&
	       isfinite(csvr_sample_value_to_double(value));
}

bool csvr_sample_value_is_canonical(const struct csvr_sample_value *value)
{
	switch (value->form) {
	case CSVR_FORM_DOUBLE:
		return is_double_canonical(value->word);
	case CSVR_FORM_DECIMAL:
		return is_decimal_canonical(value);
	case CSVR_FORM_DIGITS:
		return is_digits_canonical(value);
	default:
		return true;
	}
}
