/* totals_scalar.c - the template in the words of base/lanes_scalar.h */
#include "stats/totals_kernels.h"

#include "base/lanes_scalar.h"
#include "stats/totals_template.h"

void csvr_batch_sums_scalar(const int64_t *values, size_t n_values, struct csvr_batch_sums *t)
{
	totals(values, n_values, t);
}
