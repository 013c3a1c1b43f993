/* batch_sums_template.h - minimum, maximum, sum and sum of squares of a batch, in terms of a simd_*.h, which is included before it
 *
 * Bounds for partial sums over n <= 2^8 values v:
 *  |v| < 2^28: v^2 <= (2^28 - 1)^2 < 2^56 - 2^28, and 2^8 of them stay below 2^64
 *  |v| < 2^55: |v| = h 2^28 + l with h < 2^27 and l < 2^28, so sums of h^2, h l and l^2 stay below
 *              2^62, 2^63 and 2^64; sums of v below 2^63
 *  else:       |v| < 10^18 < 2^60: sums of v below 2^68, of v^2 below 2^128: one by one, in 128 bits
 */

enum { SMALL_BITS = 28, MEDIUM_BITS = 55 };

static inline uint64_t sum_lanes(lanes a)
{
	int64_t each[LANES];
	store(each, a);
	uint64_t sum = 0;
	for (int i = 0; i < LANES; i++)
		sum += (uint64_t)each[i];
	return sum;
}

static inline unsigned __int128 squares_medium(const int64_t *values, size_t n_values)
{
	lanes high_high = same(0), high_low = same(0), low_low = same(0);
	for (size_t i = 0; i < n_values; i += LANES) {
		lanes m = magnitude(load(values + i));
		lanes h = shift_right(m, SMALL_BITS), l = bit_and(m, same((1u << SMALL_BITS) - 1));
		high_high = add(high_high, multiply_halves(h, h));
		high_low = add(high_low, multiply_halves(h, l));
		low_low = add(low_low, multiply_halves(l, l));
	}
	return ((unsigned __int128)sum_lanes(high_high) << (2 * SMALL_BITS)) +
	       ((unsigned __int128)sum_lanes(high_low) << (SMALL_BITS + 1)) + sum_lanes(low_low);
}

static void add_scalar(struct csvr_batch_sums *sums, const int64_t *values, size_t n_values)
{
	for (size_t i = 0; i < n_values; i++) {
		sums->min = values[i] < sums->min ? values[i] : sums->min;
		sums->max = values[i] > sums->max ? values[i] : sums->max;
		sums->sum += values[i];
		sums->squares += (unsigned __int128)((__int128)values[i] * values[i]);
	}
}

/* `n_values` must be a multiple of LANES. */
static inline void add_lanes(struct csvr_batch_sums *sums, const int64_t *values, size_t n_values)
{
	/* `squares` is correct if all values are small, as most are; it is replaced otherwise. */
	lanes least = load(values), greatest = least, sum = same(0), squares = same(0);
	for (size_t i = 0; i < n_values; i += LANES) {
		lanes v = load(values + i);
		least = minimum(least, v);
		greatest = maximum(greatest, v);
		sum = add(sum, v);
		squares = add(squares, multiply_signed(v, v));
	}
	int64_t low[LANES], high[LANES];
	store(low, least);
	store(high, greatest);
	for (int i = 0; i < LANES; i++) {
		sums->min = low[i] < sums->min ? low[i] : sums->min;
		sums->max = high[i] > sums->max ? high[i] : sums->max;
	}
	uint64_t largest = (uint64_t)(sums->max > -sums->min ? sums->max : -sums->min);
	if (largest >> MEDIUM_BITS != 0) {
		add_scalar(sums, values, n_values);
		return;
	}
	sums->sum = (int64_t)sum_lanes(sum);
	sums->squares = largest >> SMALL_BITS == 0 ? sum_lanes(squares)
						   : squares_medium(values, n_values);
}

static void sum_batch(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums)
{
	const size_t n_whole = n_values - n_values % LANES;
	*sums = (struct csvr_batch_sums){ n_values, values[0], values[0], 0, 0 };
	if (n_whole > 0)
		add_lanes(sums, values, n_whole);
	add_scalar(sums, values + n_whole, n_values - n_whole);
}
