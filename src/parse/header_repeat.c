/* header_repeat.c - recognizes the header of a file among its records */
#include "parse/header_repeat.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/search.h"
#include "base/text.h"

void csvr_header_repeat_clear(struct csvr_header_repeat *repeat)
{
	free(repeat->first_bytes);
	free(repeat->hashes);
	memset(repeat, 0, sizeof *repeat);
}

/* ---- the first two bytes ---- */

enum { FIRST_BYTES_WORDS = (1 << 16) / 64 };

static void allow(struct csvr_header_repeat *repeat, unsigned char first, unsigned char second)
{
	const unsigned key = first | (unsigned)second << 8;
	repeat->first_bytes[key / 64] |= UINT64_C(1) << (key % 64);
	repeat->is_first[first] = true;
}

static void allow_any_second(struct csvr_header_repeat *repeat, unsigned char first)
{
	for (int second = 0; second <= UCHAR_MAX; second++)
		allow(repeat, first, (unsigned char)second);
}

/* Of a record whose first field has this text: unquoted and quoted, perhaps with blanks around it. */
static void allow_text(struct csvr_header_repeat *repeat, const struct csvr_slice *text,
		       const struct csvr_dialect *dialect)
{
	const int quote = dialect->quote;
	/* Of an empty text, or of one that follows the closing quote. */
	if (quote != CSVR_NONE)
		allow(repeat, (unsigned char)quote, (unsigned char)quote);
	if (text->n_bytes == 0) {
		allow_any_second(repeat, dialect->delimiter);
		return;
	}
	if (text->n_bytes == 1)
		allow_any_second(repeat, text->start[0]);
	else
		allow(repeat, text->start[0], text->start[1]);
	if (quote != CSVR_NONE)
		allow(repeat, (unsigned char)quote, text->start[0]);
}

static void allow_first_bytes(struct csvr_header_repeat *repeat, const struct csvr_dialect *dialect)
{
	memset(repeat->first_bytes, 0, FIRST_BYTES_WORDS * sizeof *repeat->first_bytes);
	memset(repeat->is_first, 0, sizeof repeat->is_first);
	allow(repeat, 0xef, 0xbb); /* a byte order mark */
	/* A record without any text. */
	repeat->delimiter = dialect->delimiter;
	allow(repeat, dialect->delimiter, dialect->delimiter);
	allow(repeat, dialect->delimiter, dialect->newline);
	allow(repeat, dialect->delimiter, '\r');
	if (repeat->n_texts == 0)
		return;
	const size_t n = repeat->may_be_permuted ? repeat->n_texts : 1;
	for (size_t i = 0; i < n; i++)
		allow_text(repeat, &repeat->texts[i], dialect);
	for (const char *blank = " \t"; *blank != '\0'; blank++) {
		allow_any_second(repeat, (unsigned char)*blank);
		if (dialect->quote != CSVR_NONE)
			allow(repeat, (unsigned char)dialect->quote, (unsigned char)*blank);
	}
}

/* ---- the texts ---- */

/* Whether a kernel may convert the text, in any notation of numbers. */
static bool resembles_number(const struct csvr_slice *text)
{
	const unsigned char first = text->n_bytes > 0 ? (text->start[0] | 0x20) : 'a';
	if ((first >= 'a' && first <= 'z') || first >= 0x80)
		return false;
	for (size_t i = 0; i < text->n_bytes; i++)
		if (text->start[i] >= '0' && text->start[i] <= '9')
			return true;
	return false;
}

static bool is_text(const struct csvr_slice *text, const struct csvr_cell_rules *rules)
{
	struct csvr_decimal decimal;
	if (text->n_bytes == 0)
		return false;
	csvr_decimal_parse(&decimal, rules, text->start, text->n_bytes);
	return decimal.class == CSVR_CELL_TEXT;
}

