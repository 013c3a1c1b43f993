/* text_stats.h - lengths of texts, and the first and the last in byte order
 *
 * Shape    merge is associative and commutative. Of the first and the last text, CSVR_KEPT_TEXT_BYTES are
 *          kept; texts that differ only after these are equal here.
 * Units    lengths are characters of UTF-8; a byte that is no part of one is a character
 * Errors   none
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_TEXT_STATS_H
#define CSVR_STATS_TEXT_STATS_H

#include "stats/aggregate.h"

enum { CSVR_KEPT_TEXT_BYTES = 256 };

struct csvr_kept_text {
	uint64_t prefix[2]; /* the first 16 bytes as big-endian numbers, filled up with zeros */
	uint16_t n_bytes;
	bool is_cut; /* the text has more bytes */
	unsigned char bytes[CSVR_KEPT_TEXT_BYTES];
};

/* If `n` is 0, the other members are not set. */
struct csvr_text_stats {
	uint64_t n; /* texts, without those whose bytes are unknown */
	uint64_t min_length, max_length;
	unsigned __int128 total_length;
	struct csvr_kept_text first, last;
};

/* Texts are added in two steps, since the first one shows at no cost whether all are ASCII; in between the caller may
 * change those that are not. None has 0 bytes; or there is only one, which is a field that was too long to be read,
 * and does not count.
 *
 * csvr_text_stats_order keeps the first and the last of those that are ASCII, and returns whether all are.
 * csvr_text_stats_add adds all else. */
bool csvr_text_stats_order(struct csvr_text_stats *stats, const struct csvr_text *texts,
			   size_t n_texts);
void csvr_text_stats_add(struct csvr_text_stats *stats, const struct csvr_text *texts,
			 size_t n_texts, bool are_ascii);

void csvr_text_stats_merge(struct csvr_text_stats *into, const struct csvr_text_stats *from);

/* Sets a kept text, as a saved state has it. */
void csvr_kept_text_set(struct csvr_kept_text *kept, const unsigned char *bytes, size_t n_bytes,
			bool is_cut);

/* < 0, 0, > 0 in byte order. */
int csvr_kept_text_compare(const struct csvr_kept_text *a, const struct csvr_kept_text *b);

#endif
