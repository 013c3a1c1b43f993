/* sample_value.h - values in one canonical form, and their hashes
 *
 * Cells that mean the same value have the same form, however they are written: 1, 1.00 and 1e0; 0 and -0.
 * The scale of a batch does not reach it. Values of different quantities, and texts, are different values.
 *
 * Shape   a number of at most 15 digits is the nearest double: two such numbers have two doubles. Others
 *         are an integer and an exponent, or text if they have more than 18 digits. Dates and times are
 *         numbers of seconds. A text is its bytes. A long text is its first bytes, its SHA-256 and its
 *         length.
 * Errors  none
 * Threads pure
 */
#ifndef CSVR_STATS_SAMPLE_VALUE_H
#define CSVR_STATS_SAMPLE_VALUE_H

#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "stats/aggregate.h"

enum csvr_value_form {
	CSVR_FORM_DOUBLE, /* word: its bits; never -0 */
	CSVR_FORM_DECIMAL, /* word: a signed integer, not a multiple of 10; size: its power of ten */
	CSVR_FORM_DIGITS, /* bytes: the exponent of the first digit, ":", "-", digits */
	CSVR_FORM_TEXT,
	CSVR_N_NUMBER_FORMS = CSVR_FORM_TEXT
};

/* States have the values of each quantity and form in a list, and those of texts in the last one. */
enum { CSVR_N_LISTS = CSVR_N_QUANTITIES * CSVR_N_NUMBER_FORMS + 1 };

enum {
	CSVR_SAMPLE_TEXT_BYTES =
		240, /* of a text that are kept; of a longer one a digest is kept too */
	CSVR_SAMPLE_PREFIX_BYTES = 208, /* of which come before the digest */
	CSVR_DOUBLE_DIGITS = 15, /* DBL_DIG */
	CSVR_DOUBLE_MAX_EXPONENT = 290, /* of these digits: neither infinite nor subnormal */
	CSVR_DECIMAL_DIGITS = 18 /* of a part of struct csvr_number */
};

struct csvr_sample_value {
	uint64_t hash; /* fixed, the same in every process; never 0 */
	enum csvr_value_form form : 8;
	enum csvr_quantity quantity : 8; /* CSVR_QUANTITY_NUMBER for TEXT */
	int32_t size; /* DIGITS, TEXT: length in bytes, before shortening */
	union {
		uint64_t word;
		/* DIGITS, TEXT: min(size, CSVR_SAMPLE_TEXT_BYTES) bytes, never NULL. */
		const unsigned char *bytes; /* of a value that is looked up; not owned */
		unsigned char *own_bytes; /* of an entry of a sample */
	};
};

static inline int csvr_sample_list_of(const struct csvr_sample_value *value)
{
	return value->form == CSVR_FORM_TEXT
		       ? CSVR_N_LISTS - 1
		       : CSVR_N_NUMBER_FORMS * (int)value->quantity + (int)value->form;
}

/* A value of a list, of which nothing but quantity and form is set. */
static inline struct csvr_sample_value csvr_sample_kind_of_list(int list)
{
	if (list == CSVR_N_LISTS - 1)
		return (struct csvr_sample_value){ .form = CSVR_FORM_TEXT };
	return (struct csvr_sample_value){
		.form = (enum csvr_value_form)(list % CSVR_N_NUMBER_FORMS),
		.quantity = (enum csvr_quantity)(list / CSVR_N_NUMBER_FORMS)
	};
}

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

/* What distinguishes the doubles of a quantity before they are mixed. */
static inline uint64_t csvr_sample_salt(enum csvr_quantity quantity)
{
	return UINT64_C(0x9e3779b97f4a7c15) * (2 * (uint64_t)quantity + 1);
}

/* The hash of a double: no two of one quantity have the same, but for one pair. */
static inline uint64_t csvr_sample_hash_double(uint64_t bits, enum csvr_quantity quantity)
{
	const uint64_t hash = csvr_sample_mix(bits ^ csvr_sample_salt(quantity));
	return hash + (hash == 0);
}

/* The hash that two doubles share. */
#define CSVR_AMBIGUOUS_HASH UINT64_C(1)

