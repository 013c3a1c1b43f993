/* simd_avx512.h - eight 64-bit lanes: AVX-512 F, BW, DQ, VL and VBMI2
 *
 * Kernels are written once, as templates, in a common vocabulary; each simd_*.h defines it for
 * one instruction set. This header opens a region of functions compiled for that set, and
 * simd_end.h closes it, so that no code outside requires it of the CPU and no compiler flag
 * changes. A header for instructions that every CPU of its architecture has opens no region and
 * leaves LANES_REGION undefined.
 *
 * Shape   a comparison yields all ones or all zeros per lane (or byte); `bits` yields one bit
 *         per lane
 */
#include <immintrin.h>
#include <stdint.h>

#define LANES_REGION
#ifdef __clang__
/* clang-format off */
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,avx2,bmi,bmi2,pclmul,popcnt"))), apply_to = function)
/* clang-format on */
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,avx2,bmi,bmi2,pclmul,popcnt")
#endif

enum { LANES = 8 };
typedef __m512i lanes;

/* The CPU supports it, and the operating system saves its registers; the builtin checks both. */
static inline int simd_usable(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx2") &&
	       __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
	       __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("popcnt");
}

/* ---- 64-bit lanes ---- */

static inline lanes same(uint64_t value)
{
	return _mm512_set1_epi64((long long)value);
}

/* The same value, hidden from the optimiser. */
static inline lanes opaque(lanes a)
{
	__asm__("" : "+v"(a));
	return a;
}

static inline lanes load(const int64_t *values)
{
	return _mm512_loadu_si512(values);
}

/* The values in ordinary 32-bit words. */
static inline lanes load_halves(const uint32_t *values)
{
	return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)values));
}

/* LANES words of a text. */
static inline lanes load_bytes(const unsigned char *text)
{
	return _mm512_loadu_si512(text);
}

static inline void store(int64_t *values, lanes a)
{
	_mm512_storeu_si512(values, a);
}

static inline lanes bit_and(lanes a, lanes b)
{
	return _mm512_and_si512(a, b);
}

static inline lanes bit_or(lanes a, lanes b)
{
	return _mm512_or_si512(a, b);
}

static inline lanes bit_xor(lanes a, lanes b)
{
	return _mm512_xor_si512(a, b);
}

/* a where the bits of `mask` are set, else b. */
static inline lanes choose(lanes mask, lanes a, lanes b)
{
	return _mm512_ternarylogic_epi64(mask, a, b, 0xca);
}

static inline lanes add(lanes a, lanes b)
{
	return _mm512_add_epi64(a, b);
}

static inline uint64_t sum_of_lanes(lanes a)
{
	/* _mm512_reduce_add_epi64 of gcc adds signed integers, which may not overflow. */
	const __m256i fours = _mm256_add_epi64(_mm512_castsi512_si256(a),
					       _mm512_extracti64x4_epi64(a, 1));
	const __m128i pairs = _mm_add_epi64(_mm256_castsi256_si128(fours),
					    _mm256_extracti128_si256(fours, 1));
	return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(pairs, _mm_unpackhi_epi64(pairs, pairs)));
}

static inline lanes subtract(lanes a, lanes b)
{
	return _mm512_sub_epi64(a, b);
}

/* Products of the low halves, signed and unsigned. */
static inline lanes multiply_signed(lanes a, lanes b)
{
	return _mm512_mul_epi32(a, b);
}

static inline lanes multiply_halves(lanes a, lanes b)
{
	return _mm512_mul_epu32(a, b);
}

static inline lanes multiply(lanes a, lanes b)
{
	return _mm512_mullo_epi64(a, b);
}

static inline lanes minimum(lanes a, lanes b)
{
	return _mm512_min_epi64(a, b);
}

static inline lanes maximum(lanes a, lanes b)
{
	return _mm512_max_epi64(a, b);
}

static inline lanes magnitude(lanes a)
{
	return _mm512_abs_epi64(a);
}

typedef __m512d double_lanes;

/* The quotients of integers below 2^51 in magnitude by a power of ten, rounded to nearest; `reciprocal` is
 * 1 / divisor, rounded to nearest. */
static inline double_lanes divide(lanes a, double divisor, double reciprocal)
{
	const __m512d dividend = _mm512_cvtepi64_pd(a), by = _mm512_set1_pd(divisor);
	const __m512d factor = _mm512_set1_pd(reciprocal),
		      quotient = _mm512_mul_pd(dividend, factor);
	const __m512d rest = _mm512_fnmadd_pd(quotient, by, dividend);
	return _mm512_fmadd_pd(rest, factor, quotient);
}

/* The bits of doubles. */
static inline lanes load_doubles(const double *values)
{
	return _mm512_loadu_si512(values);
}

static inline void store_doubles(double *values, double_lanes a)
{
	_mm512_storeu_pd(values, a);
}

#define shift_left(a, n) _mm512_slli_epi64(a, n)
#define shift_right(a, n) _mm512_srli_epi64(a, n)

/* Each lane is shifted by its own count, from 0 to 64; 64 gives 0. */
static inline lanes shift_left_each(lanes a, lanes counts)
{
	return _mm512_sllv_epi64(a, counts);
}

static inline lanes shift_right_each(lanes a, lanes counts)
{
	return _mm512_srlv_epi64(a, counts);
}

/* High half minus low half of each lane, modulo 2^32. */
static inline lanes halves_difference(lanes a)
{
	return _mm512_maskz_sub_epi32(0x5555, _mm512_srli_epi64(a, 32), a);
}

