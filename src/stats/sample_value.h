/* sample_value.h - values in one canonical form, and their hashes
 *
 * Cells that mean the same value have the same form, however they are written: 1, 1.00 and 1e0; 0 and -0.
 * The scale of a batch does not reach it. Numbers and texts are different values.
 *
 * Shape   a number of at most 15 digits is the nearest double: two such numbers have two doubles. Others
 *         are an integer and an exponent, or text if they have more than 18 digits. A text is its bytes.
 *         A long text is its first bytes, its SHA-256 and its length.
 * Errors  none
 * Threads pure
 */
#ifndef CSVR_STATS_SAMPLE_VALUE_H
#define CSVR_STATS_SAMPLE_VALUE_H

#include <string.h>

#include "stats/aggregate.h"

enum csvr_value_form {
	CSVR_FORM_DOUBLE, /* word: its bits; never -0 */
	CSVR_FORM_DECIMAL, /* word: a signed integer, not a multiple of 10; size: its power of ten */
	CSVR_FORM_DIGITS, /* bytes: "-", digits, "e", power of ten */
	CSVR_FORM_TEXT,
	CSVR_N_VALUE_FORMS
};

enum {
	CSVR_SAMPLE_TEXT_BYTES =
		240, /* of a text that are kept; of a longer one a digest is kept too */
	CSVR_DOUBLE_DIGITS = 15, /* DBL_DIG */
	CSVR_DOUBLE_MAX_EXPONENT = 290, /* of these digits: neither infinite nor subnormal */
	CSVR_DECIMAL_DIGITS = 18 /* of a part of struct csvr_number */
};

struct csvr_sample_value {
	uint64_t hash; /* fixed, the same in every process; never 0 */
	enum csvr_value_form form;
	int32_t size; /* DIGITS, TEXT: length in bytes, before shortening */
	union {
		uint64_t word;
		/* DIGITS, TEXT: min(size, CSVR_SAMPLE_TEXT_BYTES) bytes, never NULL. */
		const unsigned char *bytes; /* of a value that is looked up; not owned */
		unsigned char *own_bytes; /* of an entry of a sample */
	};
};

/* Room for the bytes of a value. */
struct csvr_sample_buffer {
	unsigned char bytes[CSVR_SAMPLE_TEXT_BYTES];
};

/* A bijection whose result looks random: two multiplications, after Steele, Lea and Flood, "Fast
 * splittable pseudorandom number generators" (2014), with other shifts. */
static inline uint64_t csvr_sample_mix(uint64_t word)
{
	word ^= word >> 32;
	word *= UINT64_C(0xbf58476d1ce4e5b9);
	word ^= word >> 29;
	word *= UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 32;
}

/* The hash of a double: no two have the same, but for one pair. */
static inline uint64_t csvr_sample_hash_double(uint64_t bits)
{
	const uint64_t hash = csvr_sample_mix(bits ^ UINT64_C(0x9e3779b97f4a7c15));
	return hash + (hash == 0);
}

/* Whether csvr_sample_double may be called: |value| < 10^15. */
static inline bool csvr_sample_is_short(int64_t value)
{
	const int64_t limit = INT64_C(1000000000000000);
	return value > -limit && value < limit;
}

/* The bits of the double nearest to a short integer divided by 10^scale, 0 <= scale <= 22: both are
 * exact, so the division rounds once. */
static inline uint64_t csvr_sample_double(int64_t value, double power_of_ten)
{
	const double quotient = (double)value / power_of_ten;
	uint64_t bits;
	memcpy(&bits, &quotient, sizeof bits);
	return bits;
}

/* Sets `value`, which may point into `buffer`. */
void csvr_sample_value_of_number(struct csvr_sample_value *value, const struct csvr_number *number,
				 struct csvr_sample_buffer *buffer);

/* Sets `value`, which may point into `text` or `buffer`. */
void csvr_sample_value_of_text(struct csvr_sample_value *value, const unsigned char *text,
			       size_t n_bytes, struct csvr_sample_buffer *buffer);

/* The bytes that are kept of a text of `size` bytes. */
static inline size_t csvr_sample_kept_bytes(int32_t size)
{
	return size < CSVR_SAMPLE_TEXT_BYTES ? (size_t)size : CSVR_SAMPLE_TEXT_BYTES;
}

static inline bool csvr_form_has_bytes(enum csvr_value_form form)
{
	return form == CSVR_FORM_DIGITS || form == CSVR_FORM_TEXT;
}

/* A hash of form, size, word and bytes. With seed 0, it is that of csvr_sample_value. */
uint64_t csvr_sample_hash(const struct csvr_sample_value *value, uint64_t seed);

/* The order of states: by form, then by value or bytes. < 0, 0, > 0. */
int csvr_sample_value_compare(const struct csvr_sample_value *a, const struct csvr_sample_value *b);

/* Whether a value read from a state is in canonical form, as far as its bytes show. */
bool csvr_sample_value_is_canonical(const struct csvr_sample_value *value);

#endif
