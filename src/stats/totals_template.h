/* totals_template.h - totals of a batch, in the words of a lanes_*.h that was included before
 *
 * Bounds for partial sums over n <= 2^8 values v:
 *  |v| < 2^28: v^2 <= (2^28 - 1)^2 < 2^56 - 2^28, and 2^8 of them stay below 2^64
 *  |v| < 2^55: |v| = h 2^28 + l with h < 2^27 and l < 2^28, so sums of h^2, h l and l^2 stay below
 *              2^62, 2^63 and 2^64; sums of v below 2^63
 *  else:       |v| < 10^18 < 2^60: sums of v below 2^68, of v^2 below 2^128: one by one, in 128 bits
 */

enum { SMALL_BITS = 28, MEDIUM_BITS = 55 };

static uint64_t add_up(lanes a)
{
	int64_t each[LANES];
	store(each, a);
	uint64_t sum = 0;
	for (int i = 0; i < LANES; i++)
		sum += (uint64_t)each[i];
	return sum;
}

static inline unsigned __int128 squares_small(const int64_t *values, size_t n_whole,
					      const int64_t *tail)
{
	lanes squares = multiply_signed(load(tail), load(tail));
	for (size_t i = 0; i < n_whole; i += LANES)
		squares = add(squares, multiply_signed(load(values + i), load(values + i)));
	return add_up(squares);
}

static inline unsigned __int128 squares_medium(const int64_t *values, size_t n_whole,
					       const int64_t *tail)
{
	lanes high_high = same(0), high_low = same(0), low_low = same(0);
	for (size_t i = 0; i <= n_whole; i += LANES) {
		lanes m = magnitude(load(i < n_whole ? values + i : tail));
		lanes h = shift_right(m, SMALL_BITS), l = and(m, same((1u << SMALL_BITS) - 1));
		high_high = add(high_high, multiply_halves(h, h));
		high_low = add(high_low, multiply_halves(h, l));
		low_low = add(low_low, multiply_halves(l, l));
	}
	return ((unsigned __int128)add_up(high_high) << (2 * SMALL_BITS)) +
	       ((unsigned __int128)add_up(high_low) << (SMALL_BITS + 1)) + add_up(low_low);
}

static void totals(const int64_t *values, size_t n_values, struct csvr_totals *t)
{
	/* The last few stand in lanes of their own: filled up with the first value for the extremes,
	 * with zeros for the sums. */
	const size_t n_whole = n_values - n_values % LANES;
	int64_t first[LANES], tail[LANES];
	for (int i = 0; i < LANES; i++) {
		bool is_value = n_whole + (size_t)i < n_values;
		tail[i] = is_value ? values[n_whole + (size_t)i] : 0;
		first[i] = is_value ? tail[i] : values[0];
	}
	lanes least = load(first), greatest = least, sum = load(tail);
	for (size_t i = 0; i < n_whole; i += LANES) {
		lanes v = load(values + i);
		least = minimum(least, v);
		greatest = maximum(greatest, v);
		sum = add(sum, v);
	}
	int64_t low[LANES], high[LANES];
	store(low, least);
	store(high, greatest);
	t->n_values = n_values;
	t->min = low[0];
	t->max = high[0];
	for (int i = 1; i < LANES; i++) {
		t->min = low[i] < t->min ? low[i] : t->min;
		t->max = high[i] > t->max ? high[i] : t->max;
	}
	uint64_t largest = (uint64_t)(t->max > -t->min ? t->max : -t->min);
	t->sum = (int64_t)add_up(sum);
	if (largest >> SMALL_BITS == 0) {
		t->squares = squares_small(values, n_whole, tail);
	} else if (largest >> MEDIUM_BITS == 0) {
		t->squares = squares_medium(values, n_whole, tail);
	} else {
		t->sum = 0;
		t->squares = 0;
		for (size_t i = 0; i < n_values; i++) {
			t->sum += values[i];
			t->squares += (unsigned __int128)((__int128)values[i] * values[i]);
		}
	}
}