static inline lanes equal(lanes a, lanes b)
{
	return _mm512_movm_epi64(_mm512_cmpeq_epi64_mask(a, b));
}

static inline lanes greater(lanes a, lanes b)
{
	return _mm512_movm_epi64(_mm512_cmpgt_epi64_mask(a, b));
}

/* Bit i: lane i of a comparison. */
static inline unsigned bits(lanes mask)
{
	return _mm512_movepi64_mask(mask);
}

/* bits(equal(a, b)) and bits(greater(a, b)), for comparisons without other uses. */
static inline unsigned which_equal(lanes a, lanes b)
{
	return _mm512_cmpeq_epi64_mask(a, b);
}

static inline unsigned which_greater(lanes a, lanes b)
{
	return _mm512_cmpgt_epi64_mask(a, b);
}

/* Bit i: lane i of `a` is at most that of `b`, unsigned. */
static inline unsigned which_not_above(lanes a, lanes b)
{
	return _mm512_cmple_epu64_mask(a, b);
}

/* Stores the lanes whose bits are set in `which` side by side; may write all LANES. */
static inline void store_some(int64_t *values, lanes a, unsigned which)
{
	_mm512_storeu_si512(values, _mm512_maskz_compress_epi64((__mmask8)which, a));
}

/* ---- bytes of lanes ---- */

static inline lanes equal_bytes(lanes a, lanes b)
{
	return _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(a, b));
}

/* Bit i: byte i, counted over all lanes, is equal in both. */
static inline uint64_t match_bytes(lanes a, lanes b)
{
	return _mm512_cmpeq_epi8_mask(a, b);
}

/* True if some byte, or some lane, of `a` is greater than that of `b`, unsigned. */
static inline int any_byte_above(lanes a, lanes b)
{
	return _mm512_cmpgt_epu8_mask(a, b) != 0;
}

static inline int any_above(lanes a, lanes b)
{
	return _mm512_cmpgt_epu64_mask(a, b) != 0;
}

static inline lanes subtract_bytes(lanes a, lanes b)
{
	return _mm512_sub_epi8(a, b);
}

static inline lanes maximum_bytes(lanes a, lanes b)
{
	return _mm512_max_epu8(a, b);
}

/* Sum of the bytes of each lane. */
static inline lanes sum_bytes(lanes a)
{
	return _mm512_sad_epu8(a, _mm512_setzero_si512());
}

/* Sums of products of neighbours: bytes by weights below 128, then 16 by 16 bits, signed. */
static inline lanes pair_bytes(lanes a, lanes weights)
{
	return _mm512_maddubs_epi16(a, weights);
}

static inline lanes pair_words(lanes a, lanes weights)
{
	return _mm512_madd_epi16(a, weights);
}

/* table[index] for each lane. */
static inline lanes gather_table(const int64_t *table, lanes index)
{
	return _mm512_i64gather_epi64(index, (const long long *)table, 8);
}

/* ---- groups ---- */

/* words[0] += x, words[1] += x * x, words[2] += 1, for -2^31 < x < 2^31; `words` is aligned to four of them. */
static inline void add_number(void *words, int64_t x)
{
	const __m128i value = _mm_cvtsi64_si128(x);
	const __m128i powers = _mm_unpacklo_epi64(value, _mm_mul_epi32(value, value));
	const __m256i one = _mm256_set_epi64x(0, 1, 0, 0);
	const __m256i change = _mm256_or_si256(one, _mm256_zextsi128_si256(powers));
	_mm256_store_si256(words, _mm256_add_epi64(_mm256_load_si256(words), change));
}

/* The minima of words[0] and x, and of words[1] and -x; `words` is aligned to two of them. */
static inline void lower_both(void *words, int64_t x)
{
	const __m128i value = _mm_cvtsi64_si128(x);
	const __m128i both = _mm_unpacklo_epi64(value, _mm_sub_epi64(_mm_setzero_si128(), value));
	_mm_store_si128(words, _mm_min_epi64(_mm_load_si128(words), both));
}

/* ---- 64 bytes of text ---- */

typedef __m512i block;

static inline block block_load(const unsigned char *text)
{
	return _mm512_loadu_si512(text);
}

static inline uint64_t block_find(block a, unsigned char byte)
{
	return _mm512_cmpeq_epi8_mask(a, _mm512_set1_epi8((char)byte));
}

/* Bit i: the parity of bits 0 to i. */
static inline uint64_t parity_up_to(uint64_t a)
{
	__m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)a),
					       _mm_set1_epi8((char)0xff), 0);
	return (uint64_t)_mm_cvtsi128_si64(product);
}

/* Stores base + i for each bit i of `mask` and returns the pointer after them; writes in steps
 * of 16. */
static inline uint32_t *store_positions(uint32_t *positions, uint64_t mask, uint32_t base)
{
	const __m512i iota = _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50,
					     49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36,
					     35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22,
					     21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8,
					     7, 6, 5, 4, 3, 2, 1, 0);
	const __m512i bases = _mm512_set1_epi32((int)base);
	__m512i found = _mm512_maskz_compress_epi8(mask, iota);
	int n = __builtin_popcountll(mask);
#define STORE_16(part)                                             \
	_mm512_storeu_si512(positions + 16 * (part),               \
			    _mm512_add_epi32(bases,                \
					     _mm512_cvtepu8_epi32( \
						     _mm512_extracti32x4_epi32(found, part))))
	STORE_16(0);
	if (n > 16)
		STORE_16(1);
	if (n > 32)
		STORE_16(2);
	if (n > 48)
		STORE_16(3);
#undef STORE_16
	return positions + n;
}
