/* simd_avx2.h - four 64-bit lanes: AVX2, FMA, BMI and PCLMUL
 *
 * The vocabulary of simd_avx512.h, which documents it.
 */
#include <immintrin.h>
#include <stdint.h>

#define LANES_REGION
#ifdef __clang__
/* clang-format off */
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,pclmul,popcnt"))), apply_to = function)
/* clang-format on */
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi,bmi2,pclmul,popcnt")
#endif

enum { LANES = 4 };
typedef __m256i lanes;

static inline int simd_usable(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
	       __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
	       __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("popcnt");
}

/* ---- 64-bit lanes ---- */

static inline lanes same(uint64_t value)
{
	return _mm256_set1_epi64x((long long)value);
}

static inline lanes opaque(lanes a)
{
	__asm__("" : "+x"(a));
	return a;
}

static inline lanes load(const int64_t *values)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)values);
}

static inline lanes load_halves(const uint32_t *values)
{
	return _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(const void *)values));
}

static inline lanes load_bytes(const unsigned char *text)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)text);
}

static inline void store(int64_t *values, lanes a)
{
	_mm256_storeu_si256((__m256i *)(void *)values, a);
}

static inline lanes bit_and(lanes a, lanes b)
{
	return _mm256_and_si256(a, b);
}

static inline lanes bit_or(lanes a, lanes b)
{
	return _mm256_or_si256(a, b);
}

static inline lanes bit_xor(lanes a, lanes b)
{
	return _mm256_xor_si256(a, b);
}

static inline lanes choose(lanes mask, lanes a, lanes b)
{
	return _mm256_or_si256(_mm256_and_si256(mask, a), _mm256_andnot_si256(mask, b));
}

static inline lanes add(lanes a, lanes b)
{
	return _mm256_add_epi64(a, b);
}

static inline uint64_t sum_of_lanes(lanes a)
{
	const __m128i pairs = _mm_add_epi64(_mm256_castsi256_si128(a),
					    _mm256_extracti128_si256(a, 1));
	return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(pairs, _mm_unpackhi_epi64(pairs, pairs)));
}

static inline lanes subtract(lanes a, lanes b)
{
	return _mm256_sub_epi64(a, b);
}

static inline lanes multiply_signed(lanes a, lanes b)
{
	return _mm256_mul_epi32(a, b);
}

static inline lanes multiply_halves(lanes a, lanes b)
{
	return _mm256_mul_epu32(a, b);
}

static inline lanes multiply(lanes a, lanes b)
{
	/* The cross products with the high halves, shifted up, plus the product of the low
	 * halves. */
	__m256i cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), b),
					 _mm256_mul_epu32(a, _mm256_srli_epi64(b, 32)));
	return _mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_slli_epi64(cross, 32));
}

static inline lanes greater(lanes a, lanes b)
{
	return _mm256_cmpgt_epi64(a, b);
}

static inline lanes minimum(lanes a, lanes b)
{
	return _mm256_blendv_epi8(a, b, greater(a, b));
}

static inline lanes maximum(lanes a, lanes b)
{
	return _mm256_blendv_epi8(b, a, greater(a, b));
}

static inline lanes magnitude(lanes a)
{
	__m256i sign = greater(_mm256_setzero_si256(), a);
	return _mm256_sub_epi64(_mm256_xor_si256(a, sign), sign);
}

typedef __m256d double_lanes;

/* 2^52 + 2^51 as a double has its last bit at 1: added to its bits, an integer is added to its value. */
static inline double_lanes divide(lanes a, double divisor, double reciprocal)
{
	const __m256d base = _mm256_set1_pd(0x1.8p52), by = _mm256_set1_pd(divisor);
	const __m256i sum = _mm256_add_epi64(a, _mm256_castpd_si256(base));
	const __m256d dividend = _mm256_sub_pd(_mm256_castsi256_pd(sum), base);
	const __m256d factor = _mm256_set1_pd(reciprocal),
		      quotient = _mm256_mul_pd(dividend, factor);
	const __m256d rest = _mm256_fnmadd_pd(quotient, by, dividend);
	return _mm256_fmadd_pd(rest, factor, quotient);
}

static inline lanes load_doubles(const double *values)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)values);
}

static inline void store_doubles(double *values, double_lanes a)
{
	_mm256_storeu_pd(values, a);
}

#define shift_left(a, n) _mm256_slli_epi64(a, n)
#define shift_right(a, n) _mm256_srli_epi64(a, n)

static inline lanes shift_left_each(lanes a, lanes counts)
{
	return _mm256_sllv_epi64(a, counts);
}

static inline lanes shift_right_each(lanes a, lanes counts)
{
	return _mm256_srlv_epi64(a, counts);
}

static inline lanes halves_difference(lanes a)
{
	__m256i difference = _mm256_sub_epi32(_mm256_srli_epi64(a, 32), a);
	return _mm256_and_si256(difference, _mm256_set1_epi64x(UINT32_MAX));
}

