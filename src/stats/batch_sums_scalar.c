/* batch_sums_scalar.c - batch_sums_template.h, compiled for any CPU with base/simd_scalar.h */
#include "stats/batch_sums_kernels.h"

#include "base/simd_scalar.h"
#include "stats/batch_sums_template.h"

void csvr_batch_sums_scalar(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums)
{
	sum_batch(values, n_values, sums);
}
