/* batch_places_template.h - where the counts of the buckets of doubles are, in terms of a simd_*.h
 *
 * The bits of doubles are shifted right, so that they are not negative and signed comparisons are right.
 */

static size_t place_batch(const double *doubles, size_t n_values, unsigned shift,
			  const struct csvr_bucket_run *run, int64_t *places, double *others)
{
	const lanes shifts = same(shift), before = same(run->first - 1);
	const lanes end = same(run->first + run->n), offset = same(run->place - run->first);
	const unsigned all = (1u << LANES) - 1;
	const size_t n_whole = n_values - n_values % LANES;
	size_t n = 0, n_others = 0;
	for (size_t i = 0; i < n_whole; i += LANES) {
		const lanes words = load_doubles(doubles + i);
		const lanes bucket = shift_right_each(words, shifts);
		const unsigned in_run = which_greater(bucket, before) & which_greater(end, bucket);
		if (in_run == all) {
			store(places + n, add(bucket, offset));
			n += LANES;
			continue;
		}
		store_some(places + n, add(bucket, offset), in_run);
		/* cppcheck-suppress invalidPointerCast ; the bits of doubles */
		store_some((int64_t *)others + n_others, words, all & ~in_run);
		n += (size_t)__builtin_popcount(in_run);
		n_others += (size_t)__builtin_popcount(all & ~in_run);
	}
	for (size_t i = n_whole; i < n_values; i++) {
		uint64_t word;
		memcpy(&word, &doubles[i], sizeof word);
		const uint64_t in_run = (word >> shift) - run->first;
		if (in_run < run->n)
			places[n++] = (int64_t)(in_run + run->place);
		else
			others[n_others++] = doubles[i];
	}
	return n;
}

static void prefix_batch(const double *doubles, size_t n_values, unsigned shift, uint64_t first,
			 uint64_t n_prefixes, int64_t *numbers)
{
	const lanes shifts = same(shift), firsts = same(first), none = same(n_prefixes);
	const size_t n_whole = n_values - n_values % LANES;
	for (size_t i = 0; i < n_whole; i += LANES) {
		const lanes prefix = shift_right_each(load_doubles(doubles + i), shifts);
		const lanes number = subtract(prefix, firsts);
		const lanes is_one = bit_and(greater(none, number),
					     greater(number, same(UINT64_MAX)));
		store(numbers + i, choose(is_one, number, none));
	}
	for (size_t i = n_whole; i < n_values; i++) {
		uint64_t word;
		memcpy(&word, &doubles[i], sizeof word);
		const uint64_t number = (word >> shift) - first;
		numbers[i] = (int64_t)(number < n_prefixes ? number : n_prefixes);
	}
}
