/* batch_keys_template.h - hashes of doubles, and counts in a table of keys, in terms of a simd_*.h
 *
 * The hash is that of sample_value.h.
 */

static inline uint64_t hash_key(uint64_t word)
{
	word ^= word >> 32;
	word *= UINT64_C(0xbf58476d1ce4e5b9);
	word ^= word >> 29;
	word *= UINT64_C(0x94d049bb133111eb);
	word ^= word >> 32;
	return word + (word == 0);
}

static inline lanes hash_lanes(lanes word)
{
	word = bit_xor(word, shift_right(word, 32));
	word = multiply(word, same(UINT64_C(0xbf58476d1ce4e5b9)));
	word = bit_xor(word, shift_right(word, 29));
	word = multiply(word, same(UINT64_C(0x94d049bb133111eb)));
	word = bit_xor(word, shift_right(word, 32));
	return subtract(word, equal(word, same(0))); /* `equal` is -1 where it holds */
}

static size_t hash_batch(const double *doubles, size_t n_values, uint64_t salt, uint64_t max_hash,
			 uint64_t *hashes)
{
	const lanes bound = same(max_hash);
	const size_t n_whole = n_values - n_values % LANES;
	size_t n = 0;
	for (size_t i = 0; i < n_whole; i += LANES) {
		const lanes hash = hash_lanes(bit_xor(load_doubles(doubles + i), same(salt)));
		const unsigned kept = which_not_above(hash, bound);
		store_some((int64_t *)hashes + n, hash, kept);
		n += (size_t)__builtin_popcount(kept);
	}
	for (size_t i = n_whole; i < n_values; i++) {
		uint64_t bits_of_double;
		memcpy(&bits_of_double, &doubles[i], sizeof bits_of_double);
		hashes[n] = hash_key(bits_of_double ^ salt);
		n += hashes[n] <= max_hash;
	}
	return n;
}

static size_t count_batch(struct csvr_key_table *table, uint32_t max_keys, uint64_t *keys,
			  uint64_t *counts, size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++) {
		const size_t first = csvr_key_line(table, keys[i]) * CSVR_KEYS_IN_LINE;
		__builtin_prefetch(table->keys + first, 1);
		__builtin_prefetch(table->counts + first, 1);
	}
	const size_t mask = table->n_slots - 1;
	size_t n_left = 0;
	for (size_t i = 0; i < n_keys; i++) {
		size_t first = csvr_key_line(table, keys[i]) * CSVR_KEYS_IN_LINE;
		const lanes key = same(keys[i]);
		unsigned found, empty;
		for (;; first = (first + CSVR_KEYS_IN_LINE) & mask) {
			found = empty = 0;
			for (unsigned j = 0; j < CSVR_KEYS_IN_LINE; j += LANES) {
				const lanes part = load((const int64_t *)table->keys + first + j);
				found |= which_equal(part, key) << j;
				empty |= which_equal(part, same(0)) << j;
			}
			if ((found | empty) != 0)
				break;
		}
		const size_t known = first +
				     (unsigned)__builtin_ctz(found | 1u << CSVR_KEYS_IN_LINE);
		const uint64_t count = counts[i] + (found != 0 ? table->counts[known] : 0);
		if (found != 0 && count <= UINT32_MAX) {
			table->counts[known] = (uint32_t)count;
		} else if (found == 0 && table->n_keys < max_keys && count <= UINT32_MAX) {
			const size_t slot = first + (unsigned)__builtin_ctz(empty);
			table->keys[slot] = keys[i];
			table->counts[slot] = (uint32_t)count;
			table->n_keys++;
		} else {
			keys[n_left] = keys[i];
			counts[n_left++] = counts[i];
		}
	}
	return n_left;
}