static inline lanes equal(lanes a, lanes b)
{
	return _mm256_cmpeq_epi64(a, b);
}

static inline unsigned bits(lanes mask)
{
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(mask));
}

static inline unsigned which_equal(lanes a, lanes b)
{
	return bits(equal(a, b));
}

static inline unsigned which_greater(lanes a, lanes b)
{
	return bits(greater(a, b));
}

static inline unsigned which_not_above(lanes a, lanes b)
{
	/* Comparisons are signed. */
	const lanes sign = same(UINT64_C(1) << 63);
	return ~which_greater(bit_xor(a, sign), bit_xor(b, sign)) & ((1u << LANES) - 1);
}

static inline void store_some(int64_t *values, lanes a, unsigned which)
{
	int64_t all[4];
	store(all, a);
	for (; which != 0; which &= which - 1)
		*values++ = all[__builtin_ctz(which)];
}

/* ---- bytes of lanes ---- */

static inline lanes equal_bytes(lanes a, lanes b)
{
	return _mm256_cmpeq_epi8(a, b);
}

static inline uint64_t match_bytes(lanes a, lanes b)
{
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
}

static inline int any_byte_above(lanes a, lanes b)
{
	return match_bytes(_mm256_max_epu8(a, b), b) != UINT32_MAX;
}

static inline int any_above(lanes a, lanes b)
{
	/* Unsigned: flip the top bit of both. */
	const __m256i top = _mm256_set1_epi64x(INT64_MIN);
	__m256i above = _mm256_cmpgt_epi64(_mm256_xor_si256(a, top), _mm256_xor_si256(b, top));
	return !_mm256_testz_si256(above, above);
}

static inline lanes subtract_bytes(lanes a, lanes b)
{
	return _mm256_sub_epi8(a, b);
}

static inline lanes maximum_bytes(lanes a, lanes b)
{
	return _mm256_max_epu8(a, b);
}

static inline lanes sum_bytes(lanes a)
{
	return _mm256_sad_epu8(a, _mm256_setzero_si256());
}

static inline lanes pair_bytes(lanes a, lanes weights)
{
	return _mm256_maddubs_epi16(a, weights);
}

static inline lanes pair_words(lanes a, lanes weights)
{
	return _mm256_madd_epi16(a, weights);
}

static inline lanes gather_table(const int64_t *table, lanes index)
{
	int64_t at[4];
	store(at, index);
	return _mm256_setr_epi64x(table[at[0]], table[at[1]], table[at[2]], table[at[3]]);
}

/* ---- groups ---- */

static inline void add_number(void *words, int64_t x)
{
	const __m128i value = _mm_cvtsi64_si128(x);
	const __m128i powers = _mm_unpacklo_epi64(value, _mm_mul_epi32(value, value));
	const __m256i one = _mm256_set_epi64x(0, 1, 0, 0);
	const __m256i change = _mm256_or_si256(one, _mm256_zextsi128_si256(powers));
	_mm256_store_si256(words, _mm256_add_epi64(_mm256_load_si256(words), change));
}

static inline void lower_both(void *words, int64_t x)
{
	const __m128i value = _mm_cvtsi64_si128(x);
	const __m128i both = _mm_unpacklo_epi64(value, _mm_sub_epi64(_mm_setzero_si128(), value));
	const __m128i old = _mm_load_si128(words);
	_mm_store_si128(words, _mm_blendv_epi8(old, both, _mm_cmpgt_epi64(old, both)));
}

/* ---- 64 bytes of text ---- */

typedef struct {
	__m256i low, high;
} block;

static inline block block_load(const unsigned char *text)
{
	return (block){ _mm256_loadu_si256((const __m256i *)(const void *)text),
			_mm256_loadu_si256((const __m256i *)(const void *)(text + 32)) };
}

static inline uint64_t block_find(block a, unsigned char byte)
{
	__m256i pattern = _mm256_set1_epi8((char)byte);
	uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a.low, pattern));
	uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a.high, pattern));
	return (uint64_t)high << 32 | low;
}

static inline uint64_t parity_up_to(uint64_t a)
{
	__m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)a),
					       _mm_set1_epi8((char)0xff), 0);
	return (uint64_t)_mm_cvtsi128_si64(product);
}

static inline uint32_t *store_positions(uint32_t *positions, uint64_t mask, uint32_t base)
{
	int n = __builtin_popcountll(mask);
	/* Eight at a time unconditionally: more than eight are rare, so the branch is well
	 * predicted. */
	for (int i = 0; i < n; i += 8)
		for (int k = 0; k < 8; k++) {
			positions[i + k] = base + (uint32_t)_tzcnt_u64(mask);
			mask &= mask - 1;
		}
	return positions + n;
}
