/* buckets_codec.c - buckets to bytes and back: doc/state-format.md has the bytes */
#include "stats/buckets_internal.h"

void csvr_buckets_encode(const struct csvr_buckets *buckets, struct csvr_encoder *encoder)
{
	struct csvr_bucket bucket = { 0 };
	uint64_t n_buckets = 0;
	while (csvr_buckets_next(buckets, &bucket))
		n_buckets++;
	csvr_encoder_put_varint(encoder, n_buckets);
	if (n_buckets == 0)
		return;
	csvr_encoder_put_varint(encoder, buckets->n_bits);
	uint32_t next_position = 0;
	bucket = (struct csvr_bucket){ 0 };
	while (csvr_buckets_next(buckets, &bucket)) {
		csvr_encoder_put_varint(encoder, bucket.position - next_position);
		csvr_encoder_put_varint(encoder, bucket.n_values);
		next_position = bucket.position + 1;
	}
}

/* Whether buckets of these pages may have this many bits: as many as the pages permit, or those of a limit,
 * which then applies to merges. */
static bool check_bits(struct csvr_buckets *buckets)
{
	buckets->limit = 0;
	if (buckets->n_bits == csvr_buckets_max_bits(buckets, buckets->n_pages))
		return true;
	buckets->limit = buckets->n_bits;
	return buckets->n_bits >= CSVR_LEAST_BUCKET_LIMIT;
}

enum csvr_status csvr_buckets_decode(struct csvr_buckets *buckets, struct csvr_decoder *decoder,
				     uint64_t n_values)
{
	enum { LEAST_ITEM_BYTES = 2, LAST_OCTAVE = CSVR_N_OCTAVES - 1 };
	const size_t n_buckets = csvr_decoder_count(decoder, LEAST_ITEM_BYTES);
	if (n_buckets == 0)
		return n_values == 0 && !decoder->is_bad ? CSVR_OK : CSVR_INVALID_FILE;
	const unsigned n_bits = (unsigned)csvr_decoder_varint_max(decoder, CSVR_BUCKET_BITS);
	if (n_bits < CSVR_LEAST_BUCKET_BITS)
		return CSVR_INVALID_FILE;
	csvr_buckets_limit(buckets, n_bits);
	/* The first and the last octave are those of infinity and nan. */
	const uint32_t end = (uint32_t)LAST_OCTAVE << n_bits;
	uint32_t position = 0;
	for (size_t i = 0; i < n_buckets; i++) {
		position += (uint32_t)csvr_decoder_varint_max(decoder, end);
		const uint64_t count = csvr_decoder_varint_max(decoder, n_values);
		if (count == 0 || position >> n_bits == 0 || position >= end)
			return CSVR_INVALID_FILE;
		if (csvr_buckets_add_at(buckets, position, count) != CSVR_OK)
			return CSVR_NO_MEMORY;
		if (buckets->n_bits != n_bits)
			return CSVR_INVALID_FILE;
		n_values -= count;
		position++;
	}
	return n_values == 0 && check_bits(buckets) ? CSVR_OK : CSVR_INVALID_FILE;
}
