/* simd_neon.h - two 64-bit lanes: NEON of AArch64
 *
 * The vocabulary of simd_avx512.h, which documents it. Every AArch64 CPU has NEON, so this
 * header opens no region and needs no CPU check.
 */
#include <arm_neon.h>
#include <stdint.h>

enum { LANES = 2 };
typedef uint64x2_t lanes;

static inline int simd_usable(void)
{
	return 1;
}

/* The same bits as other types. */
static inline int64x2_t as_signed(lanes a)
{
	return vreinterpretq_s64_u64(a);
}

static inline uint8x16_t as_bytes(lanes a)
{
	return vreinterpretq_u8_u64(a);
}

/* ---- 64-bit lanes ---- */

static inline lanes same(uint64_t value)
{
	return vdupq_n_u64(value);
}

static inline lanes opaque(lanes a)
{
	__asm__("" : "+w"(a));
	return a;
}

static inline lanes load(const int64_t *values)
{
	return vreinterpretq_u64_s64(vld1q_s64(values));
}

static inline lanes load_halves(const uint32_t *values)
{
	return vmovl_u32(vld1_u32(values));
}

static inline lanes load_bytes(const unsigned char *text)
{
	return vreinterpretq_u64_u8(vld1q_u8(text));
}

static inline void store(int64_t *values, lanes a)
{
	vst1q_s64(values, as_signed(a));
}

static inline lanes bit_and(lanes a, lanes b)
{
	return vandq_u64(a, b);
}

static inline lanes bit_or(lanes a, lanes b)
{
	return vorrq_u64(a, b);
}

static inline lanes bit_xor(lanes a, lanes b)
{
	return veorq_u64(a, b);
}

static inline lanes choose(lanes mask, lanes a, lanes b)
{
	return vbslq_u64(mask, a, b);
}

static inline lanes add(lanes a, lanes b)
{
	return vaddq_u64(a, b);
}

static inline uint64_t sum_of_lanes(lanes a)
{
	return vaddvq_u64(a);
}

static inline lanes subtract(lanes a, lanes b)
{
	return vsubq_u64(a, b);
}

static inline lanes multiply_signed(lanes a, lanes b)
{
	return vreinterpretq_u64_s64(vmull_s32(vmovn_s64(as_signed(a)), vmovn_s64(as_signed(b))));
}

static inline lanes multiply_halves(lanes a, lanes b)
{
	return vmull_u32(vmovn_u64(a), vmovn_u64(b));
}

static inline lanes multiply(lanes a, lanes b)
{
	/* The cross products with the high halves, of which only the low 32 bits count, plus the
	 * product of the low halves. */
	uint32x4_t halves = vreinterpretq_u32_u64(a);
	uint32x4_t swapped = vrev64q_u32(vreinterpretq_u32_u64(b));
	uint64x2_t cross = vpaddlq_u32(vmulq_u32(halves, swapped));
	return vaddq_u64(multiply_halves(a, b), vshlq_n_u64(cross, 32));
}

static inline lanes equal(lanes a, lanes b)
{
	return vceqq_u64(a, b);
}

static inline lanes greater(lanes a, lanes b)
{
	return vcgtq_s64(as_signed(a), as_signed(b));
}

static inline lanes minimum(lanes a, lanes b)
{
	return vbslq_u64(greater(a, b), b, a);
}

static inline lanes maximum(lanes a, lanes b)
{
	return vbslq_u64(greater(a, b), a, b);
}

static inline lanes magnitude(lanes a)
{
	return vreinterpretq_u64_s64(vabsq_s64(as_signed(a)));
}

typedef float64x2_t double_lanes;

static inline double_lanes divide(lanes a, double divisor, double reciprocal)
{
	(void)reciprocal;
	return vdivq_f64(vcvtq_f64_s64(as_signed(a)), vdupq_n_f64(divisor));
}

static inline lanes load_doubles(const double *values)
{
	return vreinterpretq_u64_f64(vld1q_f64(values));
}

static inline void store_doubles(double *values, double_lanes a)
{
	vst1q_f64(values, a);
}

#define shift_left(a, n) vshlq_n_u64(a, n)
#define shift_right(a, n) vshrq_n_u64(a, n)

/* The instruction uses the low byte of a count, signed: negative counts shift right. */
static inline lanes shift_left_each(lanes a, lanes counts)
{
	return vshlq_u64(a, as_signed(counts));
}

static inline lanes shift_right_each(lanes a, lanes counts)
{
	return vshlq_u64(a, vnegq_s64(as_signed(counts)));
}

static inline lanes halves_difference(lanes a)
{
	return vmovl_u32(vsub_u32(vshrn_n_u64(a, 32), vmovn_u64(a)));
}

static inline unsigned bits(lanes mask)
{
	const uint64x2_t weights = vcombine_u64(vcreate_u64(1), vcreate_u64(2));
	return (unsigned)vaddvq_u64(vandq_u64(mask, weights));
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
	store(values, which == 2 ? vdupq_laneq_u64(a, 1) : a);
}

/* ---- bytes of lanes ---- */

/* Bit i in byte i of eight bytes: pairwise sums of a masked comparison then give one bit per
 * byte. */
