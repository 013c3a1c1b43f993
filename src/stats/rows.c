/* rows.c - how many rows occur more than once */
#include "stats/rows.h"

#include <stdlib.h>
#include <string.h>

#include "stats/sample_internal.h"

/* ---- the hash of a row ---- */

/* The bytes are taken in blocks of 16; zeros fill the last one, of 0 to 15 bytes, and the number of bytes
 * tells how many. Each block is folded into the state by a product of 128 bits. The constants are no text. */
enum { BLOCK_BYTES = 16 };
#define FIRST_STATE UINT64_C(0x9e3779b97f4a7c15)
#define OTHER_FACTOR UINT64_C(0xd6e8feb86659fd93)

static inline uint64_t add_block(uint64_t state, uint64_t first, uint64_t second)
{
	const uint64_t rotated = state << 32 | state >> 32;
	const unsigned __int128 product = (unsigned __int128)(state ^ first) *
					  (rotated ^ second ^ OTHER_FACTOR);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t add_blocks(uint64_t state, const unsigned char *bytes, size_t n_bytes)
{
	for (size_t i = 0; i + BLOCK_BYTES <= n_bytes; i += BLOCK_BYTES)
		state = add_block(state, csvr_load8(bytes + i), csvr_load8(bytes + i + 8));
	return state;
}

/* Adds the last block, of less than BLOCK_BYTES, of a row of `n_bytes`. The result is not 0. */
static inline uint64_t finish(uint64_t state, const unsigned char *last, uint64_t n_bytes)
{
	const size_t n_last = n_bytes % BLOCK_BYTES;
	const uint64_t first = n_last < 8 ? csvr_load_few(last, n_last) : csvr_load8(last);
	const uint64_t second = n_last < 8 ? 0 : csvr_load_few(last + 8, n_last - 8);
	const uint64_t hash = csvr_sample_mix(add_block(state ^ n_bytes, first, second));
	return hash + (hash == 0);
}

void csvr_row_hash_init(struct csvr_row_hash *hash)
{
	hash->state = FIRST_STATE;
	hash->n_bytes = 0;
	hash->n_pending = 0;
	hash->n_returns = 0;
}

static void add(struct csvr_row_hash *hash, const unsigned char *bytes, size_t n_bytes)
{
	hash->n_bytes += n_bytes;
	if (hash->n_pending > 0) {
		const size_t room = BLOCK_BYTES - hash->n_pending;
		const size_t n = n_bytes < room ? n_bytes : room;
		memcpy(hash->pending + hash->n_pending, bytes, n);
		hash->n_pending += (unsigned)n;
		bytes += n;
		n_bytes -= n;
		if (hash->n_pending < BLOCK_BYTES)
			return;
		hash->state = add_blocks(hash->state, hash->pending, BLOCK_BYTES);
	}
	hash->state = add_blocks(hash->state, bytes, n_bytes);
	hash->n_pending = (unsigned)(n_bytes % BLOCK_BYTES);
	memcpy(hash->pending, bytes + n_bytes - hash->n_pending, hash->n_pending);
}

static size_t without_returns(const unsigned char *bytes, size_t n_bytes)
{
	while (n_bytes > 0 && bytes[n_bytes - 1] == '\r')
		n_bytes--;
	return n_bytes;
}

void csvr_row_hash_add(struct csvr_row_hash *hash, const unsigned char *bytes, size_t n_bytes)
{
	const size_t n_before_returns = without_returns(bytes, n_bytes);
	if (n_before_returns > 0) {
		for (; hash->n_returns > 0; hash->n_returns--)
			add(hash, (const unsigned char *)"\r", 1);
		add(hash, bytes, n_before_returns);
	}
	hash->n_returns += n_bytes - n_before_returns;
}

uint64_t csvr_row_hash_finish(struct csvr_row_hash *hash)
{
	return finish(hash->state, hash->pending, hash->n_bytes);
}

uint64_t csvr_row_hash_of(const unsigned char *row, size_t n_bytes)
{
	n_bytes = without_returns(row, n_bytes);
	return finish(add_blocks(FIRST_STATE, row, n_bytes),
		      row + n_bytes / BLOCK_BYTES * BLOCK_BYTES, n_bytes);
}

/* ---- counts ---- */

void csvr_rows_clear(struct csvr_rows *rows)
{
	csvr_sample_clear(&rows->sample);
}

/* Most runs do not collect rows, and must not pay for them with each file. */
static bool was_not_used(const struct csvr_rows *rows)
{
	return rows->sample.key_quantity == 0 && rows->sample.theta == 0;
}

void csvr_rows_reset(struct csvr_rows *rows)
{
	if (!was_not_used(rows))
		csvr_sample_reset(&rows->sample);
}

enum csvr_status csvr_rows_add(struct csvr_rows *rows, const struct csvr_batch_kernels *kernels,
			       const uint64_t *hashes, size_t n_rows)
{
	rows->sample.keys.kernels = kernels;
	return csvr_sample_add_hashes(&rows->sample, hashes, n_rows);
}

enum csvr_status csvr_rows_merge(struct csvr_rows *into, const struct csvr_rows *from)
{
	return was_not_used(from) ? CSVR_OK : csvr_sample_merge(&into->sample, &from->sample);
}

void csvr_rows_inherit(struct csvr_rows *rows, const struct csvr_rows *merged)
{
	csvr_sample_inherit(&rows->sample, &merged->sample);
}

/* The different rows that `n` of the sample stand for: one in theta / 2^64 is in it. */
static uint64_t scale_up(uint64_t n, uint64_t theta, uint64_t max)
{
	const unsigned __int128 scaled = (((unsigned __int128)n << 64) + theta / 2) / theta;
	return scaled < max ? (uint64_t)scaled : max;
}

struct csvr_duplicates csvr_rows_duplicates(const struct csvr_rows *rows, uint64_t n_rows)
{
	const struct csvr_key_table *keys = &rows->sample.keys;
	const uint64_t theta = csvr_canonical_theta(&rows->sample);
	uint64_t n_distinct = 0, n_repeated = 0, n_duplicates = 0;
	unsigned __int128 squares =
		0; /* of the duplicates of each row: below 2^128, as their sum is below 2^64 */
	for (uint32_t i = 0; i < keys->n_slots; i++) {
		if (keys->keys[i] - 1 >= theta - 1) /* for 0, and from theta on */
			continue;
		const uint64_t more = csvr_key_table_count_at(keys, i) - 1;
		n_distinct++;
		n_repeated += more > 0;
		n_duplicates += more;
		squares += (unsigned __int128)more * more;
	}
	if (theta != 0) {
		/* There are two estimates: all rows without the distinct ones, and the duplicates of the rows of
		 * the sample, scaled up. Their variances are as the number of rows in the sample to the sum of the
		 * squares. The lesser one leaves no doubt where rows are hardly ever, or mostly, duplicates. */
		const uint64_t most = n_rows - n_distinct, least = n_duplicates;
		if (squares < n_distinct)
			n_duplicates = scale_up(n_duplicates, theta, most);
		else
			n_duplicates = n_rows - scale_up(n_distinct, theta, n_rows);
		n_duplicates = n_duplicates > least ? n_duplicates : least;
		n_repeated = scale_up(n_repeated, theta, n_duplicates);
	}
	return (struct csvr_duplicates){ .n_rows = n_rows,
					 .n_distinct = n_rows - n_duplicates,
					 .n_repeated = n_repeated,
					 .n_duplicates = n_duplicates,
					 .is_approximate = theta != 0 };
}

/* ---- bytes ---- */

struct counted_hash {
	uint64_t hash, count;
};

static int by_hash(const void *a, const void *b)
{
	const struct counted_hash *left = a, *right = b;
	return left->hash < right->hash ? -1 : left->hash > right->hash;
}

void csvr_rows_encode(const struct csvr_rows *rows, struct csvr_encoder *encoder)
{
	/* The value of the sample does not change. */
	const enum csvr_status status = csvr_sample_settle((struct csvr_sample *)&rows->sample);
	const struct csvr_key_table *keys = &rows->sample.keys;
	const uint64_t theta = csvr_canonical_theta(&rows->sample);
	struct counted_hash *sorted = malloc((keys->n_keys + 1) * sizeof *sorted);
	if (sorted == NULL || status != CSVR_OK) {
		free(sorted);
		encoder->is_out_of_memory = true;
		return;
	}
	size_t n = 0;
	for (uint32_t i = 0; i < keys->n_slots; i++)
		if (keys->keys[i] - 1 < theta - 1) /* not for 0 */
			sorted[n++] = (struct counted_hash){ keys->keys[i],
							     csvr_key_table_count_at(keys, i) };
	qsort(sorted, n, sizeof *sorted, by_hash);
	csvr_encoder_put_varint(encoder, theta);
	csvr_encoder_put_varint(encoder, n);
	for (size_t i = 0; i < n; i++) {
		csvr_encoder_put_varint(encoder, sorted[i].hash - (i > 0 ? sorted[i - 1].hash : 0));
		csvr_encoder_put_varint(encoder, sorted[i].count);
	}
	free(sorted);
}

enum csvr_status csvr_rows_decode(struct csvr_rows *rows, struct csvr_decoder *decoder,
				  uint64_t n_rows)
{
	enum { LEAST_ITEM_BYTES = 2 };
	struct csvr_sample *sample = &rows->sample;
	const uint64_t theta = csvr_decoder_varint(decoder);
	const size_t n = csvr_decoder_count(decoder, LEAST_ITEM_BYTES);
	if (n > CSVR_SAMPLE_VALUES || (theta != 0 && n < CSVR_SAMPLE_VALUES))
		return CSVR_INVALID_FILE;
	sample->theta = theta;
	uint64_t hash = 0;
	for (size_t i = 0; i < n; i++) {
		const uint64_t step = csvr_decoder_varint(decoder);
		const uint64_t count = csvr_decoder_varint_max(decoder, n_rows);
		if (step == 0 || step > theta - 1 - hash || count == 0) /* theta 0: any hash */
			return CSVR_INVALID_FILE;
		hash += step;
		n_rows -= count;
		if (csvr_sample_add_hash(sample, hash, count) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	/* All rows are among these exactly if none was dropped. */
	return !decoder->is_bad && (theta == 0) == (n_rows == 0) ? CSVR_OK : CSVR_INVALID_FILE;
}

const struct csvr_aggregate csvr_rows_aggregate = { .name = "rows",
						    .version = 1,
						    .state_bytes = sizeof(struct csvr_rows) };
