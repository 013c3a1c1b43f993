/* batch_powers_template.h - sums of third and fourth powers of a batch, in terms of a simd_*.h
 *
 * Included after batch_sums_template.h. Bounds for partial sums over n <= 2^8 values v with
 * -2^27 <= v < 2^27: v^2 = h 2^28 + l with h <= 2^26 and l < 2^28, so that sums of h v and l v stay
 * below 2^61 and 2^63 in magnitude, and those of h^2, h l and l^2 below 2^61, 2^62 and 2^64.
 */

enum { POWER_BITS = 27 };

static bool power_batch(const int64_t *values, size_t n_values, struct csvr_batch_powers *powers)
{
	const size_t n_whole = n_values - n_values % LANES;
	lanes h_v = same(0), l_v = same(0), h_h = same(0), h_l = same(0), l_l = same(0);
	lanes excess = same(0);
	for (size_t i = 0; i < n_whole; i += LANES) {
		const lanes v = load(values + i), square = multiply_signed(v, v);
		const lanes h = shift_right(square, SMALL_BITS);
		const lanes l = bit_and(square, same((1u << SMALL_BITS) - 1));
		/* No bit from POWER_BITS + 1 up is set if v is within the bounds. */
		excess = bit_or(excess, add(v, same(UINT64_C(1) << POWER_BITS)));
		h_v = add(h_v, multiply_signed(h, v));
		l_v = add(l_v, multiply_signed(l, v));
		h_h = add(h_h, multiply_halves(h, h));
		h_l = add(h_l, multiply_halves(h, l));
		l_l = add(l_l, multiply_halves(l, l));
	}
	int64_t each[LANES];
	store(each, excess);
	uint64_t bits = 0;
	for (int i = 0; i < LANES; i++)
		bits |= (uint64_t)each[i];
	for (size_t i = n_whole; i < n_values; i++)
		bits |= (uint64_t)values[i] + (UINT64_C(1) << POWER_BITS);
	if (bits >> (POWER_BITS + 1) != 0)
		return false;
	powers->cubes = (__int128)(int64_t)sum_lanes(h_v) * (1 << SMALL_BITS) +
			(int64_t)sum_lanes(l_v);
	powers->fourths = ((unsigned __int128)sum_lanes(h_h) << (2 * SMALL_BITS)) +
			  ((unsigned __int128)sum_lanes(h_l) << (SMALL_BITS + 1)) + sum_lanes(l_l);
	for (size_t i = n_whole; i < n_values; i++) {
		const int64_t square = values[i] * values[i];
		powers->cubes += (__int128)square * values[i];
		powers->fourths += (unsigned __int128)(uint64_t)square * (uint64_t)square;
	}
	return true;
}
