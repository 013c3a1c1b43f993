/* batch_sums_scalar.c - the template in terms of base/simd_scalar.h */
#include "stats/batch_sums_kernels.h"

#include "base/simd_scalar.h"
#include "stats/batch_sums_template.h"

void csvr_batch_sums_scalar(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums)
{
	sum_batch(values, n_values, sums);
}
