/* batch_products_template.h - sum of products of two batches, in terms of a simd_*.h
 *
 * Included after batch_sums_template.h. The caller promises that the sum of the magnitudes of the
 * products is below 2^63, so no partial sum overflows.
 */

static int64_t multiply_batches(const int64_t *x, const int64_t *y, size_t n_values)
{
	const size_t n_whole = n_values - n_values % (2 * LANES);
	/* Two sums, so that an addition does not wait for the one before it. */
	lanes even = same(0), odd = same(0);
	for (size_t i = 0; i < n_whole; i += 2 * LANES) {
		even = add(even, multiply_signed(load(x + i), load(y + i)));
		odd = add(odd, multiply_signed(load(x + i + LANES), load(y + i + LANES)));
	}
	int64_t sum = (int64_t)sum_lanes(add(even, odd));
	for (size_t i = n_whole; i < n_values; i++)
		sum += x[i] * y[i];
	return sum;
}
