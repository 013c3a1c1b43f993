/* batch_doubles_template.h - the doubles nearest to the decimals of a batch, in terms of a simd_*.h
 *
 * Integers below 2^51 and powers of ten up to 10^22 are doubles, so that one division rounds once. Vector
 * kernels multiply by the reciprocal and correct the quotient with a fused multiply-add, which gives the
 * quotient rounded to nearest:
 *
 * Source  Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor" (1990)
 */

static void convert_batch(const int64_t *values, size_t n_values, unsigned scale, double *doubles)
{
	static const double powers_of_ten[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
						1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
						1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	const double divisor = powers_of_ten[scale], reciprocal = 1 / divisor;
	const size_t n_whole = n_values - n_values % LANES;
	for (size_t i = 0; i < n_whole; i += LANES)
		store_doubles(doubles + i, divide(load(values + i), divisor, reciprocal));
	for (size_t i = n_whole; i < n_values; i++)
		doubles[i] = (double)values[i] / divisor;
}
