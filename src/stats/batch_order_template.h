/* batch_order_template.h - whether the integers of a batch ascend, in terms of a simd_*.h
 *
 * Included after batch_sums_template.h. Integers are below 10^18 < 2^60 in magnitude, so that the sign of a
 * difference is right.
 */

/* The signs of all differences of neighbours, less `least`, in the top bit. */
static inline uint64_t collect_signs(const int64_t *values, size_t n_values, uint64_t least)
{
	lanes signs = same(0);
	size_t i = 1;
	for (; i + LANES <= n_values; i += LANES)
		signs = bit_or(signs, subtract(subtract(load(values + i), load(values + i - 1)),
					       same(least)));
	int64_t each[LANES];
	store(each, signs);
	uint64_t all = 0;
	for (int k = 0; k < LANES; k++)
		all |= (uint64_t)each[k];
	for (; i < n_values; i++)
		all |= (uint64_t)values[i] - (uint64_t)values[i - 1] - least;
	return all;
}

static enum csvr_batch_order order_batch(const int64_t *values, size_t n_values)
{
	if (collect_signs(values, n_values, 1) >> 63 == 0)
		return CSVR_BATCH_STRICT;
	return collect_signs(values, n_values, 0) >> 63 == 0 ? CSVR_BATCH_ASCENDING
							     : CSVR_BATCH_DESCENDING;
}