/* The bits of the double of a hash that is not the ambiguous one: the inverse of the two functions above,
 * by the inverse multiplications. */
static inline uint64_t csvr_sample_double_of_hash(uint64_t word, enum csvr_quantity quantity)
{
	word ^= word >> 32;
	word *= UINT64_C(0x319642b2d24d8ec3);
	word ^= word >> 29 ^ word >> 58;
	word *= UINT64_C(0x96de1b173f119089);
	word ^= word >> 32;
	return word ^ csvr_sample_salt(quantity);
}

/* Integers of a batch below this in magnitude are short numbers. */
#define CSVR_SHORT_LIMIT INT64_C(1000000000000000)

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

/* A hash of quantity, form, size, word and bytes. With seed 0, it is that of csvr_sample_value. */
uint64_t csvr_sample_hash(const struct csvr_sample_value *value, uint64_t seed);

/* memcmp, with few instructions for short texts. */
static inline bool csvr_sample_bytes_equal(const unsigned char *a, const unsigned char *b,
					   size_t n_bytes)
{
	if (n_bytes < 8)
		return csvr_load_few(a, n_bytes) == csvr_load_few(b, n_bytes);
	if (n_bytes <= 16)
		return csvr_load8(a) == csvr_load8(b) &&
		       csvr_load8(a + n_bytes - 8) == csvr_load8(b + n_bytes - 8);
	return memcmp(a, b, n_bytes) == 0;
}

static inline bool csvr_sample_value_equals(const struct csvr_sample_value *a,
					    const struct csvr_sample_value *b)
{
	if (a->form != b->form || a->quantity != b->quantity || a->size != b->size)
		return false;
	if (!csvr_form_has_bytes(a->form))
		return a->word == b->word;
	return csvr_sample_bytes_equal(a->bytes, b->bytes, csvr_sample_kept_bytes(a->size));
}

/* A seed for tables in memory, whose order differs between processes, so that the author of a file cannot
 * choose values that all collide. */
static inline uint64_t csvr_sample_seed(void)
{
	/* Address space layout randomization makes this address a seed. */
	extern const char csvr_sample_anchor;
	return csvr_sample_mix((uint64_t)(uintptr_t)&csvr_sample_anchor);
}

/* A value and the number of its cells. */
struct csvr_sample_entry {
	struct csvr_sample_value value; /* with `own_bytes` */
	uint64_t count;
};

/* Copies the value. False: no memory, and there is nothing to clear. */
bool csvr_sample_entry_init(struct csvr_sample_entry *entry, const struct csvr_sample_value *value,
			    uint64_t count);

static inline void csvr_sample_entry_clear(struct csvr_sample_entry *entry)
{
	if (csvr_form_has_bytes(entry->value.form))
		free(entry->value.own_bytes);
}

/* The order of states: texts last; by quantity, form, then by value or bytes. < 0, 0, > 0. */
int csvr_sample_value_compare(const struct csvr_sample_value *a, const struct csvr_sample_value *b);

/* The order of reports: numbers, dates, times, texts; numbers by value, texts by bytes. Of numbers of more than
 * CSVR_DIGITS_BYTES digits that begin with the same ones, the order is not specified further. */
int csvr_sample_value_order(const struct csvr_sample_value *a, const struct csvr_sample_value *b);

/* The same for numbers of one quantity whose nearest doubles are known to be equal. */
int csvr_sample_value_order_exactly(const struct csvr_sample_value *a,
				    const struct csvr_sample_value *b);

/* Sets `decimal` to a value that is not a text, cut after CSVR_DIGITS_BYTES - 1
 * digits. */
void csvr_sample_value_to_decimal(const struct csvr_sample_value *value,
				  struct csvr_digits *decimal);

/* The nearest double of a value that is not a text; of a long number, that of the digits that are kept. */
double csvr_sample_value_to_double(const struct csvr_sample_value *value);

/* Whether a value read from a state is in canonical form, as far as its bytes show. */
bool csvr_sample_value_is_canonical(const struct csvr_sample_value *value);

#endif
