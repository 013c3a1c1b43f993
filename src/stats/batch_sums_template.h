/* batch_sums_template.h - totals of a batch, in the words of a simd_*.h that was included before
 *
 * Bounds for partial sums over n <= 2^8 values v:
 *  |v| < 2^28: v^2 <= (2^28 - 1)^2 < 2^56 - 2^28, and 2^8 of them stay below 2^64
 *  |v| < 2^55: |v| = h 2^28 + l with h < 2^27 and l < 2^28, so sums of h^2, h l and l^2 stay below
 *              2^62, 2^63 and 2^64; sums of v below 2^63
 *  else:       |v| < 10^18 < 2^60: sums of v below 2^68, of v^2 below 2^128: one by one, in 128 bits
 */

enum { SMALL_BITS = 28, MEDIUM_BITS = 55 };

static inline uint64_t add_up(lanes a)
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
	return ((unsigned __int128)add_up(high_high) << (2 * SMALL_BITS)) +
	       ((unsigned __int128)add_up(high_low) << (SMALL_BITS + 1)) + add_up(low_low);
}

static void add_one_by_one(struct csvr_batch_sums *t, const int64_t *values, size_t n_values)
{
	for (size_t i = 0; i < n_values; i++) {
		t->min = values[i] < t->min ? values[i] : t->min;
		t->max = values[i] > t->max ? values[i] : t->max;
		t->sum += values[i];
		t->squares += (unsigned __int128)((__int128)values[i] * values[i]);
	}
}

/* What lanes can take; the last few values are for add_one_by_one. */
static inline void add_in_lanes(struct csvr_batch_sums *t, const int64_t *values, size_t n_values)
{
	/* The squares are right if all turn out to be small, as most are. */
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
		t->min = low[i] < t->min ? low[i] : t->min;
		t->max = high[i] > t->max ? high[i] : t->max;
	}
	uint64_t largest = (uint64_t)(t->max > -t->min ? t->max : -t->min);
	if (largest >> MEDIUM_BITS != 0) {
		add_one_by_one(t, values, n_values);
		return;
	}
	t->sum = (int64_t)add_up(sum);
	t->squares = largest >> SMALL_BITS == 0 ? add_up(squares)
						: squares_medium(values, n_values);
}

static void totals(const int64_t *values, size_t n_values, struct csvr_batch_sums *t)
{
	const size_t n_whole = n_values - n_values % LANES;
	*t = (struct csvr_batch_sums){ n_values, values[0], values[0], 0, 0 };
	if (n_whole > 0)
		add_in_lanes(t, values, n_whole);
	add_one_by_one(t, values + n_whole, n_values - n_whole);
}
