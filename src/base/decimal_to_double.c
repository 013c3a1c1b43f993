/* decimal_to_double.c - the double nearest to a decimal */
#include "base/decimal_to_double.h"

#include "base/bigint.h"

typedef unsigned __int128 u128;
static const uint64_t part_limit = UINT64_C(1000000000000000000); /* 10^18 */

/* Powers of ten, each the nearest double; exact up to 10^22 = 2^22 5^22, since 5^22 < 2^53. */
static const double power_of_ten[] = {
	1e0,   1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,  1e12,
	1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22,  1e23,  1e24,  1e25,
	1e26,  1e27,  1e28,  1e29,  1e30,  1e31,  1e32,  1e33,  1e34,  1e35,  1e36,  1e37,  1e38,
	1e39,  1e40,  1e41,  1e42,  1e43,  1e44,  1e45,  1e46,  1e47,  1e48,  1e49,  1e50,  1e51,
	1e52,  1e53,  1e54,  1e55,  1e56,  1e57,  1e58,  1e59,  1e60,  1e61,  1e62,  1e63,  1e64,
	1e65,  1e66,  1e67,  1e68,  1e69,  1e70,  1e71,  1e72,  1e73,  1e74,  1e75,  1e76,  1e77,
	1e78,  1e79,  1e80,  1e81,  1e82,  1e83,  1e84,  1e85,  1e86,  1e87,  1e88,  1e89,  1e90,
	1e91,  1e92,  1e93,  1e94,  1e95,  1e96,  1e97,  1e98,  1e99,  1e100, 1e101, 1e102, 1e103,
	1e104, 1e105, 1e106, 1e107, 1e108, 1e109, 1e110, 1e111, 1e112, 1e113, 1e114, 1e115, 1e116,
	1e117, 1e118, 1e119, 1e120, 1e121, 1e122, 1e123, 1e124, 1e125, 1e126, 1e127, 1e128, 1e129,
	1e130, 1e131, 1e132, 1e133, 1e134, 1e135, 1e136, 1e137, 1e138, 1e139, 1e140, 1e141, 1e142,
	1e143, 1e144, 1e145, 1e146, 1e147, 1e148, 1e149, 1e150, 1e151, 1e152, 1e153, 1e154, 1e155,
	1e156, 1e157, 1e158, 1e159, 1e160, 1e161, 1e162, 1e163, 1e164, 1e165, 1e166, 1e167, 1e168,
	1e169, 1e170, 1e171, 1e172, 1e173, 1e174, 1e175, 1e176, 1e177, 1e178, 1e179, 1e180, 1e181,
	1e182, 1e183, 1e184, 1e185, 1e186, 1e187, 1e188, 1e189, 1e190, 1e191, 1e192, 1e193, 1e194,
	1e195, 1e196, 1e197, 1e198, 1e199, 1e200, 1e201, 1e202, 1e203, 1e204, 1e205, 1e206, 1e207,
	1e208, 1e209, 1e210, 1e211, 1e212, 1e213, 1e214, 1e215, 1e216, 1e217, 1e218, 1e219, 1e220,
	1e221, 1e222, 1e223, 1e224, 1e225, 1e226, 1e227, 1e228, 1e229, 1e230, 1e231, 1e232, 1e233,
	1e234, 1e235, 1e236, 1e237, 1e238, 1e239, 1e240, 1e241, 1e242, 1e243, 1e244, 1e245, 1e246,
	1e247, 1e248, 1e249, 1e250, 1e251, 1e252, 1e253, 1e254, 1e255, 1e256, 1e257, 1e258, 1e259,
	1e260, 1e261, 1e262, 1e263, 1e264, 1e265, 1e266, 1e267, 1e268, 1e269, 1e270, 1e271, 1e272,
	1e273, 1e274, 1e275, 1e276, 1e277, 1e278, 1e279, 1e280, 1e281, 1e282, 1e283, 1e284, 1e285,
	1e286, 1e287, 1e288, 1e289, 1e290, 1e291, 1e292, 1e293, 1e294, 1e295, 1e296, 1e297, 1e298,
	1e299, 1e300, 1e301, 1e302, 1e303, 1e304, 1e305, 1e306, 1e307, 1e308,
};
enum { LARGEST_EXACT_POWER = 22 };

