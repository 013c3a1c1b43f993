/* text_stats.c - lengths of texts, and the first and the last in byte order */
#include "stats/text_stats.h"

#include <string.h>

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

/* The first 8 bytes, zeros after the end; 8 bytes are readable. */
static uint64_t load_prefix(const unsigned char *bytes, size_t n_bytes)
{
	const uint64_t word = __builtin_bswap64(csvr_load8(bytes));
	return n_bytes >= 8 ? word : n_bytes == 0 ? 0 : word & ~UINT64_C(0) << (64 - 8 * n_bytes);
}

/* ---- lengths ---- */

/* The number of bytes of the character at `p`: that of a well-formed one, else 1. */
static size_t character_bytes(const unsigned char *p, const unsigned char *end)
{
	const size_t n_left = (size_t)(end - p);
	const size_t n = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;
	if (n == 1 || n > n_left)
		return 1;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 1;
	/* Overlong forms, surrogates, and code points after U+10FFFF. */
	const bool is_wrong = (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] >= 0xa0) ||
			      (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] >= 0x90);
	return is_wrong ? 1 : n;
}

__attribute__((noinline)) static uint64_t count_characters(const struct csvr_text *text)
{
	uint64_t n = 0;
	const unsigned char *end = text->bytes + text->n_bytes;
	for (const unsigned char *p = text->bytes; p < end; n++)
		p += character_bytes(p, end);
	return n;
}

static inline bool is_ascii(const struct csvr_text *text)
{
	if (text->n_bytes <= 8)
		return (load_prefix(text->bytes, text->n_bytes) & high_bits) == 0;
	uint64_t bits = csvr_load8(text->bytes + text->n_bytes - 8);
	for (size_t i = 0; i + 8 <= text->n_bytes; i += 8)
		bits |= csvr_load8(text->bytes + i);
	return (bits & high_bits) == 0;
}

/* ---- the first and the last ---- */

void csvr_kept_text_set(struct csvr_kept_text *kept, const unsigned char *bytes, size_t n_bytes,
			bool is_cut)
{
	kept->is_cut = is_cut;
	kept->n_bytes = (uint16_t)n_bytes;
	memset(kept->bytes, 0, 8);
	memcpy(kept->bytes, bytes, n_bytes);
	kept->prefix = load_prefix(kept->bytes, n_bytes);
}

static int compare_bytes(const unsigned char *a, size_t n_a, const unsigned char *b, size_t n_b)
{
	const int order = memcmp(a, b, n_a < n_b ? n_a : n_b);
	return order != 0 ? order : (n_a > n_b) - (n_a < n_b);
}

int csvr_kept_text_compare(const struct csvr_kept_text *a, const struct csvr_kept_text *b)
{
	const int order = compare_bytes(a->bytes, a->n_bytes, b->bytes, b->n_bytes);
	return order != 0 ? order : (int)a->is_cut - (int)b->is_cut;
}

/* Whether the text comes before (direction -1) or after (1) a kept one with the same prefix. */
static bool is_beyond(const struct csvr_text *text, const struct csvr_kept_text *kept,
		      int direction)
{
	if (text->n_bytes == kept->n_bytes && text->n_bytes <= 8)
		return false;
	const bool is_cut = text->n_bytes > CSVR_KEPT_TEXT_BYTES;
	const size_t n_bytes = is_cut ? CSVR_KEPT_TEXT_BYTES : text->n_bytes;
	int order = compare_bytes(text->bytes, n_bytes, kept->bytes, kept->n_bytes);
	if (order == 0)
		order = (int)is_cut - (int)kept->is_cut;
	return direction < 0 ? order < 0 : order > 0;
}

__attribute__((noinline)) static void keep(struct csvr_kept_text *kept,
					   const struct csvr_text *text)
{
	const bool is_cut = text->n_bytes > CSVR_KEPT_TEXT_BYTES;
	csvr_kept_text_set(kept, text->bytes, is_cut ? CSVR_KEPT_TEXT_BYTES : text->n_bytes,
			   is_cut);
}

/* ---- adding ---- */

static void add_first_text(struct csvr_text_stats *stats, const struct csvr_text *text)
{
	keep(&stats->first, text);
	keep(&stats->last, text);
	stats->min_length = UINT64_MAX;
	stats->max_length = 0;
	stats->total_length = 0;
}

void csvr_text_stats_add(struct csvr_text_stats *stats, const struct csvr_text *texts,
			 size_t n_texts)
{
	uint64_t total = 0;
	for (size_t i = 0; i < n_texts; i++) {
		const struct csvr_text *text = &texts[i];
		if (text->n_bytes == 0)
			continue;
		if (stats->n++ == 0)
			add_first_text(stats, text);
		const uint64_t length = is_ascii(text) ? text->n_bytes : count_characters(text);
		total += length;
		if (length < stats->min_length)
			stats->min_length = length;
		if (length > stats->max_length)
			stats->max_length = length;
		const uint64_t prefix = load_prefix(text->bytes, text->n_bytes);
		if (prefix < stats->first.prefix ||
		    (prefix == stats->first.prefix && is_beyond(text, &stats->first, -1)))
			keep(&stats->first, text);
		if (prefix > stats->last.prefix ||
		    (prefix == stats->last.prefix && is_beyond(text, &stats->last, 1)))
			keep(&stats->last, text);
	}
	stats->total_length += total;
}

void csvr_text_stats_merge(struct csvr_text_stats *into, const struct csvr_text_stats *from)
{
	if (from->n == 0)
		return;
	if (into->n == 0) {
		*into = *from;
		return;
	}
	into->n += from->n;
	into->total_length += from->total_length;
	if (from->min_length < into->min_length)
		into->min_length = from->min_length;
	if (from->max_length > into->max_length)
		into->max_length = from->max_length;
	if (csvr_kept_text_compare(&from->first, &into->first) < 0)
		into->first = from->first;
	if (csvr_kept_text_compare(&from->last, &into->last) > 0)
		into->last = from->last;
}
