/* text_stats.c - lengths of texts, and the first and the last in byte order */
#include "stats/text_stats.h"

#include <string.h>

#include "base/text.h"

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

/* The functions that are combined by | and & return 0 or 1, to be evaluated without branches. */

/* The first bytes of a text as two big-endian numbers, zeros after its end: their order is that of texts of up
 * to 16 bytes, except for bytes that are 0. 16 bytes are readable. */
struct prefix {
	uint64_t high, low;
};

/* Masks of the first n bytes of a big-endian word. */
static const uint64_t first_bytes[] = { 0,
					UINT64_C(0xff00000000000000),
					UINT64_C(0xffff000000000000),
					UINT64_C(0xffffff0000000000),
					UINT64_C(0xffffffff00000000),
					UINT64_C(0xffffffffff000000),
					UINT64_C(0xffffffffffff0000),
					UINT64_C(0xffffffffffffff00),
					UINT64_MAX };

static inline struct prefix prefix_of(const unsigned char *bytes, size_t n_bytes)
{
	const size_t n_high = n_bytes < 8 ? n_bytes : 8;
	const size_t n_low = n_bytes < 8 ? 0 : n_bytes < 16 ? n_bytes - 8 : 8;
	return (struct prefix){ __builtin_bswap64(csvr_load8(bytes)) & first_bytes[n_high],
				__builtin_bswap64(csvr_load8(bytes + 8)) & first_bytes[n_low] };
}

static inline unsigned is_less(struct prefix a, struct prefix b)
{
	return (a.high < b.high) | ((a.high == b.high) & (a.low < b.low));
}

static inline unsigned is_equal(struct prefix a, struct prefix b)
{
	return (a.high == b.high) & (a.low == b.low);
}

static struct prefix prefix_of_kept(const struct csvr_kept_text *kept)
{
	return (struct prefix){ kept->prefix[0], kept->prefix[1] };
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

/* ---- the first and the last ---- */

void csvr_kept_text_set(struct csvr_kept_text *kept, const unsigned char *bytes, size_t n_bytes,
			bool is_cut)
{
	kept->is_cut = is_cut;
	kept->n_bytes = (uint16_t)n_bytes;
	memcpy(kept->bytes, bytes, n_bytes);
	const struct prefix prefix = prefix_of(kept->bytes, n_bytes);
	kept->prefix[0] = prefix.high;
	kept->prefix[1] = prefix.low;
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

/* Whether the text comes before (direction -1) or after (1) a kept one. */
static bool is_beyond(const struct csvr_text *text, const struct csvr_kept_text *kept,
		      int direction)
{
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

static inline void add_length(struct csvr_text_stats *stats, uint64_t length, uint32_t n_cells)
{
	stats->total_length += (unsigned __int128)length * n_cells;
	if (length < stats->min_length)
		stats->min_length = length;
	if (length > stats->max_length)
		stats->max_length = length;
}

/* Adds the lengths of ASCII texts, which are numbers of bytes. */
static void add_bytes(struct csvr_text_stats *stats, const struct csvr_text *texts, size_t n_texts)
{
	uint64_t least = UINT64_MAX, most = 0, total = 0, n_cells = 0;
	for (size_t i = 0; i < n_texts; i++) {
		const uint64_t n = texts[i].n_bytes;
		least = n < least ? n : least;
		most = n > most ? n : most;
		total += n * texts[i].n_cells;
		n_cells += texts[i].n_cells;
	}
	stats->n += n_cells;
	stats->total_length += total;
	if (least < stats->min_length)
		stats->min_length = least;
	if (most > stats->max_length)
		stats->max_length = most;
}

/* Whether a text of the same prefix as a kept one may be another text. */
static inline unsigned may_be_beyond(const struct csvr_text *text,
				     const struct csvr_kept_text *kept)
{
	return (text->n_bytes > 16) | (text->n_bytes != kept->n_bytes);
}

/* Whether a text may come before the first or after the last, by its first 16 bytes: not if it is equal to one
 * of them. */
static inline unsigned may_be_end(const struct csvr_text_stats *stats, const struct csvr_text *text)
{
	const struct prefix prefix = prefix_of(text->bytes, text->n_bytes);
	const struct prefix first = prefix_of_kept(&stats->first),
			    last = prefix_of_kept(&stats->last);
	return is_less(prefix, first) | is_less(last, prefix) |
	       (is_equal(prefix, first) & may_be_beyond(text, &stats->first)) |
	       (is_equal(prefix, last) & may_be_beyond(text, &stats->last));
}

__attribute__((noinline)) static void keep_ends(struct csvr_text_stats *stats,
						const struct csvr_text *text)
{
	if (is_beyond(text, &stats->first, -1))
		keep(&stats->first, text);
	if (is_beyond(text, &stats->last, 1))
		keep(&stats->last, text);
}

static bool is_ascii(const struct csvr_text *text)
{
	return (csvr_or_of_bytes(text->bytes, text->n_bytes) & high_bits) == 0;
}

/* Keeps the first text that is ASCII, if there is one, as the first and the last. */
static bool start(struct csvr_text_stats *stats, const struct csvr_text *texts, size_t n_texts)
{
	size_t i = 0;
	while (i < n_texts && !is_ascii(&texts[i]))
		i++;
	stats->min_length = UINT64_MAX;
	stats->max_length = 0;
	stats->total_length = 0;
	stats->first.n_bytes = 0; /* none is kept */
	if (i == n_texts)
		return false;
	keep(&stats->first, &texts[i]);
	keep(&stats->last, &texts[i]);
	return true;
}

bool csvr_text_stats_order(struct csvr_text_stats *stats, const struct csvr_text *texts,
			   size_t n_texts)
{
	if (texts[0].n_bytes == 0)
		return true;
	if (stats->n == 0 && !start(stats, texts, n_texts))
		return false;
	uint64_t first = stats->first.prefix[0], last = stats->last.prefix[0], bits = 0;
	for (size_t i = 0; i < n_texts; i++) {
		const struct csvr_text *text = &texts[i];
		const size_t n_high = text->n_bytes < 8 ? text->n_bytes : 8;
		const uint64_t high = __builtin_bswap64(csvr_load8(text->bytes)) &
				      first_bytes[n_high];
		bits |= csvr_or_of_bytes(text->bytes, text->n_bytes);
		if (high > first && high < last)
			continue;
		if (may_be_end(stats, text) && is_ascii(text)) {
			keep_ends(stats, text);
			first = stats->first.prefix[0];
			last = stats->last.prefix[0];
		}
	}
	return (bits & high_bits) == 0;
}

/* Adds a text that is not ASCII. */
static void add_other(struct csvr_text_stats *stats, const struct csvr_text *text)
{
	add_length(stats, count_characters(text), text->n_cells);
	if (stats->first.n_bytes == 0) {
		keep(&stats->first, text);
		keep(&stats->last, text);
	} else if (may_be_end(stats, text)) {
		keep_ends(stats, text);
	}
}

void csvr_text_stats_add(struct csvr_text_stats *stats, const struct csvr_text *texts,
			 size_t n_texts, bool are_ascii)
{
	if (texts[0].n_bytes == 0)
		return;
	if (are_ascii) {
		add_bytes(stats, texts, n_texts);
		return;
	}
	for (size_t i = 0; i < n_texts; i++) {
		stats->n += texts[i].n_cells;
		if (is_ascii(&texts[i]))
			add_length(stats, texts[i].n_bytes, texts[i].n_cells);
		else
			add_other(stats, &texts[i]);
	}
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