#define BYTE_BITS UINT64_C(0x8040201008040201)

static inline lanes equal_bytes(lanes a, lanes b)
{
	return vreinterpretq_u64_u8(vceqq_u8(as_bytes(a), as_bytes(b)));
}

static inline uint64_t match_bytes(lanes a, lanes b)
{
	uint8x16_t found = as_bytes(vandq_u64(equal_bytes(a, b), vdupq_n_u64(BYTE_BITS)));
	for (int i = 0; i < 3; i++)
		found = vpaddq_u8(found, found);
	return vgetq_lane_u16(vreinterpretq_u16_u8(found), 0);
}

static inline int any_byte_above(lanes a, lanes b)
{
	/* Four bits of each byte suffice, and fit an ordinary register. */
	uint8x16_t above = vcgtq_u8(as_bytes(a), as_bytes(b));
	uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(above), 4);
	return vget_lane_u64(vreinterpret_u64_u8(narrow), 0) != 0;
}

static inline int any_above(lanes a, lanes b)
{
	return vget_lane_u64(vreinterpret_u64_u32(vmovn_u64(vcgtq_u64(a, b))), 0) != 0;
}

static inline lanes subtract_bytes(lanes a, lanes b)
{
	return vreinterpretq_u64_u8(vsubq_u8(as_bytes(a), as_bytes(b)));
}

static inline lanes maximum_bytes(lanes a, lanes b)
{
	return vreinterpretq_u64_u8(vmaxq_u8(as_bytes(a), as_bytes(b)));
}

static inline lanes sum_bytes(lanes a)
{
	return vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(as_bytes(a))));
}

static inline lanes pair_bytes(lanes a, lanes weights)
{
	uint16x8_t low = vmull_u8(vget_low_u8(as_bytes(a)), vget_low_u8(as_bytes(weights)));
	uint16x8_t high = vmull_high_u8(as_bytes(a), as_bytes(weights));
	return vreinterpretq_u64_u16(vpaddq_u16(low, high));
}

static inline lanes pair_words(lanes a, lanes weights)
{
	int16x8_t words = vreinterpretq_s16_u64(a), by = vreinterpretq_s16_u64(weights);
	int32x4_t low = vmull_s16(vget_low_s16(words), vget_low_s16(by));
	return vreinterpretq_u64_s32(vpaddq_s32(low, vmull_high_s16(words, by)));
}

static inline lanes gather_table(const int64_t *table, lanes index)
{
	int64x1_t low = vld1_s64(table + vgetq_lane_u64(index, 0));
	int64x1_t high = vld1_s64(table + vgetq_lane_u64(index, 1));
	return vreinterpretq_u64_s64(vcombine_s64(low, high));
}

/* ---- groups ---- */

static inline void add_number(void *words, int64_t x)
{
	int64_t *at = words;
	const lanes powers = vcombine_u64(vcreate_u64((uint64_t)x), vcreate_u64((uint64_t)(x * x)));
	store(at, add(load(at), powers));
	store(at + 2, add(load(at + 2), vcombine_u64(vcreate_u64(1), vcreate_u64(0))));
}

static inline void lower_both(void *words, int64_t x)
{
	const lanes both = vcombine_u64(vcreate_u64((uint64_t)x), vcreate_u64((uint64_t)-x));
	store(words, minimum(load(words), both));
}

/* ---- 64 bytes of text ---- */

typedef struct {
	uint8x16_t part[4];
} block;

static inline block block_load(const unsigned char *text)
{
	return (block){ { vld1q_u8(text), vld1q_u8(text + 16), vld1q_u8(text + 32),
			  vld1q_u8(text + 48) } };
}

static inline uint64_t block_find(block a, unsigned char byte)
{
	const uint8x16_t pattern = vdupq_n_u8(byte), weights = as_bytes(same(BYTE_BITS));
	uint8x16_t found[4];
	for (int i = 0; i < 4; i++)
		found[i] = vandq_u8(vceqq_u8(a.part[i], pattern), weights);
	/* Sums of 2, 4 and 8 neighbours, until 64 bytes become 64 bits. */
	uint8x16_t sums = vpaddq_u8(vpaddq_u8(found[0], found[1]), vpaddq_u8(found[2], found[3]));
	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

/* A carry-less product needs an extension that not every AArch64 CPU has. */
static inline uint64_t parity_up_to(uint64_t a)
{
	for (int n = 1; n < 64; n *= 2)
		a ^= a << n;
	return a;
}

static inline uint32_t *store_positions(uint32_t *positions, uint64_t mask, uint32_t base)
{
	int n = __builtin_popcountll(mask);
	const uint64_t top = UINT64_C(1) << 63;
	/* Eight at a time unconditionally, as in simd_avx2.h. Entries after the last bit are
	 * ignored, but the builtin is undefined for 0, so the top bit is set. */
	for (int i = 0; i < n; i += 8)
		for (int k = 0; k < 8; k++) {
			positions[i + k] = base + (uint32_t)__builtin_ctzll(mask | top);
			mask &= mask - 1;
		}
	return positions + n;
}