bool csvr_decimal_approximate(const uint64_t *part, size_t n_parts, int exponent, bool is_negative,
			      double *value)
{
	enum { LEAST_EXPONENT = -308, GREATEST_EXPONENT = 280, PART_DIGITS = 18 };
	double digits = (double)part[n_parts - 1];
	exponent += PART_DIGITS * (int)(n_parts - 1);
	if (n_parts > 1) {
		/* The part after the first may have more digits than it. Those of others are fewer than 2^-59. */
		digits = digits * 1e18 + (double)part[n_parts - 2];
		exponent -= PART_DIGITS;
	}
	if (exponent < LEAST_EXPONENT || exponent > GREATEST_EXPONENT - PART_DIGITS)
		return false;
	const double magnitude = exponent > 0 ? digits * power_of_ten[exponent]
					      : digits / power_of_ten[-exponent];
	*value = is_negative ? -magnitude : magnitude;
	return true;
}

/* part / 10^k for 0 < k <= 27: 5^27 < 2^63, so the quotient of a 128-bit dividend by 5^k has all bits
 * that rounding needs, and the remainder shows whether more follow. */
static double divide_by_ten(uint64_t part, unsigned k)
{
	uint64_t divisor = 1;
	for (unsigned i = 0; i < k; i++)
		divisor *= 5;
	/* With both top bits at 63 the quotient of (part 2^63) has 63 or 64 bits: more than the 54
	 * that rounding needs. */
	int part_shift = __builtin_clzll(part), divisor_shift = __builtin_clzll(divisor);
	u128 dividend = (u128)(part << part_shift) << 63;
	uint64_t normal = divisor << divisor_shift;
	u128 quotient = dividend / normal;
	bool is_exact = dividend % normal == 0;
	/* A sticky last bit represents all bits that follow; the conversion to double rounds once. */
	uint64_t digits = (uint64_t)quotient | !is_exact;
	int exponent = divisor_shift - part_shift - 63 - (int)k;
	return __builtin_ldexp((double)digits, exponent);
}

/* Any decimal, slowly. A function of its own, so that the others need no stack for wide integers. */
__attribute__((noinline)) static double divide_bigints(const uint64_t *part, size_t n_parts,
						       int exponent)
{
	struct csvr_bigint numerator, denominator;
	csvr_bigint_set(&numerator, 0);
	for (size_t i = n_parts; i-- > 0;)
		csvr_bigint_scale(&numerator, 1000000000000000000, part[i]);
	csvr_bigint_set(&denominator, 1);
	csvr_bigint_scale_ten(exponent < 0 ? &denominator : &numerator,
			      (unsigned)(exponent < 0 ? -exponent : exponent));
	return csvr_bigint_ratio(&numerator, &denominator);
}

double csvr_decimal_to_double(const uint64_t *part, size_t n_parts, int exponent, bool is_negative)
{
	while (n_parts > 0 && part[n_parts - 1] == 0)
		n_parts--;
	if (n_parts == 0)
		return 0.0;
	double value;
	if (n_parts == 1 && part[0] < UINT64_C(1) << 53 && exponent >= -LARGEST_EXACT_POWER &&
	    exponent <= LARGEST_EXACT_POWER) {
		value = exponent < 0 ? (double)part[0] / power_of_ten[-exponent]
				     : (double)part[0] * power_of_ten[exponent];
	} else if (n_parts <= 2 && exponent == 0) {
		/* An integer below 10^36: the conversion rounds once. */
		value = (double)(n_parts == 1 ? part[0] : (u128)part[1] * part_limit + part[0]);
	} else if (n_parts == 1 && exponent < 0 && exponent >= -27) {
		value = divide_by_ten(part[0], (unsigned)-exponent);
	} else {
		value = divide_bigints(part, n_parts, exponent);
	}
	/* Tiny negatives may round to zero: 0.0 - 0.0 is +0. */
	return is_negative ? 0.0 - value : value;
}