static int compare_hashes(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

enum csvr_status csvr_header_repeat_set(struct csvr_header_repeat *repeat,
					const struct csvr_slice *texts, size_t n_texts,
					const struct csvr_dialect *dialect,
					const struct csvr_cell_rules *rules)
{
	if (repeat->first_bytes != NULL && repeat->n_texts + n_texts == 0 &&
	    repeat->delimiter == dialect->delimiter)
		return CSVR_OK;
	uint64_t *hashes = csvr_array_grow(repeat->hashes, &repeat->hashes_capacity, n_texts + 1,
					   sizeof *hashes);
	if (hashes == NULL)
		return CSVR_NO_MEMORY;
	repeat->hashes = hashes;
	if (repeat->first_bytes == NULL)
		repeat->first_bytes = malloc(FIRST_BYTES_WORDS * sizeof *repeat->first_bytes);
	if (repeat->first_bytes == NULL)
		return CSVR_NO_MEMORY;
	repeat->texts = texts;
	repeat->n_texts = n_texts;
	repeat->has_number = repeat->may_be_permuted = false;
	repeat->hash_sum = 0;
	for (size_t i = 0; i < n_texts; i++) {
		hashes[i] = csvr_hash(texts[i].start, texts[i].n_bytes);
		repeat->hash_sum += hashes[i];
		repeat->has_number |= resembles_number(&texts[i]);
		/* Numbers in another order are data. */
		repeat->may_be_permuted |= n_texts > 1 && is_text(&texts[i], rules);
	}
	if (n_texts > 1)
		qsort(hashes, n_texts, sizeof *hashes, compare_hashes);
	allow_first_bytes(repeat, dialect);
	return CSVR_OK;
}

/* ---- comparing ---- */

struct hash_position {
	const uint64_t *hashes;
	uint64_t hash;
};

static bool is_less(const void *context, size_t index)
{
	const struct hash_position *position = context;
	return position->hashes[index] < position->hash;
}

static bool has_hash(const struct csvr_header_repeat *repeat, uint64_t hash)
{
	const struct hash_position position = { repeat->hashes, hash };
	const size_t i = csvr_lower_bound(repeat->n_texts, is_less, &position);
	return i < repeat->n_texts && repeat->hashes[i] == hash;
}

/* A record that is compared. */
struct record {
	const struct csvr_dialect *dialect;
	const struct csvr_fields *fields;
	size_t first;
	unsigned char *scratch;
};

/* The text of field `i` of the record, until the next call. */
static struct csvr_slice text_of(const struct record *record, size_t i)
{
	const struct csvr_fields *fields = record->fields;
	const uint32_t *at = fields->ends + record->first + i;
	const unsigned char *start = fields->text + (uint32_t)(at[-1] + 1);
	const unsigned char *end = fields->text + *at;
	if (*end == record->dialect->newline)
		while (end > start && end[-1] == '\r')
			end--;
	return csvr_field_text(start, end, record->dialect, record->scratch);
}

static bool is_permuted(const struct csvr_header_repeat *repeat, const struct record *record)
{
	uint64_t hash_sum = 0;
	for (size_t i = 0; i < repeat->n_texts; i++) {
		const struct csvr_slice text = text_of(record, i);
		const uint64_t hash = csvr_hash(text.start, text.n_bytes);
		if (!has_hash(repeat, hash))
			return false;
		hash_sum += hash;
	}
	return hash_sum == repeat->hash_sum;
}

enum csvr_header_match csvr_header_repeat_compare(const struct csvr_header_repeat *repeat,
						  const struct csvr_dialect *dialect,
						  const struct csvr_fields *fields, size_t first,
						  size_t n_fields, unsigned char *scratch)
{
	const struct record record = { dialect, fields, first, scratch };
	if (n_fields != repeat->n_texts)
		return CSVR_MATCH_NONE;
	for (size_t i = 0; i < n_fields; i++) {
		const struct csvr_slice text = text_of(&record, i), *own = &repeat->texts[i];
		if (text.n_bytes != own->n_bytes ||
		    memcmp(text.start, own->start, own->n_bytes) != 0)
			return repeat->may_be_permuted && is_permuted(repeat, &record)
				       ? CSVR_MATCH_PERMUTED
				       : CSVR_MATCH_NONE;
	}
	return CSVR_MATCH_SAME;
}
