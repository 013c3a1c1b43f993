/* batch_sums_avx512.c - batch_sums_template.h and batch_powers_template.h, compiled for AVX-512 with base/simd_avx512.h */
#include "stats/batch_sums_kernels.h"

#if defined __x86_64__

#include "base/simd_avx512.h"
#include "stats/batch_sums_template.h"

#include "stats/batch_powers_template.h"

void csvr_batch_sums_avx512(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums)
{
	sum_batch(values, n_values, sums);
}

bool csvr_batch_powers_avx512(const int64_t *values, size_t n_values,
			      struct csvr_batch_powers *powers)
{
	return power_batch(values, n_values, powers);
}

#include "base/simd_end.h"

#endif
